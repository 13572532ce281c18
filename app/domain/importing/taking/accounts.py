"""Accounts: those of Users.xml, and those of authors whom the dump only names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from app.core.handles import MAX_LENGTH, skeleton, suggest_handle
from app.domain.importing.source.rows import Author, Parsed, UserRow
from app.domain.importing.source.texts import clean_name, display_name
from app.domain.importing.taking import bulk
from app.domain.importing.taking.run import ADAPTED, LEFT_OUT, TAKEN, Run
from app.models import ReputationEntry, User

COMMUNITY = "-1"
NOBODY = ("name", "")

_NAME_KEY = 60


class _Draft(NamedTuple):
    """An account to be made for the `kind` and `key` of a source."""

    kind: str
    key: str
    handle: str
    facts: UserRow


def take_users(db: Session, run: Run, parsed: Parsed[UserRow]) -> None:
    """Make the accounts of a piece of Users.xml."""
    present = run.users.find(db, (row.id for row in parsed.rows))
    drafts: dict[str, _Draft] = {}
    for row in parsed.rows:
        if row.id in present or row.id in drafts:
            run.count("Users", LEFT_OUT, "its Id occurs twice")
            continue
        wanted = f"community {run.source}" if row.id == COMMUNITY else row.name
        drafts[row.id] = _Draft("user", row.id, suggest_handle(clean_name(wanted)), row)
    _create(db, run, list(drafts.values()))
    run.count("Users", TAKEN, number=len(drafts))
    run.count_all("Users", LEFT_OUT, parsed.left_out)
    run.count_all("Users", ADAPTED, parsed.adapted)


def resolve(db: Session, run: Run, mentions: Mapping[Author, datetime]) -> dict[Author, int]:
    """Return the account of each author, made now where the dump has none; `mentions` tells since when they wrote.

    An account whose id is missing in Users.xml, and each distinct name without an account, becomes
    an attributed author that nobody can claim. Whoever is not even named shares one account.
    """
    by_key = {author: _key(author) for author in mentions}
    users = run.users.find(db, (key for kind, key in by_key.values() if kind == "user"))
    names = run.names.find(db, (key for kind, key in by_key.values() if kind == "name"))
    known = {("user", key): number for key, number in users.items()}
    known |= {("name", key): number for key, number in names.items()}
    since: dict[tuple[str, str], datetime] = {}
    for author, at in mentions.items():
        key = by_key[author]
        if key not in known:
            since[key] = min(at, since.get(key, at))
    known |= _create(db, run, [_stand_in(key, at) for key, at in since.items()])
    return {author: known[key] for author, key in by_key.items()}


def earliest(mentions: Iterable[tuple[Author, datetime]]) -> dict[Author, datetime]:
    """Return each author with the first of their dates."""
    found: dict[Author, datetime] = {}
    for author, at in mentions:
        if author not in found or at < found[author]:
            found[author] = at
    return found


def _key(author: Author) -> tuple[str, str]:
    if author is None:
        return NOBODY
    kind, key = author
    return (kind, key[:20]) if kind == "user" else (kind, clean_name(key)[:_NAME_KEY])


def _stand_in(key: tuple[str, str], since: datetime) -> _Draft:
    kind, name = key
    shown = f"user{name}" if kind == "user" else name or "Unknown author"
    facts = UserRow(
        id=name,
        name=shown,
        reputation=1,
        created_at=since,
        seen_at=None,
        location="",
        about="",
        about_html="",
        email_hash=None,
    )
    return _Draft(kind, name, suggest_handle(shown), facts)


def _create(db: Session, run: Run, drafts: Sequence[_Draft]) -> dict[tuple[str, str], int]:
    ids = bulk.reserve(db, User, len(drafts))
    handles = _free_handles(db, drafts)
    rows = [
        _user(run, draft, local_id, handle)
        for draft, local_id, handle in zip(drafts, ids, handles, strict=True)
    ]
    bulk.insert(db, User, rows)
    bulk.insert(db, ReputationEntry, [_ledger_entry(run, row) for row in rows])
    created = {(draft.kind, draft.key): local_id for draft, local_id in zip(drafts, ids, strict=True)}
    run.users.keep(db, {key: local_id for (kind, key), local_id in created.items() if kind == "user"})
    run.names.keep(db, {key: local_id for (kind, key), local_id in created.items() if kind == "name"})
    return created


def _free_handles(db: Session, drafts: Sequence[_Draft]) -> list[str]:
    """Return a handle for each draft that looks like no other: as suggested, else with the id of the source."""
    choices = [_choices(draft) for draft in drafts]
    keys = sorted({skeleton(handle) for handles in choices for handle in handles})
    taken: set[str] = set()
    for at in range(0, len(keys), 1000):
        taken.update(db.exec(select(User.handle_key).where(col(User.handle_key).in_(keys[at : at + 1000]))))
    free = []
    for handles in choices:
        handle = next((choice for choice in handles if skeleton(choice) not in taken), None)
        if handle is None:
            handle = _numbered(db, handles[-1], taken)
        taken.add(skeleton(handle))
        free.append(handle)
    return free


def _choices(draft: _Draft) -> list[str]:
    suffix = "".join(c for c in draft.key if c.isdigit()) if draft.kind == "user" else ""
    return [draft.handle, _joined(draft.handle, suffix)] if suffix else [draft.handle]


def _numbered(db: Session, handle: str, taken: set[str]) -> str:
    number = 2
    while True:
        choice = _joined(handle, f"x{number}")
        key = skeleton(choice)
        if key not in taken and db.exec(select(User.id).where(User.handle_key == key)).first() is None:
            return choice
        number += 1


def _joined(handle: str, suffix: str) -> str:
    return f"{handle[: MAX_LENGTH - 1 - len(suffix)].rstrip('-._')}-{suffix}"


def _user(run: Run, draft: _Draft, local_id: int, handle: str) -> dict[str, Any]:
    facts = draft.facts
    shown = display_name(facts.name, source=run.source, otherwise=f"user{draft.key}")
    if draft.kind == "user" and shown != " ".join(facts.name.split()):
        run.count("Users", ADAPTED, "the name it is shown by was cleaned, shortened or marked")
    return {
        "id": local_id,
        "handle": handle,
        "handle_key": skeleton(handle),
        "display_name": shown,
        "claim_hash": facts.email_hash,
        "support_role": "",
        "moderation_role": "",
        "reputation": facts.reputation,
        "peak_reputation": facts.reputation,
        "location": facts.location,
        "about": facts.about,
        "about_html": facts.about_html,
        "theme": "",
        "created_at": facts.created_at,
        "last_seen_at": facts.seen_at,
        "suspended_reason": "",
    }


def _ledger_entry(run: Run, user: dict[str, Any]) -> dict[str, Any]:
    return {
        "user_id": user["id"],
        "kind": "moved_in",
        "cause": "moved_in",
        "points": user["reputation"],
        "created_at": run.now,
    }
