"""Reading questions. Every list and page of them goes through here, scoped to its viewer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Boolean, bindparam, func, or_, tuple_
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.errors import NotFound
from app.core.paging import PAGE_SIZE, PageOf, offset_of, page_of
from app.domain.questions.policy import STALE_AFTER, may_see
from app.models import EnvironmentValue, Product, Question, QuestionTag, Tag, User

SORTS = ("newest", "active", "hot", "votes", "frequent", "unanswered")

RECENT = 2_000
"""Of so many questions where something happened last a map of the site says when."""

_ORDER: dict[str, Any] = {
    "newest": Question.created_at,
    "active": Question.last_activity_at,
    "hot": Question.hot,
    "votes": Question.score,
    "frequent": Question.me_too_count,
    "unanswered": Question.created_at,
    "solved": Question.accepted_at,
}

IS_SHOWN = or_(
    col(Question.removed_at).is_(None),
    col(Question.author_id) == bindparam("viewer_id"),
    bindparam("sees_removed", type_=Boolean),
)
"""The same as policy.may_see, with the parameters of `seen_by`: what a viewer may not see costs what nothing costs."""

_IS_NAMED = col(Question.id).in_(bindparam("ids", expanding=True))


@dataclass(frozen=True)
class ListOf:
    """What a list shows: a sort of SORTS (or "solved": solved last comes first), and filters that all must hold."""

    sort: str = "active"
    product_ids: Collection[int] = field(default_factory=tuple)
    tag_id: int | None = None
    author_id: int | None = None
    status: str = ""  # "", unanswered, answered, solved
    size: int = PAGE_SIZE


@dataclass(frozen=True)
class Listed:
    """A question as a list for search engines has it."""

    id: int
    title: str
    last_activity_at: datetime


def visible(db: Session, *, viewer: User | None, question_id: int) -> Question:
    """Return the question with its author, product, tags and environment; raise NotFound."""
    question = db.exec(_whole(), params={"question_id": question_id, **seen_by(viewer)}).first()
    if question is None:
        raise NotFound
    return question


def seen_by(viewer: User | None) -> dict[str, Any]:
    """Return the parameters by which a statement tells what a viewer may see."""
    return {"viewer_id": (viewer and viewer.id) or 0, "sees_removed": viewer is not None and viewer.is_staff}


def visible_thread(db: Session, *, viewer: User | None, question_id: int) -> Question:
    """Return the question with nothing that belongs to it, for who only writes under it; raise NotFound."""
    question = db.get(Question, question_id)
    if question is None or not may_see(viewer, question):
        raise NotFound
    return question


def listing(db: Session, wanted: ListOf, *, page: int = 1) -> PageOf[Question]:
    """Return a page of a public list. Removed questions are in none, whoever looks."""
    order = _ORDER[wanted.sort]
    statement = _listed(wanted).order_by(col(order).desc(), col(Question.id).desc())
    rows = db.exec(_loaded(statement).offset(offset_of(page, wanted.size)).limit(wanted.size + 1)).all()
    return page_of(rows, number=page, size=wanted.size)


def newest_before(
    db: Session,
    wanted: ListOf,
    *,
    before: tuple[datetime, int] | None,
    but: Collection[int] = (),
) -> list[Question]:
    """Return the next rows of a public list in the order of asking, newest first, whatever `wanted.sort` is.

    `before` is the instant and id of the last one that was shown; `but` are left out. That order never
    changes, so questions that arrive meanwhile shift nothing.
    """
    statement = _listed(wanted)
    if before is not None:
        statement = statement.where(tuple_(col(Question.created_at), col(Question.id)) < tuple_(*before))
    if but:
        statement = statement.where(col(Question.id).not_in(but))
    statement = statement.order_by(col(Question.created_at).desc(), col(Question.id).desc())
    return list(db.exec(_loaded(statement).limit(wanted.size)))


def ranked_ids(db: Session, wanted: ListOf, *, limit: int) -> list[int]:
    """Return the ids of the first questions of a public list in its sort as it stands now."""
    statement = _listed(wanted).order_by(col(_ORDER[wanted.sort]).desc(), col(Question.id).desc())
    return list(db.execute(statement.with_only_columns(col(Question.id)).limit(limit)).scalars())


def still_listed(db: Session, wanted: ListOf, *, ids: Sequence[int]) -> list[Question]:
    """Return those of the questions that still belong to a public list, in the order of the ids."""
    return _in_order(db, _loaded(_listed(wanted).where(_IS_NAMED)), ids)


def threads(db: Session, question_ids: Sequence[int]) -> list[Question]:
    """Return those of the questions that lists may show, whoever looks, in the order of the ids."""
    return _in_order(db, _threads(), question_ids)


def headlines(db: Session, question_ids: Sequence[int]) -> list[Question]:
    """Return the same as `threads` with nothing but their products, for who hardly names more than titles."""
    return _in_order(db, _headlines(), question_ids)


def active_by_range(db: Session, *, size: int) -> dict[int, datetime | None]:
    """Return the ranges of `size` ids that hold public questions, each with the last activity in it.

    None where that is not among the last RECENT of all: then it was long ago. Jumps from range to range
    in the key, and reads the rest from an index: the whole table is never looked through.
    """
    public = col(Question.removed_at).is_(None)
    ranges: dict[int, datetime | None] = {}
    following: int | None = 0
    while following is not None:
        first = select(Question.id).where(col(Question.id) >= following, public)
        found = db.exec(first.order_by(col(Question.id)).limit(1)).first()
        following = None if found is None else (found // size + 1) * size
        if found is not None:
            ranges[found // size] = None
    newest = select(Question.id, Question.last_activity_at).where(public)
    newest = newest.order_by(col(Question.last_activity_at).desc(), col(Question.id).desc())
    for number, active in db.exec(newest.limit(RECENT)):
        ranges[number // size] = ranges.get(number // size) or active
    return ranges


def indexable(db: Session, *, after: int, until: int, limit: int, now: datetime) -> list[Listed]:
    """Return the next questions that search engines may lead to, by id: `after` < id < `until`.

    Left out: removed ones, duplicates (visitors are led on to the original), and stale ones.
    """
    statement = (
        select(Question.id, Question.title, Question.last_activity_at)
        .where(
            col(Question.id) > after,
            col(Question.id) < until,
            col(Question.removed_at).is_(None),
            col(Question.duplicate_of_id).is_(None),
            or_(col(Question.answer_count) > 0, col(Question.created_at) >= now - STALE_AFTER),
        )
        .order_by(col(Question.id))
        .limit(limit)
    )
    return [Listed(*row) for row in db.execute(statement)]


def how_many(db: Session, *, solved: bool = False) -> int:
    """Return how many questions the catalog's counts know of: all visible ones, or the solved among them.

    It adds up the products' counts, which is cheap; questions about no product are counted apart.
    """
    counter = Product.solved_count if solved else Product.question_count
    about_products = db.exec(select(func.coalesce(func.sum(counter), 0))).one()
    others = (
        select(func.count())
        .select_from(Question)
        .where(col(Question.product_id).is_(None), col(Question.removed_at).is_(None))
    )
    if solved:
        others = others.where(col(Question.accepted_answer_id).is_not(None))
    return int(about_products) + db.exec(others).one()


def products_of_author(db: Session, *, author: User, limit: int = 3) -> list[Product]:
    """Return the products a member asked about last."""
    rows = db.exec(
        select(Question)
        .options(joinedload(Question.product))  # type: ignore[arg-type]
        .where(Question.author_id == author.id, col(Question.removed_at).is_(None))
        .order_by(col(Question.created_at).desc(), col(Question.id).desc())
        .limit(20)
    )
    last: dict[int | None, Product] = {}
    for question in rows:
        if question.product is not None:
            last.setdefault(question.product_id, question.product)
    return list(last.values())[:limit]


def duplicates_of(db: Session, question_id: int, *, limit: int = 10) -> Sequence[Question]:
    """Return the visible questions that were closed as duplicates of this one."""
    return db.exec(_duplicates(), params={"original_id": question_id, "limit": limit}).all()


def tag_names(db: Session, question_id: int) -> list[str]:
    """Return the names of a question's tags in their order."""
    return list(
        db.exec(
            select(Tag.name)
            .join(QuestionTag, col(QuestionTag.tag_id) == col(Tag.id))
            .where(QuestionTag.question_id == question_id)
            .order_by(col(QuestionTag.position))
        )
    )


