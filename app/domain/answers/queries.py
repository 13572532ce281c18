"""Reading answers, scoped to their viewer."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Boolean, bindparam, case, or_
from sqlalchemy.orm import contains_eager, joinedload
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.errors import NotFound
from app.core.paging import PAGE_SIZE, PageOf, offset_of, page_of
from app.domain import questions
from app.models import Answer, Post, Question, User

SORTS = ("best", "newest", "oldest")
ANSWERS_A_PAGE = 50

_IS_SHOWN = or_(
    col(Answer.removed_at).is_(None),
    col(Answer.author_id) == bindparam("viewer_id"),
    bindparam("sees_removed", type_=Boolean),
)
_ORDER: dict[str, list[Any]] = {
    "newest": [col(Answer.created_at).desc(), col(Answer.id).desc()],
    "oldest": [col(Answer.created_at), col(Answer.id)],
    "best": [
        case((col(Answer.removed_at).is_(None), 0), else_=1),
        case((col(Answer.id) == bindparam("accepted_id"), 0), else_=1),
        case((col(Answer.official_at).is_not(None), 0), else_=1),
        col(Answer.wilson).desc(),
        col(Answer.score).desc(),
        col(Answer.id),
    ],
}


def visible(db: Session, *, viewer: User | None, answer_id: int) -> Answer:
    """Return the answer with its author and question; raise NotFound."""
    answer = db.exec(_visible(), params={"answer_id": answer_id, **questions.seen_by(viewer)}).first()
    if answer is None:
        raise NotFound
    return answer


def visible_post(db: Session, *, viewer: User | None, post_id: int) -> Question | Answer:
    """Return the question or answer of this post id; raise NotFound."""
    post = db.get(Post, post_id)
    if post is None or post.kind == "question":  # none at all takes as long as one that may not be seen
        return questions.visible(db, viewer=viewer, question_id=post_id)
    return visible(db, viewer=viewer, answer_id=post_id)


def under(
    db: Session, question: Question, *, viewer: User | None, sort: str = "best", page: int = 1
) -> PageOf[Answer]:
    """Return a page of a question's answers.

    "best": the accepted one, official ones, then by the lower bound of the Wilson interval.
    """
    wanted = {
        "question_id": question.id,
        "accepted_id": question.accepted_answer_id or 0,
        "offset": offset_of(page, ANSWERS_A_PAGE),
        "limit": ANSWERS_A_PAGE + 1,
    }
    rows = db.exec(_under(sort), params={**wanted, **questions.seen_by(viewer)}).all()
    return page_of(rows, number=page, size=ANSWERS_A_PAGE, total=question.answer_count)


def oldest_after(
    db: Session, question: Question, *, viewer: User | None, after: int, limit: int
) -> list[Answer]:
    """Return the next answers in the order in which they were posted; `after` is the id of the last one shown."""
    statement = _loaded(
        select(Answer).where(Answer.question_id == question.id, col(Answer.id) > after, _IS_SHOWN)
    )
    return list(db.exec(statement.order_by(col(Answer.id)).limit(limit), params=questions.seen_by(viewer)))


def one_of_thread(db: Session, question: Question, answer_id: int) -> Answer:
    """Return an answer of this very question that is not removed; raise NotFound."""
    answer = db.exec(
        _loaded(
            select(Answer).where(
                Answer.id == answer_id, Answer.question_id == question.id, col(Answer.removed_at).is_(None)
            )
        )
    ).first()
    if answer is None:
        raise NotFound
    return answer


def by_author(db: Session, *, author: User, sort: str = "votes", page: int = 1) -> PageOf[Answer]:
    """Return a member's public answers with their questions and these' products."""
    order: Any = Answer.score if sort == "votes" else Answer.created_at
    rows = db.exec(
        select(Answer)
        .join(Question, col(Question.id) == col(Answer.question_id))
        .options(joinedload(Answer.question).joinedload(Question.product))  # type: ignore[arg-type]
        .where(
            Answer.author_id == author.id,
            col(Answer.removed_at).is_(None),
            col(Question.removed_at).is_(None),
        )
        .order_by(col(order).desc(), col(Answer.id).desc())
        .offset(offset_of(page))
        .limit(PAGE_SIZE + 1)
    ).all()
    return page_of(rows, number=page)


@cache
def _visible() -> SelectOfScalar[Answer]:
    wanted = select(Answer).join(Question, col(Answer.question_id) == col(Question.id))
    shown = wanted.where(col(Answer.id) == bindparam("answer_id"), _IS_SHOWN, questions.IS_SHOWN)
    return _loaded(shown.options(contains_eager(Answer.question)))  # type: ignore[arg-type]


@cache
def _under(sort: str) -> SelectOfScalar[Answer]:
    # Kept: to make it anew takes as long as to read ten answers.
    statement = select(Answer).where(col(Answer.question_id) == bindparam("question_id"), _IS_SHOWN)
    ordered = _loaded(statement).order_by(*_ORDER.get(sort, _ORDER["best"]))
    return ordered.offset(bindparam("offset")).limit(bindparam("limit"))


def _loaded(statement: SelectOfScalar[Answer]) -> SelectOfScalar[Answer]:
    return statement.options(joinedload(Answer.author))  # type: ignore[arg-type]
