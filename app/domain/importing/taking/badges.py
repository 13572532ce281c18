"""Badges."""

from __future__ import annotations

from sqlmodel import Session

from app.domain.importing.source.rows import BadgeRow, Parsed
from app.domain.importing.taking import bulk
from app.domain.importing.taking.run import ADAPTED, LEFT_OUT, TAKEN, Run
from app.models import BadgeAward


def take_badges(db: Session, run: Run, parsed: Parsed[BadgeRow]) -> None:
    """Take a piece of Badges.xml."""
    members = run.users.find(db, {row.user for row in parsed.rows})
    rows = [
        {"user_id": members[row.user], "name": row.name, "metal": row.metal, "awarded_at": row.awarded_at}
        for row in parsed.rows
        if row.user in members
    ]
    bulk.insert(db, BadgeAward, rows)
    run.count("Badges", TAKEN, number=len(rows))
    if len(rows) < len(parsed.rows):
        run.count("Badges", LEFT_OUT, "its member is not in the dump", len(parsed.rows) - len(rows))
    run.count_all("Badges", LEFT_OUT, parsed.left_out)
    run.count_all("Badges", ADAPTED, parsed.adapted)
