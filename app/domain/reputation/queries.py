"""Reading reputation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, case, func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from app.core.errors import NotFound
from app.core.paging import PAGE_SIZE, PageOf, offset_of, page_of
from app.models import Answer, Post, Product, Question, QuestionTag, ReputationEntry, Tag, User


@dataclass(frozen=True)
class LedgerLine:
    """A line of the ledger with the thread it is about, where that still exists."""

    id: int
    points: int
    kind: str
    at: datetime
    question_id: int | None
    post_id: int | None
    title: str


@dataclass(frozen=True)
class Expertise:
    """How many accepted answers a member gave under a product or tag."""

    name: str
    slug: str
    accepted: int


def ledger(db: Session, *, viewer: User | None, member: User, page: int = 1) -> PageOf[LedgerLine]:
    """Return the member's ledger, newest first; only the member and staff may read it."""
    statement = _ledger(viewer, member).offset(offset_of(page)).limit(PAGE_SIZE + 1)
    return page_of([_line(entry, question) for entry, question in db.exec(statement)], number=page)


def ledger_before(
    db: Session, *, viewer: User | None, member: User, before: int | None, limit: int
) -> list[LedgerLine]:
    """Return the next lines of the member's ledger; `before` is the id of the last one that was shown."""
    statement = _ledger(viewer, member)
    if before is not None:
        statement = statement.where(col(ReputationEntry.id) < before)
    return [_line(entry, question) for entry, question in db.exec(statement.limit(limit))]


def earned_on(db: Session, *, user_id: int, day: date) -> int:
    """Return what votes cast on a UTC day brought a member: what counts towards the daily cap."""
    total = select(func.coalesce(func.sum(ReputationEntry.points), 0)).where(
        ReputationEntry.user_id == user_id, col(ReputationEntry.day) == day
    )
    return int(db.exec(total).one())


def expertise(db: Session, *, member: User, limit: int = 8) -> tuple[list[Expertise], list[Expertise]]:
    """Return where the member's visible answers were accepted most: by product, and by tag."""
    accepted = (
        select(Question.id, Question.product_id)
        .join(Answer, col(Answer.id) == col(Question.accepted_answer_id))
        .where(
            Answer.author_id == member.id,
            col(Answer.removed_at).is_(None),
            col(Question.removed_at).is_(None),
        )
        .subquery()
    )
    number = func.count().label("number")
    products = db.exec(
        select(Product.name, Product.slug, number)
        .join(accepted, accepted.c.product_id == Product.id)
        .group_by(col(Product.id), Product.name, Product.slug)
        .order_by(number.desc(), Product.name)
        .limit(limit)
    ).all()
    tags = db.exec(
        select(Tag.name, Tag.name, number)
        .join(QuestionTag, col(QuestionTag.tag_id) == col(Tag.id))
        .join(accepted, accepted.c.id == QuestionTag.question_id)
        .group_by(col(Tag.id), Tag.name)
        .order_by(number.desc(), Tag.name)
        .limit(limit)
    ).all()
    return _expertise(products), _expertise(tags)


def accepted_on(db: Session, *, member_ids: Collection[int], product_id: int | None) -> dict[int, int]:
    """Return how many answers of each member are accepted on questions about the product: one query for a page."""
    if product_id is None or not member_ids:
        return {}
    rows = db.exec(_ACCEPTED_ON, params={"member_ids": list(member_ids), "product_id": product_id})
    return {member_id: number for member_id, number in rows if member_id is not None}


def _ledger(viewer: User | None, member: User) -> Select[ReputationEntry, Question]:
    if viewer is None or (viewer.id != member.id and not viewer.is_staff):
        raise NotFound
    thread = case((col(Post.parent_id).is_not(None), col(Post.parent_id)), else_=col(Post.id))
    return (
        select(ReputationEntry, Question)
        .outerjoin(Post, col(Post.id) == col(ReputationEntry.post_id))
        .outerjoin(Question, col(Question.id) == thread)
        .where(ReputationEntry.user_id == member.id)
        .order_by(col(ReputationEntry.id).desc())
    )


def _line(entry: ReputationEntry, question: Question | None) -> LedgerLine:
    shown = question if question is not None and not question.is_removed else None
    return LedgerLine(
        id=entry.id or 0,
        points=entry.points,
        kind=entry.kind,
        at=entry.created_at,
        question_id=shown.id if shown else None,
        post_id=entry.post_id if shown else None,
        title=shown.title if shown else "",
    )


def _expertise(rows: Sequence[tuple[str, str, int]]) -> list[Expertise]:
    return [Expertise(name=name, slug=slug, accepted=number) for name, slug, number in rows]


_ACCEPTED_ON = (
    select(col(Question.accepted_author_id), func.count())
    .where(
        col(Question.accepted_author_id).in_(bindparam("member_ids", expanding=True)),
        col(Question.product_id) == bindparam("product_id"),
        col(Question.accepted_answer_id).is_not(None),
        col(Question.removed_at).is_(None),
    )
    .group_by(col(Question.accepted_author_id))
)
