"""Reading marks."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    exists,
    literal,
    select,
    union_all,
)
from sqlmodel import Session, col

from app.models import Answer, Comment, Draft, Follow, MeToo, Notification, Post, Question, Vote


@dataclass(frozen=True)
class Marks:
    """What a member left in a thread."""

    votes: frozenset[tuple[int, int]] = frozenset()  # post, value
    said_me_too: bool = False
    follows: bool = False
    wrote: bool = False  # a post or comment in it, whether it is still shown or not
    has_draft: bool = False
    has_news: bool = False  # unread notifications about it


def in_thread(db: Session, *, member_id: int, question_id: int) -> Marks:
    """Return the member's marks in the thread, whether it exists or not."""
    rows = db.execute(
        _STATEMENT, {"member": member_id, "thread": question_id, "draft": f"answer:{question_id}"}
    )
    votes: set[tuple[int, int]] = set()
    kinds: set[str] = set()
    for kind, post_id, value in rows:
        if kind == "vote":
            votes.add((post_id, value))
        kinds.add(kind)
    return Marks(
        votes=frozenset(votes),
        said_me_too="me_too" in kinds,
        follows="follow" in kinds,
        wrote="wrote" in kinds,
        has_draft="draft" in kinds,
        has_news="news" in kinds,
    )


_MEMBER = bindparam("member", type_=Integer)
_THREAD = bindparam("thread", type_=Integer)


def _votes(on_posts: ColumnElement[bool]) -> Select[str, int, int]:
    vote = select(cast(literal("vote"), String), col(Vote.post_id), col(Vote.value))
    return vote.where(on_posts, col(Vote.user_id) == _MEMBER)


def _mark(kind: str, *where: ColumnElement[bool]) -> Select[str, int, int]:
    zero = literal(0)
    return select(cast(literal(kind), String), zero, zero).where(exists().where(*where))


# Made once: making it took longer than asking.
_STATEMENT = union_all(
    _votes(col(Vote.post_id) == _THREAD),
    _votes(col(Vote.post_id).in_(select(col(Post.id)).where(col(Post.parent_id) == _THREAD))),
    _mark("me_too", col(MeToo.user_id) == _MEMBER, col(MeToo.question_id) == _THREAD),
    _mark("follow", col(Follow.user_id) == _MEMBER, col(Follow.question_id) == _THREAD),
    _mark("wrote", col(Question.id) == _THREAD, col(Question.author_id) == _MEMBER),
    _mark("wrote", col(Answer.question_id) == _THREAD, col(Answer.author_id) == _MEMBER),
    _mark("wrote", col(Comment.question_id) == _THREAD, col(Comment.author_id) == _MEMBER),
    _mark("draft", col(Draft.user_id) == _MEMBER, col(Draft.key) == bindparam("draft")),
    _mark(
        "news",
        col(Notification.user_id) == _MEMBER,
        col(Notification.question_id) == _THREAD,
        col(Notification.read_at).is_(None),
    ),
)
