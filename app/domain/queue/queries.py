"""Reading the queue. Everything is for those who work in it; for others there is nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, false, func, or_
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.errors import NotFound
from app.domain import catalog
from app.domain.queue.filters import Filters, Listing
from app.domain.queue.policy import may_use, may_work
from app.domain.queue.reading import Reading, midnight, readings, soon
from app.domain.queue.sorting import SORTS, Cursor, Section, cursor
from app.domain.queue.views import VIEWS, Condition, Standpoint
from app.models import (
    Escalation,
    EscalationPresence,
    EscalationReason,
    Question,
    SavedView,
    SlaClock,
    Team,
    TeamMember,
    User,
)

ROWS = 30
MANY = 1000
"""Counting stops here: "999+" says enough."""

PRESENT_FOR = timedelta(seconds=45)
"""Who has not said for so long that they have a case open, has it open no more."""


@dataclass(frozen=True)
class Row:
    """A case in the list. `reading` is missing when no clock of it runs."""

    case: Escalation
    reasons: Sequence[str]
    is_first_question: bool
    reading: Reading | None


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
    seen = _standpoint(db, viewer, now)
    sections = SORTS[wanted.sort]
    place = cursor(after, sort=wanted.sort)
    conditions = (*VIEWS[wanted.filters.view].conditions(seen), *_narrowed(db, wanted.filters, seen))
    found: list[tuple[int, Escalation]] = []
    for number, section in enumerate(sections):
        if place is not None and number < place.section:
            continue
        behind = place if place is not None and place.section == number else None
        missing = size + 1 - len(found)
        cases = db.exec(_page(section, conditions, behind).limit(missing)).all()
        found += [(number, case) for case in cases]
        if len(found) > size:
            break
    last = found[size - 1] if len(found) > size else None
    return Rows(
        rows=_rows(db, [case for _, case in found[:size]], now=now),
        after=_place_of(sections, *last) if last else "",
    )


def rows_of(db: Session, *, viewer: User | None, case_ids: Collection[int], now: datetime) -> list[Row]:
    """Return these cases as the list shows them, in the order of their ids."""
    _standpoint(db, viewer, now)
    statement = (
        _loaded(select(Escalation)).where(col(Escalation.id).in_(case_ids)).order_by(col(Escalation.id))
    )
    return _rows(db, db.exec(statement).all(), now=now)


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
    """Return how many cases each of the common views holds, up to MANY: one statement, by indexes only."""
    seen = _standpoint(db, viewer, now)
    counted = [
        select(func.count())
        .select_from(select(Escalation.id).where(*view.conditions(seen)).limit(MANY).subquery())
        .scalar_subquery()
        .label(key)
        for key, view in VIEWS.items()
    ]
    row = db.execute(select(*counted)).mappings().one()
    return {key: row[key] for key in VIEWS}


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


def _standpoint(db: Session, viewer: User | None, now: datetime) -> Standpoint:
    if viewer is None or viewer.id is None or not may_work(viewer):
        raise NotFound
    mine = select(TeamMember.team_id).where(TeamMember.user_id == viewer.id).order_by(col(TeamMember.team_id))
    return Standpoint(
        user_id=viewer.id,
        team_ids=db.exec(mine).all(),
        now=now,
        soon=soon(db, now),
        midnight=midnight(db, now),
    )


def _narrowed(db: Session, filters: Filters, seen: Standpoint) -> list[Condition]:
    conditions: list[Condition] = [
        col(getattr(Escalation, column)).in_(getattr(filters, name))
        for name, column in (("state", "state"), ("priority", "priority"), ("metric", "next_metric"))
        if getattr(filters, name)
    ]
    if filters.reason:
        conditions.append(_has_reason(filters.reason))
    if filters.owner:
        conditions.append(_owned(db, filters.owner, seen))
    if filters.team:
        team_id = db.exec(select(Team.id).where(Team.slug == filters.team)).first()
        conditions.append(col(Escalation.team_id) == team_id if team_id else false())
    of_question = _of_question(db, filters)
    if of_question:
        conditions.append(exists().where(Question.id == Escalation.question_id, *of_question))  # type: ignore[arg-type]
    return conditions


def _has_reason(codes: Collection[str]) -> Condition:
    return exists().where(
        col(EscalationReason.escalation_id) == col(Escalation.id), col(EscalationReason.code).in_(codes)
    )


def _owned(db: Session, owner: str, seen: Standpoint) -> Condition:
    if owner == "none":
        return col(Escalation.owner_id).is_(None)
    if owner == "me":
        return col(Escalation.owner_id) == seen.user_id
    owner_id = db.exec(select(User.id).where(User.handle == owner)).first()
    return col(Escalation.owner_id) == owner_id if owner_id else false()


def _of_question(db: Session, filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.product:
        conditions.append(col(Question.product_id).in_(_product_ids(db, filters.product)))
    title = func.lower(col(Question.title))
    conditions += [title.contains(word.lower(), autoescape=True) for word in filters.find.split()]
    return conditions


def _product_ids(db: Session, slug: str) -> list[int]:
    try:
        return catalog.descendant_ids(db, catalog.product_by_slug(db, slug).id or 0)
    except NotFound:
        return []  # an old address: the product was renamed, nothing is found


def _page(
    section: Section, conditions: Sequence[Condition], behind: Cursor | None
) -> SelectOfScalar[Escalation]:
    statement = select(Escalation).where(*conditions, *section.conditions)
    if section.key == "me_too_count":
        statement = statement.join(Question, col(Question.id) == col(Escalation.question_id))
    if behind is not None:
        statement = statement.where(behind.conditions(section))
    return _loaded(statement).order_by(*section.order())


def _loaded(statement: SelectOfScalar[Escalation]) -> SelectOfScalar[Escalation]:
    question: Any = joinedload(Escalation.question)  # type: ignore[arg-type]
    return statement.options(
        question.joinedload(Question.author),
        question.joinedload(Question.product),
        joinedload(Escalation.owner),  # type: ignore[arg-type]
        joinedload(Escalation.team),  # type: ignore[arg-type]
    )


def _place_of(sections: Sequence[Section], number: int, case: Escalation) -> str:
    section = sections[number]
    return str(Cursor(number, section.value(case) if section.key else None, case.id or 0))


def _rows(db: Session, cases: Sequence[Escalation], *, now: datetime) -> list[Row]:
    """Gather what belongs to a page of cases: reasons, clocks and first questions, one query each."""
    ids = [case.id or 0 for case in cases]
    reasons: dict[int, list[str]] = {number: [] for number in ids}
    found = db.exec(
        select(EscalationReason.escalation_id, EscalationReason.code)
        .where(col(EscalationReason.escalation_id).in_(ids))
        .order_by(col(EscalationReason.id))
    )
    for case_id, code in found:
        if code not in reasons[case_id]:
            reasons[case_id].append(code)
    first = _first_questions(db, {case.question.author_id for case in cases})
    clocks = db.exec(
        select(SlaClock).where(col(SlaClock.escalation_id).in_(ids), col(SlaClock.ended_at).is_(None))
    ).all()
    read = readings(db, clocks, now=now)
    return [
        Row(
            case=case,
            reasons=reasons[case.id or 0],
            is_first_question=first.get(case.question.author_id) == case.question_id,
            reading=read.get((case.id or 0, case.next_metric or "")),
        )
        for case in cases
    ]


def _first_questions(db: Session, author_ids: Collection[int]) -> dict[int, int]:
    rows = db.exec(
        select(Question.author_id, func.min(Question.id))
        .where(col(Question.author_id).in_(author_ids), col(Question.removed_at).is_(None))
        .group_by(col(Question.author_id))
    )
    return dict(rows.all())