def environment_of(db: Session, question_id: int) -> dict[str, str]:
    """Return what the asker gave, by field name."""
    rows = db.exec(
        select(EnvironmentValue)
        .where(EnvironmentValue.question_id == question_id)
        .order_by(col(EnvironmentValue.position))
    )
    return {row.name: row.value for row in rows}


def _listed(wanted: ListOf) -> SelectOfScalar[Question]:
    statement = select(Question).where(col(Question.removed_at).is_(None))
    if wanted.product_ids:
        statement = statement.where(col(Question.product_id).in_(wanted.product_ids))
    if wanted.tag_id is not None:
        statement = statement.join(QuestionTag, col(QuestionTag.question_id) == col(Question.id)).where(
            QuestionTag.tag_id == wanted.tag_id
        )
    if wanted.author_id is not None:
        statement = statement.where(Question.author_id == wanted.author_id)
    own_status = wanted.sort if wanted.sort in ("unanswered", "solved") else wanted.status
    return _with_status(statement, own_status)


def _with_status(statement: SelectOfScalar[Question], status: str) -> SelectOfScalar[Question]:
    if status == "unanswered":
        return statement.where(col(Question.closed_at).is_(None), Question.answer_count == 0)
    if status == "answered":
        return statement.where(Question.answer_count > 0, col(Question.accepted_answer_id).is_(None))
    if status == "solved":
        return statement.where(col(Question.accepted_answer_id).is_not(None))
    return statement


