"""Rows of the database as documents of the index: read in batches, a fixed number of queries for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine
from sqlmodel import Session, col, select

from app.core import markdown
from app.core.db import new_session
from app.domain.search.documents import Document, Status
from app.models import Answer, Comment, EnvironmentValue, Product, Question, QuestionTag, Tag, User

BATCH = 200
COMMENTS_AT_MOST = 200


@dataclass
class _Parts:
    """What belongs to a thread beside its question."""

    texts: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    has_code: bool = False
    staff_answered: bool = False


def documents(db: Session, question_ids: Collection[int]) -> list[Document]:
    """Return documents of those of the questions that everybody may see. The others must not be in the index."""
    ids = list(question_ids)
    rows = db.execute(
        select(
            Question.id,
            Question.title,
            Question.body_html,
            Question.product_id,
            Question.answer_count,
            Question.score,
            Question.accepted_answer_id,
            Question.closed_at,
            Question.duplicate_of_id,
            Question.created_at,
            Question.last_activity_at,
            User.handle,
        )  # type: ignore[call-overload]
        .join(User, col(User.id) == col(Question.author_id))
        .where(col(Question.id).in_(ids), col(Question.removed_at).is_(None))
    ).all()
    parts: defaultdict[int, _Parts] = defaultdict(_Parts)
    for row in rows:
        _add_text(parts[row.id], row.body_html)
    _add_answers(db, ids, parts)
    _add_comments(db, ids, parts)
    _add_facts(db, ids, parts)
    trails = _product_trails(db)
    return [
        Document(
            question_id=row.id,
            title=row.title,
            texts=tuple(parts[row.id].texts),
            tags=tuple(parts[row.id].tags),
            products=trails.get(row.product_id, ()),
            environment=parts[row.id].environment,
            author=row.handle,
            status=_status(row),
            is_closed=row.closed_at is not None,
            answer_count=row.answer_count,
            score=row.score,
            has_code=parts[row.id].has_code,
            staff_answered=parts[row.id].staff_answered,
            created_at=row.created_at,
            activity_at=row.last_activity_at,
        )
        for row in rows
    ]


def all_documents(bind: Engine | Connection) -> Iterator[Document]:
    """Yield a document for every visible question, by id, in bounded memory and short transactions."""
    last = 0
    while True:
        with new_session(bind) as db:
            ids = _next_ids(db, after=last)
            found = documents(db, ids) if ids else []
        yield from found
        if not ids:
            return
        last = ids[-1]


def _next_ids(db: Session, *, after: int) -> Sequence[int]:
    return db.exec(
        select(Question.id)
        .where(col(Question.id) > after, col(Question.removed_at).is_(None))
        .order_by(col(Question.id))
        .limit(BATCH)
    ).all()


def _add_answers(db: Session, ids: list[int], parts: dict[int, _Parts]) -> None:
    rows = db.exec(
        select(Answer.question_id, Answer.body_html, Answer.by_staff)
        .where(col(Answer.question_id).in_(ids), col(Answer.removed_at).is_(None))
        .order_by(col(Answer.id))
    )
    for question_id, html, by_staff in rows:
        _add_text(parts[question_id], html)
        parts[question_id].staff_answered |= by_staff


def _add_comments(db: Session, ids: list[int], parts: dict[int, _Parts]) -> None:
    """Add comments; those under a removed answer are hidden with it."""
    removed = select(Answer.id).where(col(Answer.question_id).in_(ids), col(Answer.removed_at).is_not(None))
    rows = db.exec(
        select(Comment.question_id, Comment.body_html)
        .where(
            col(Comment.question_id).in_(ids),
            col(Comment.removed_at).is_(None),
            col(Comment.post_id).not_in(removed),
        )
        .order_by(col(Comment.id))
    )
    for question_id, html in rows:
        if len(parts[question_id].texts) < COMMENTS_AT_MOST:
            _add_text(parts[question_id], html)


def _add_facts(db: Session, ids: list[int], parts: dict[int, _Parts]) -> None:
    tagged = db.exec(
        select(QuestionTag.question_id, Tag.name)
        .join(Tag, col(Tag.id) == col(QuestionTag.tag_id))
        .where(col(QuestionTag.question_id).in_(ids))
        .order_by(col(QuestionTag.position))
    )
    for question_id, name in tagged:
        parts[question_id].tags.append(name)
    values = db.exec(
        select(EnvironmentValue.question_id, EnvironmentValue.name, EnvironmentValue.value).where(
            col(EnvironmentValue.question_id).in_(ids)
        )
    )
    for question_id, name, value in values:
        parts[question_id].environment[name] = value


def _add_text(parts: _Parts, html: str) -> None:
    parts.texts.append(markdown.plain_text(html))
    parts.has_code |= "<code" in html or "<pre" in html


def _product_trails(db: Session) -> dict[int | None, tuple[str, ...]]:
    """Return the slugs of each product and of those above it."""
    rows = {row.id: row for row in db.execute(select(Product.id, Product.parent_id, Product.slug))}
    trails: dict[int | None, tuple[str, ...]] = {}
    for number in rows:
        slugs, at = [], rows.get(number)
        while at is not None:
            slugs.append(at.slug)
            at = rows.get(at.parent_id)
        trails[number] = tuple(slugs)
    return trails


def _status(row: Any) -> Status:
    """Return what Question.status says."""
    if row.duplicate_of_id is not None:
        return "duplicate"
    if row.accepted_answer_id is not None:
        return "solved"
    if row.closed_at is not None:
        return "closed"
    return "answered" if row.answer_count else "unanswered"
