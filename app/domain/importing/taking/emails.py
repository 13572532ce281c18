"""Addresses for imported accounts, from a list that the dump does not have: their owners can then claim them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sqlmodel import Session, col, select

from app.core.addresses import email_key, parse_email
from app.core.db import atomic
from app.core.errors import Invalid
from app.domain.importing.source.dump import DumpError
from app.domain.importing.taking.run import Run
from app.models import User

_AT_ONCE = 1000


@dataclass
class AddressReport:
    """How many addresses were set, and why others were not."""

    number: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def sentences(self) -> list[str]:
        """Return the report in words."""
        reasons = [f"{number:,} not: {reason}." for reason, number in self.left_out.most_common()]
        return [f"E-mail addresses set: {self.number:,}.", *reasons]


def set_emails(db: Session, run: Run, path: Path) -> AddressReport:
    """Set the unverified addresses of accounts without one; a password reset to the address claims the account."""
    report = AddressReport()
    lines = _lines(path)
    while batch := list(islice(lines, _AT_ONCE)):
        set_batch(db, run=run, batch=batch, report=report)
    return report


@atomic
def set_batch(db: Session, *, run: Run, batch: list[tuple[str, str]], report: AddressReport) -> None:
    """Set some addresses, in one transaction."""
    ids = run.users.find(db, (user_id for user_id, _ in batch))
    members = {row.id: row for row in db.exec(select(User).where(col(User.id).in_(ids.values())))}
    wanted = {key for key in (_key(address) for _, address in batch) if key}
    taken = set(db.exec(select(User.email_key).where(col(User.email_key).in_(wanted))))
    for user_id, address in batch:
        member, key = members.get(ids.get(user_id, 0)), _key(address)
        if member is None:
            report.left_out["their UserId is not in the dump"] += 1
        elif key is None:
            report.left_out["it is no e-mail address"] += 1
        elif member.email_key == key:
            report.left_out["the account has it already"] += 1
        elif member.email_key is not None or member.is_claimed:
            report.left_out["the account has another address already"] += 1
        elif key in taken:
            report.left_out["another account has it"] += 1
        else:
            member.email, member.email_key = parse_email(address), key
            taken.add(key)
            db.add(member)
            report.number += 1


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"UserId", "Email"} <= set(reader.fieldnames or ()):
                raise DumpError(f"{path} must begin with a line that names the columns UserId and Email.")
            for line in reader:
                yield (line["UserId"] or "").strip(), line["Email"] or ""
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DumpError(f"{path} can't be read as a list of addresses: {error}") from error


def _key(address: str) -> str | None:
    try:
        return email_key(parse_email(address))
    except Invalid:
        return None
