"""Orders of the queue that move while they are read: a snapshot of who stood where."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from app.domain.queue.filters import Listing
from app.domain.queue.selecting import Row, gathered, loaded, narrowed, standpoint
from app.domain.queue.sorting import SORTS
from app.domain.queue.views import VIEWS
from app.models import Escalation, Question, User


def ranked_ids(db: Session, *, viewer: User | None, wanted: Listing, now: datetime, limit: int) -> list[int]:
    """Return the ids of the first cases of a list, in its order."""
    seen = standpoint(db, viewer, now)
    conditions = (*VIEWS[wanted.filters.view].conditions(seen), *narrowed(db, wanted.filters, seen))
    found: list[int] = []
    for section in SORTS[wanted.sort]:
        statement = select(Escalation.id).where(*conditions, *section.conditions)
        if section.key == "me_too_count":
            statement = statement.join(Question, col(Question.id) == col(Escalation.question_id))
        rows = db.exec(statement.order_by(*section.order()).limit(limit - len(found)))
        found += [number for number in rows if number is not None]
        if len(found) == limit:
            break
    return found


def still_listed(
    db: Session, *, viewer: User | None, wanted: Listing, ids: Sequence[int], now: datetime
) -> list[Row]:
    """Return those of the cases that belong to the list now, in the order of `ids`."""
    seen = standpoint(db, viewer, now)
    conditions = (*VIEWS[wanted.filters.view].conditions(seen), *narrowed(db, wanted.filters, seen))
    rows = db.exec(loaded(select(Escalation)).where(col(Escalation.id).in_(ids), *conditions)).all()
    place = {number: at for at, number in enumerate(ids)}
    return gathered(db, sorted(rows, key=lambda case: place[case.id or 0]), now=now)
