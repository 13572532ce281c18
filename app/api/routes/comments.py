"""Comments under questions and answers."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from app.api import cursors, listing, respond
from app.api.deps import (
    AnswerOrRemoved,
    Db,
    Member,
    Now,
    QuestionOrRemoved,
    RowsViewer,
    VisibleAnswer,
    VisibleComment,
    VisibleQuestion,
)
from app.api.respond import Once, OnceOnly
from app.api.routers import ApiRouter
from app.api.routes.questions import Reason
from app.api.schemas.base import Site
from app.api.schemas.posts import Comment, CommentList, NewComment
from app.domain import comments
from app.models import Answer as AnswerRow
from app.models import Question as QuestionRow
from app.models import User

router = ApiRouter("Comments")


@router.get("/questions/{question_id:int}/comments", response_model=CommentList)
def list_question_comments(
    request: Request,
    db: Db,
    viewer: RowsViewer,
    question: QuestionOrRemoved,
    limit: cursors.Limit = cursors.DEFAULT_SIZE,
    cursor: cursors.Cursor = "",
) -> Response:
    """List the comments under a question, oldest first."""
    return _page(request, db, viewer, question.id, limit, cursor)


@router.get("/answers/{answer_id:int}/comments", response_model=CommentList)
def list_answer_comments(
    request: Request,
    db: Db,
    viewer: RowsViewer,
    answer: AnswerOrRemoved,
    limit: cursors.Limit = cursors.DEFAULT_SIZE,
    cursor: cursors.Cursor = "",
) -> Response:
    """List the comments under an answer, oldest first."""
    return _page(request, db, viewer, answer.id, limit, cursor)


@router.post("/questions/{question_id:int}/comments", response_model=Comment, status_code=201)
def comment_on_question(
    request: Request,
    db: Db,
    member: Member,
    now: Now,
    question: VisibleQuestion,
    once: OnceOnly,
    body: NewComment,
) -> Response:
    """Comment on a question."""
    return _post(request, db, member, question, once, body, now)


@router.post("/answers/{answer_id:int}/comments", response_model=Comment, status_code=201)
def comment_on_answer(
    request: Request,
    db: Db,
    member: Member,
    now: Now,
    answer: VisibleAnswer,
    once: OnceOnly,
    body: NewComment,
) -> Response:
    """Comment on an answer."""
    return _post(request, db, member, answer, once, body, now)


@router.delete("/comments/{comment_id:int}", status_code=204)
def delete_comment(
    db: Db, member: Member, now: Now, comment: VisibleComment, reason: Reason = ""
) -> Response:
    """Delete your comment, or as staff hide one."""
    comments.remove(db, comment=comment, by=member, reason=reason, now=now)
    return respond.done()


def _page(
    request: Request, db: Session, viewer: User | None, post_id: int, limit: int, cursor: str
) -> Response:
    of = f"comments:{post_id}"
    place = cursors.read(request, cursor, of=of)
    after = place[0] if place else 0
    found = comments.under_post(db, viewer=viewer, post_id=post_id, after=after, limit=limit + 1)
    rows, rest = listing.cut(found, limit, lambda row: row.id)
    site = Site.of(request)
    documents = [Comment.of(row, row.author, site) for row in rows]
    return listing.answer(request, CommentList, documents, place=rest, limit=limit, of=of)


def _post(
    request: Request,
    db: Session,
    member: User,
    post: QuestionRow | AnswerRow,
    once: Once,
    body: NewComment,
    now: datetime,
) -> Response:
    def make() -> tuple[Comment, str, int]:
        posted = comments.post(db, post=post, author=member, body=body.body, now=now)
        site = Site.of(request)
        kind = "questions" if isinstance(post, QuestionRow) else "answers"
        return Comment.of(posted, member, site), site.api(f"/{kind}/{post.id}/comments"), 0

    return once.create(make)