# Kept, all of them: to make one anew takes as long as to read ten rows.


@cache
def _whole() -> SelectOfScalar[Question]:
    return _loaded(select(Question).where(col(Question.id) == bindparam("question_id"), IS_SHOWN))


@cache
def _duplicates() -> SelectOfScalar[Question]:
    original = col(Question.duplicate_of_id) == bindparam("original_id")
    shown = select(Question).where(original, col(Question.removed_at).is_(None))
    return shown.order_by(col(Question.id).desc()).limit(bindparam("limit"))


@cache
def _threads() -> SelectOfScalar[Question]:
    return _loaded(select(Question).where(_IS_NAMED, col(Question.removed_at).is_(None)))


@cache
def _headlines() -> SelectOfScalar[Question]:
    shown = select(Question).where(_IS_NAMED, col(Question.removed_at).is_(None))
    return shown.options(joinedload(Question.product))  # type: ignore[arg-type]


def _in_order(
    db: Session, statement: SelectOfScalar[Question], question_ids: Sequence[int]
) -> list[Question]:
    """Return what the statement finds among these ids (its parameter "ids"), in their order."""
    rows = db.exec(statement, params={"ids": question_ids}) if question_ids else ()
    found = {question.id: question for question in rows}
    return [found[number] for number in question_ids if number in found]


def _loaded(statement: SelectOfScalar[Question]) -> SelectOfScalar[Question]:
    return statement.options(
        joinedload(Question.author),  # type: ignore[arg-type]
        joinedload(Question.product),  # type: ignore[arg-type]
        selectinload(Question.tags),  # type: ignore[arg-type]
        selectinload(Question.environment),  # type: ignore[arg-type]
    )
