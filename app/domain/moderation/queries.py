"""Reading what staff have to look at: flags, what was removed, and askers who fell silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Literal, TypeVar

from sqlalchemy import ColumnElement, func, literal_column, or_
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core import markdown
from app.core.errors import NotFound
from app.core.paging import PAGE_SIZE, PageOf, offset_of, page_of
from app.domain import answers, audit
from app.domain.moderation.policy import may_decide
from app.models import Answer, Comment, Flag, Question, User

Subject = Question | Answer | Comment
Row = TypeVar("Row", Question, Answer, Comment, User)
RemovedKind = Literal["questions", "answers", "comments"]
EXCERPT = 400
MANY = 100
"""Counts of what waits stop here: more is just "a lot"."""

_TABLES: dict[str, type[Question | Answer | Comment]] = {
    "questions": Question,
    "answers": Answer,
    "comments": Comment,
}


@dataclass(frozen=True)
class Flagged:
    """A post or comment with the flags on it, and its thread."""

    subject: Subject
    author: User
    question: Question
    flags: Sequence[Flag]

    @property
    def kind(self) -> str:
        """question, answer or comment."""
        return "comment" if isinstance(self.subject, Comment) else self.subject.kind

    @property
    def excerpt(self) -> str:
        """The beginning of its text."""
        return markdown.excerpt(self.subject.body_html, EXCERPT)

    @property
    def href(self) -> str:
        """Where it stands."""
        if isinstance(self.subject, Comment):
            return f"/posts/{self.subject.post_id}?comment={self.subject.id}"
        return f"/posts/{self.subject.id}"


@dataclass(frozen=True)
class Removed:
    """Something that the public no longer sees."""

    subject: Subject
    author: User
    remover: User | None
    question: Question
    reason: str  # why staff hid it; "" for what its author deleted

    @property
    def kind(self) -> str:
        """question, answer or comment."""
        return "comment" if isinstance(self.subject, Comment) else self.subject.kind

    @property
    def excerpt(self) -> str:
        """The beginning of its text."""
        return markdown.excerpt(self.subject.body_html, EXCERPT)


def is_open() -> ColumnElement[bool]:
    """Return the condition of flags that wait: written out, as the index of open ones knows no parameters."""
    return col(Flag.decision) == literal_column("''")


def flagged(db: Session, *, viewer: User | None, decided: bool = False, page: int = 1) -> PageOf[Flagged]:
    """Return what is flagged, each subject once with all its flags: those that wait (oldest first), or decided ones."""
    if not may_decide(viewer):
        raise NotFound
    statement = select(Flag.post_id, Flag.comment_id, func.min(Flag.id), func.max(Flag.id))
    statement = statement.where(Flag.decision != "" if decided else is_open())
    order = func.max(Flag.id).desc() if decided else func.min(Flag.id)
    found = db.exec(
        statement.group_by(col(Flag.post_id), col(Flag.comment_id))
        .order_by(order)
        .offset(offset_of(page))
        .limit(PAGE_SIZE + 1)
    ).all()
    keys = [(post_id, comment_id) for post_id, comment_id, _first, _last in found]
    return page_of(_flagged(db, keys, decided=decided), number=page)


def flagged_of(db: Session, *, viewer: User | None, flag_id: int) -> Flag:
    """Return a flag for those who decide; raise NotFound."""
    flag = db.get(Flag, flag_id)
    if flag is None or not may_decide(viewer):
        raise NotFound
    return flag


def how_many_flagged(db: Session) -> int:
    """Return how many flags wait, up to MANY."""
    few = select(Flag.id).where(is_open()).limit(MANY).subquery()
    return db.exec(select(func.count()).select_from(few)).one()


def removed(db: Session, *, viewer: User | None, kind: RemovedKind, page: int = 1) -> PageOf[Removed]:
    """Return what was deleted or hidden, last removed first; staff only."""
    if viewer is None or not viewer.is_staff:
        raise NotFound
    table = _TABLES[kind]
    rows: Sequence[Subject] = db.exec(  # type: ignore[assignment]
        select(table)
        .options(joinedload(table.author))  # type: ignore[arg-type]
        .where(col(table.removed_at).is_not(None))
        .order_by(col(table.removed_at).desc(), col(table.id).desc())
        .offset(offset_of(page))
        .limit(PAGE_SIZE + 1)
    ).all()
    threads = _by_id(db, Question, [row.question_id for row in rows])
    removers = _by_id(db, User, [row.removed_by_id for row in rows])
    noun = table.__name__.lower()
    reasons = audit.reasons_of(db, kind=noun, ids=[row.id or 0 for row in rows], action=f"{noun}.hide")
    found = [
        Removed(
            subject=row,
            author=row.author,
            remover=removers.get(row.removed_by_id or 0),
            question=threads[row.question_id],
            reason="" if row.removal == "deleted" else reasons.get(row.id or 0, ""),
        )
        for row in rows
    ]
    return page_of(found, number=page)


def how_many_removed(db: Session, *, since: datetime) -> int:
    """Return how much was deleted or hidden since an instant, up to MANY of each kind."""
    counts = (
        select(table.id).where(col(table.removed_at) >= since).limit(MANY).subquery()
        for table in _TABLES.values()
    )
    return sum(db.exec(select(func.count()).select_from(few)).one() for few in counts)


def silent(db: Session, *, viewer: User | None, now: datetime, page: int = 1) -> PageOf[Question]:
    """Return open questions whose asker has not reacted to an answer for so long that staff may accept one.

    Longest known first are not the most useful: the newest come first, as their askers may still care.
    """
    if viewer is None or not viewer.is_staff:
        raise NotFound
    rows = db.exec(
        _silent(now)
        .options(joinedload(Question.author), joinedload(Question.product))  # type: ignore[arg-type]
        .order_by(col(Question.created_at).desc(), col(Question.id).desc())
        .offset(offset_of(page))
        .limit(PAGE_SIZE + 1)
    ).all()
    return page_of(rows, number=page)


def how_many_silent(db: Session, *, now: datetime) -> int:
    """Return how many askers are silent, up to MANY."""
    few = _silent(now).order_by(col(Question.created_at).desc()).limit(MANY).subquery()
    return db.exec(select(func.count()).select_from(few)).one()


def best_answers(db: Session, *, question_ids: Sequence[int], now: datetime) -> dict[int, Answer]:
    """Return for each question the answer that staff would accept: the best rated that is old enough."""
    rows = db.exec(
        select(Answer)
        .options(joinedload(Answer.author))  # type: ignore[arg-type]
        .where(
            col(Answer.question_id).in_(question_ids),
            col(Answer.removed_at).is_(None),
            col(Answer.created_at) <= now - answers.SILENT_AFTER,
        )
        .order_by(
            col(Answer.question_id),
            col(Answer.official_at).is_(None),
            col(Answer.wilson).desc(),
            col(Answer.score).desc(),
            col(Answer.id),
        )
    )
    return {number: next(group) for number, group in groupby(rows, key=lambda answer: answer.question_id)}


def _silent(now: datetime) -> SelectOfScalar[Question]:
    # Constants are written out: the index ix_question_undecided knows no parameters.
    since = now - answers.SILENT_AFTER
    answered = select(Answer.question_id).where(
        Answer.question_id == Question.id,
        Answer.author_id != Question.author_id,
        col(Answer.removed_at).is_(None),
        col(Answer.created_at) <= since,
    )
    return select(Question).where(
        col(Question.removed_at).is_(None),
        col(Question.accepted_answer_id).is_(None),
        col(Question.closed_at).is_(None),
        col(Question.locked_at).is_(None),
        col(Question.answer_count) > literal_column("0"),
        col(Question.created_at) <= since,
        answered.exists(),
        or_(
            col(Question.last_activity_by_id).is_(None),
            col(Question.last_activity_by_id) != Question.author_id,
            col(Question.last_activity_at) <= since,
        ),
    )


def _flagged(db: Session, keys: Sequence[tuple[int | None, int | None]], *, decided: bool) -> list[Flagged]:
    post_ids = [post_id for post_id, _ in keys if post_id is not None]
    comment_ids = [comment_id for _, comment_id in keys if comment_id is not None]
    flags = db.exec(
        select(Flag)
        .options(joinedload(Flag.author))  # type: ignore[arg-type]
        .where(or_(col(Flag.post_id).in_(post_ids), col(Flag.comment_id).in_(comment_ids)))
        .where(Flag.decision != "" if decided else is_open())
        .order_by(col(Flag.id))
    ).all()
    posts: dict[int, Question | Answer] = {
        **_by_id(db, Question, post_ids),
        **_by_id(db, Answer, post_ids),
    }
    comments = _by_id(db, Comment, comment_ids)
    subjects: list[Subject] = [
        comments[comment_id or 0] if post_id is None else posts[post_id] for post_id, comment_id in keys
    ]
    threads = _by_id(db, Question, [subject.question_id for subject in subjects])
    authors = _by_id(db, User, [subject.author_id for subject in subjects])
    return [
        Flagged(
            subject=subject,
            author=authors[subject.author_id],
            question=threads[subject.question_id],
            flags=[flag for flag in flags if (flag.post_id, flag.comment_id) == key],
        )
        for key, subject in zip(keys, subjects, strict=True)
    ]


def _by_id(db: Session, table: type[Row], ids: Sequence[int | None]) -> dict[int, Row]:
    rows = db.exec(select(table).where(col(table.id).in_({number for number in ids if number})))
    return {row.id or 0: row for row in rows}
