"""What lists of the queue are made of: conditions, orders, and what belongs to each row."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, false, func
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.errors import NotFound
from app.domain import catalog
from app.domain.queue.filters import Filters
from app.domain.queue.policy import may_work
from app.domain.queue.reading import Reading, midnight, readings, soon
from app.domain.queue.sorting import Cursor, Section
from app.domain.queue.views import Condition, Standpoint
from app.models import Escalation, EscalationReason, Question, SlaClock, Team, TeamMember, User


@dataclass(frozen=True)
class Row:
    """A case in the list. `reading` is missing when no clock of it runs."""

    case: Escalation
    reasons: Sequence[str]
    is_first_question: bool
    reading: Reading | None


def standpoint(db: Session, viewer: User | None, now: datetime) -> Standpoint:
    """Return what views depend on for this viewer; raise NotFound for whom there is no queue."""
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


def narrowed(db: Session, filters: Filters, seen: Standpoint) -> list[Condition]:
    """Return the conditions of the filters beside their view."""
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


def page_of(
    section: Section, conditions: Sequence[Condition], behind: Cursor | None
) -> SelectOfScalar[Escalation]:
    """Return the cases of a section of the order, from the place `behind` which the last page ended."""
    statement = select(Escalation).where(*conditions, *section.conditions)
    if section.key == "me_too_count":
        statement = statement.join(Question, col(Question.id) == col(Escalation.question_id))
    if behind is not None:
        statement = statement.where(behind.conditions(section))
    return loaded(statement).order_by(*section.order())


def loaded(statement: SelectOfScalar[Escalation]) -> SelectOfScalar[Escalation]:
    """Let cases come with question, asker, product, owner and team."""
    question: Any = joinedload(Escalation.question)  # type: ignore[arg-type]
    return statement.options(
        question.joinedload(Question.author),
        question.joinedload(Question.product),
        joinedload(Escalation.owner),  # type: ignore[arg-type]
        joinedload(Escalation.team),  # type: ignore[arg-type]
    )


def gathered(db: Session, cases: Sequence[Escalation], *, now: datetime) -> list[Row]:
    """Return cases as rows: with reasons, clocks and first questions, one query each."""
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


def _first_questions(db: Session, author_ids: Collection[int]) -> dict[int, int]:
    rows = db.exec(
        select(Question.author_id, func.min(Question.id))
        .where(col(Question.author_id).in_(author_ids), col(Question.removed_at).is_(None))
        .group_by(col(Question.author_id))
    )
    return dict(rows.all())
