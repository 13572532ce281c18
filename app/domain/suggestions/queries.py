"""Reading suggested edits, scoped to their viewer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, literal_column
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from app.core.errors import NotFound
from app.core.paging import PAGE_SIZE, PageOf, offset_of, page_of
from app.domain import answers, questions, reputation, revisions
from app.domain.revisions import DiffRow
from app.domain.suggestions.policy import may_see
from app.models import Answer, Post, Question, Revision, SuggestedEdit, User


@dataclass(frozen=True)
class Review:
    """A suggested edit beside the text it was made against."""

    suggestion: SuggestedEdit
    post: Question | Answer
    question: Question
    base: Revision
    rows: list[DiffRow]
    environment: list[tuple[str, str, str]]

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a decision."""
        return self.suggestion.decision == ""


@dataclass(frozen=True)
class Waiting:
    """A suggested edit in a list."""

    suggestion: SuggestedEdit
    question: Question
    kind: str


def is_open() -> ColumnElement[bool]:
    """Return the condition of suggestions that wait: written out, as the index of open ones knows no parameters."""
    return col(SuggestedEdit.decision) == literal_column("''")


def waiting(db: Session, *, viewer: User, page: int = 1) -> PageOf[Waiting]:
    """Return the suggestions that wait, oldest first, for members who may decide on any; raise NotFound for others."""
    if not reputation.may(viewer, "edit"):
        raise NotFound
    found = db.exec(
        select(SuggestedEdit, Post)
        .join(Post, col(Post.id) == col(SuggestedEdit.post_id))
        .options(joinedload(SuggestedEdit.author))  # type: ignore[arg-type]
        .where(is_open())
        .order_by(col(SuggestedEdit.id))
        .offset(offset_of(page))
        .limit(PAGE_SIZE + 1)
    ).all()
    threads = {row.id: row for row in questions.threads(db, [post.question_id for _, post in found])}
    rows = [
        Waiting(suggestion, threads[post.question_id], post.kind)
        for suggestion, post in found
        if post.question_id in threads
    ]
    return PageOf(rows=rows[:PAGE_SIZE], number=page, size=PAGE_SIZE, has_next=len(found) > PAGE_SIZE)


def how_many_wait(db: Session) -> int:
    """Return how many suggestions wait for a decision."""
    return db.exec(select(func.count()).select_from(SuggestedEdit).where(is_open())).one()


def by_author(db: Session, *, author: User, page: int = 1) -> PageOf[SuggestedEdit]:
    """Return a member's own suggestions, newest first."""
    rows = db.exec(
        select(SuggestedEdit)
        .where(SuggestedEdit.author_id == author.id)
        .order_by(col(SuggestedEdit.id).desc())
        .offset(offset_of(page))
        .limit(PAGE_SIZE + 1)
    ).all()
    return page_of(rows, number=page)


def open_for(db: Session, *, post_id: int) -> SuggestedEdit | None:
    """Return the suggestion for the post that waits, if there is one."""
    statement = select(SuggestedEdit).where(SuggestedEdit.post_id == post_id, is_open())
    return db.exec(statement).first()


def newest_for(db: Session, *, viewer: User, post_id: int) -> SuggestedEdit:
    """Return the suggestion that waits for a post, else the last one of the viewer; raise NotFound."""
    waiting_one = open_for(db, post_id=post_id)
    if waiting_one is not None:
        return waiting_one
    own = db.exec(
        select(SuggestedEdit)
        .where(SuggestedEdit.post_id == post_id, SuggestedEdit.author_id == viewer.id)
        .order_by(col(SuggestedEdit.id).desc())
        .limit(1)
    ).first()
    if own is None:
        raise NotFound
    return own


def review(db: Session, *, viewer: User | None, suggestion_id: int) -> Review:
    """Return a suggestion with its differences, for those who may see it; raise NotFound."""
    suggestion = db.exec(
        select(SuggestedEdit)
        .options(joinedload(SuggestedEdit.author))  # type: ignore[arg-type]
        .where(SuggestedEdit.id == suggestion_id)
    ).first()
    if suggestion is None:
        raise NotFound
    post = answers.visible_post(db, viewer=viewer, post_id=suggestion.post_id)
    if not may_see(viewer, suggestion, post):
        raise NotFound
    base = revisions.numbered(db, post_id=post.id, number=suggestion.base)
    return Review(
        suggestion=suggestion,
        post=post,
        question=post if isinstance(post, Question) else post.question,
        base=base,
        rows=revisions.side_by_side(base.body, suggestion.body),
        environment=_changed(base.environment or {}, suggestion.environment or {}),
    )


def _changed(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return (name, before, after) of each detail that differs."""
    names = dict.fromkeys([*before, *after])
    return [
        (name, before.get(name, ""), after.get(name, ""))
        for name in names
        if before.get(name, "") != after.get(name, "")
    ]
