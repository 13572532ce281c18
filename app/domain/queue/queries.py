"""Reading the queue. Everything is for those who work in it; for others there is nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from app.core.errors import NotFound
from app.domain.queue.filters import Filters, Listing
from app.domain.queue.policy import may_use, may_work
from app.domain.queue.selecting import Row, gathered, loaded, narrowed, page_of, standpoint
from app.domain.queue.sorting import SORTS, Cursor, Section, cursor
from app.domain.queue.views import VIEWS, Condition
from app.models import Escalation, EscalationPresence, SavedView, Team, User

K = TypeVar("K")

ROWS = 30
MANY = 1000
"""Counting stops here: "999+" says enough."""

PRESENT_FOR = timedelta(seconds=45)
"""Who has not said for so long that they have a case open, has it open no more."""


@dataclass(frozen=True)
class Rows:
    """A page of the list; `after` leads to the next one, "" on the last."""

    rows: Sequence[Row]
    after: str


@dataclass(frozen=True)
class Present:
    """Somebody who has a case open. `is_replying`: they are writing."""

    user: User
    is_replying: bool


def listing(
    db: Session,
    *,
    viewer: User | None,
    wanted: Listing,
    now: datetime,
    after: str = "",
    size: int = ROWS,
) -> Rows:
    """Return a page of cases, each section of the order by its index; `after` is the place to go on from."""
    seen = standpoint(db, viewer, now)
    sections = SORTS[wanted.sort]
    place = cursor(after, sort=wanted.sort)
    conditions = (*VIEWS[wanted.filters.view].conditions(seen), *narrowed(db, wanted.filters, seen))
    found: list[tuple[int, Escalation]] = []
    for number, section in enumerate(sections):
        if place is not None and number < place.section:
            continue
        behind = place if place is not None and place.section == number else None
        missing = size + 1 - len(found)
        cases = db.exec(page_of(section, conditions, behind).limit(missing)).all()
        found += [(number, case) for case in cases]
        if len(found) > size:
            break
    last = found[size - 1] if len(found) > size else None
    return Rows(
        rows=gathered(db, [case for _, case in found[:size]], now=now),
        after=_place_of(sections, *last) if last else "",
    )


def rows_of(db: Session, *, viewer: User | None, case_ids: Collection[int], now: datetime) -> list[Row]:
    """Return these cases as the list shows them, in the order of their ids."""
    standpoint(db, viewer, now)
    statement = (
        loaded(select(Escalation)).where(col(Escalation.id).in_(case_ids)).order_by(col(Escalation.id))
    )
    return gathered(db, db.exec(statement).all(), now=now)


def numbered(db: Session, *, viewer: User | None, number: int) -> int | None:
    """Return the case with this number, or else the newest of the question with it; None without either."""
    if viewer is None or not may_work(viewer):
        raise NotFound
    return db.exec(
        select(Escalation.id)
        .where(or_(col(Escalation.id) == number, col(Escalation.question_id) == number))
        .order_by((col(Escalation.id) == number).desc(), col(Escalation.id).desc())
        .limit(1)
    ).first()


def counts(db: Session, *, viewer: User | None, now: datetime) -> dict[str, int]:
    """Return how many cases each of the counted views holds, up to MANY: one statement, by indexes only."""
    seen = standpoint(db, viewer, now)
    return _counted(db, {key: view.conditions(seen) for key, view in VIEWS.items() if view.is_counted})


def narrow_counts(
    db: Session,
    *,
    viewer: User | None,
    wanted: Mapping[int, Filters],
    common: Mapping[str, int],
    now: datetime,
) -> dict[int, int]:
    """Return how many cases each of these filters leaves, by its key: what `counts` said is `common`.

    Filters within a view of MANY cases and more, or one that is not counted, are left out: finding
    what is rare there would mean to walk through all of them.
    """
    if viewer is None or not may_work(viewer):
        raise NotFound
    small = {key: filters for key, filters in wanted.items() if common.get(filters.view, MANY) < MANY}
    if not small:
        return {}
    seen = standpoint(db, viewer, now)
    return _counted(
        db,
        {
            key: (*VIEWS[filters.view].conditions(seen), *narrowed(db, filters, seen))
            for key, filters in small.items()
        },
    )


def saved_views(db: Session, *, viewer: User | None) -> Sequence[SavedView]:
    """Return the viewer's saved views and those shared with them, their own first."""
    if viewer is None or not may_work(viewer):
        raise NotFound
    rows = db.exec(
        select(SavedView)
        .where(or_(col(SavedView.owner_id) == viewer.id, col(SavedView.is_shared)))
        .order_by(col(SavedView.name))
    ).all()
    return sorted(rows, key=lambda view: view.owner_id != viewer.id)


def saved_view(db: Session, *, viewer: User | None, view_id: int) -> SavedView:
    """Return a saved view that the viewer may use; raise NotFound."""
    view = db.get(SavedView, view_id)
    if view is None or not may_use(viewer, view):
        raise NotFound
    return view


def present(
    db: Session, *, viewer: User | None, case_ids: Collection[int], now: datetime
) -> dict[int, list[Present]]:
    """Return who else has these cases open, by case; cases without anybody are missing."""
    if viewer is None or not may_work(viewer):
        raise NotFound
    rows = db.exec(
        select(EscalationPresence, User)
        .join(User, col(User.id) == col(EscalationPresence.user_id))
        .where(
            col(EscalationPresence.escalation_id).in_(case_ids),
            col(EscalationPresence.seen_at) > now - PRESENT_FOR,
            col(EscalationPresence.user_id) != viewer.id,
        )
        .order_by(col(User.display_name))
    )
    found: dict[int, list[Present]] = {}
    for row, user in rows:
        found.setdefault(row.escalation_id, []).append(Present(user, row.doing == "replying"))
    return found


def colleagues(db: Session) -> Sequence[User]:
    """Return who can own cases, by name."""
    return db.exec(
        select(User)
        .where(col(User.support_role).in_(("agent", "lead")), col(User.deleted_at).is_(None))
        .order_by(col(User.display_name))
    ).all()


def teams(db: Session) -> Sequence[Team]:
    """Return the teams that take cases, by name."""
    return db.exec(select(Team).where(col(Team.retired_at).is_(None)).order_by(col(Team.name))).all()


def _counted(db: Session, wanted: Mapping[K, Sequence[Condition]]) -> dict[K, int]:
    counted = [
        select(func.count())
        .select_from(select(Escalation.id).where(*conditions).limit(MANY).subquery())
        .scalar_subquery()
        for conditions in wanted.values()
    ]
    return dict(zip(wanted, db.execute(select(*counted)).one(), strict=True))


def _place_of(sections: Sequence[Section], number: int, case: Escalation) -> str:
    section = sections[number]
    return str(Cursor(number, section.value(case) if section.key else None, case.id or 0))
