"""Answers: under a question, one, post, edit, delete, revisions; which one is accepted."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from app.api import cursors, finished, listing, respond
from app.api.deps import (
    AnswerOrRemoved,
    Db,
    Member,
    Now,
    QuestionOrRemoved,
    RowsViewer,
    Viewer,
    VisibleAnswer,
    VisibleQuestion,
)
from app.api.respond import IfMatch, OnceOnly
from app.api.routers import ApiRouter
from app.api.routes.questions import Reason, revisions_page
from app.api.schemas.base import Site
from app.api.schemas.posts import (
    Answer,
    AnswerChange,
    AnswerList,
    NewAnswer,
    RevisionList,
    ViewerOnAnswer,
)
from app.api.schemas.questions import AcceptedAnswer, Solution
from app.domain import answers, comments, votes
from app.models import Answer as AnswerRow
from app.models import Question as QuestionRow
from app.models import User

router = ApiRouter("Answers")


@router.get("/questions/{question_id:int}/answers", response_model=AnswerList)
def list_answers(
    request: Request,
    db: Db,
    viewer: RowsViewer,
    question: QuestionOrRemoved,
    limit: cursors.Limit = cursors.DEFAULT_SIZE,
    cursor: cursors.Cursor = "",
) -> Response:
    """List the answers to a question in the order in which they were posted."""
    finished.share(request, finished.ANYTHING)
    of = f"answers:{question.id}"
    place = cursors.read(request, cursor, of=of)
    found = answers.oldest_after(db, question, viewer=viewer, after=place[0] if place else 0, limit=limit + 1)
    rows, after = listing.cut(found, limit, lambda row: row.id)
    site = Site.of(request)
    documents = [Answer.of(row, accepted_answer_id=question.accepted_answer_id, site=site) for row in rows]
    return listing.answer(request, AnswerList, documents, place=after, limit=limit, of=of)


@router.post("/questions/{question_id:int}/answers", response_model=Answer, status_code=201)
def post_answer(
    request: Request,
    db: Db,
    member: Member,
    now: Now,
    question: VisibleQuestion,
    once: OnceOnly,
    body: NewAnswer,
) -> Response:
    """Post an answer. You follow the question from then on."""

    def make() -> tuple[Answer, str, int]:
        posted = answers.post(db, question=question, author=member, body=body.body, now=now)
        document = _document(request, db, member, posted.id, now)
        return document, Site.of(request).api(f"/answers/{posted.id}"), document.revision

    return once.create(make)


@router.get("/answers/{answer_id:int}", response_model=Answer)
def get_answer(request: Request, db: Db, viewer: Viewer, now: Now, answer: AnswerOrRemoved) -> Response:
    """Get an answer."""
    document = _shown(request, db, viewer, answer, now)
    return respond.show(request, document, revision=document.revision)


@router.patch("/answers/{answer_id:int}", response_model=Answer)
def edit_answer(
    request: Request,
    db: Db,
    member: Member,
    now: Now,
    answer: VisibleAnswer,
    body: AnswerChange,
    if_match: IfMatch = "",
) -> Response:
    """Edit an answer. Needs `If-Match` with the ETag of what was read, so that no other edit is lost."""
    base = respond.revision_asked_for(if_match, answer)
    answers.edit(db, answer=answer, by=member, base=base, body=body.body, summary=body.summary, now=now)
    document = _document(request, db, member, answer.id, now)
    return respond.show(request, document, revision=document.revision)


@router.delete("/answers/{answer_id:int}", status_code=204)
def delete_answer(
    db: Db,
    member: Member,
    now: Now,
    answer: VisibleAnswer,
    reason: Reason = "",
) -> Response:
    """Delete your answer unless it is accepted, or as staff hide one, with a reason."""
    answers.remove(db, answer=answer, by=member, reason=reason, now=now)
    return respond.done()


@router.get("/answers/{answer_id:int}/revisions", response_model=RevisionList)
def list_answer_revisions(
    request: Request,
    db: Db,
    answer: AnswerOrRemoved,
    limit: cursors.Limit = cursors.DEFAULT_SIZE,
    cursor: cursors.Cursor = "",
) -> Response:
    """List every text an answer had, newest first."""
    return revisions_page(request, db, answer.id, limit, cursor)


@router.put("/questions/{question_id:int}/accepted-answer", response_model=Solution)
def accept_answer(
    request: Request, db: Db, member: Member, now: Now, question: VisibleQuestion, body: AcceptedAnswer
) -> Response:
    """Accept an answer as what solves your question. The same call twice changes nothing."""
    answer = answers.one_of_thread(db, question, body.answer_id)
    return _solution(request, answers.accept(db, answer=answer, by=member, now=now))


@router.delete("/questions/{question_id:int}/accepted-answer", response_model=Solution)
def unaccept_answer(
    request: Request, db: Db, member: Member, now: Now, question: VisibleQuestion
) -> Response:
    """Take the acceptance back."""
    return _solution(request, answers.unaccept(db, question=question, by=member, now=now))


def _solution(request: Request, question: QuestionRow) -> Response:
    document = Solution(
        question_id=question.id,
        accepted_answer_id=question.accepted_answer_id,
        accepted_at=question.accepted_at,
    )
    return respond.show(request, document)


def _shown(request: Request, db: Session, viewer: User | None, answer: AnswerRow, now: datetime) -> Answer:
    own = _viewer_on(db, viewer, answer, now) if viewer is not None else None
    accepted = answer.question.accepted_answer_id
    return Answer.of(answer, accepted_answer_id=accepted, site=Site.of(request), viewer=own)


def _document(request: Request, db: Session, member: User, answer_id: int, now: datetime) -> Answer:
    db.flush()
    db.expire_all()
    answer = answers.visible(db, viewer=member, answer_id=answer_id)
    return _shown(request, db, member, answer, now)


def _viewer_on(db: Session, viewer: User, answer: AnswerRow, now: datetime) -> ViewerOnAnswer:
    question = answer.question
    return ViewerOnAnswer(
        vote=votes.mine(db, viewer, [answer.id]).get(answer.id, 0),
        may_edit=answers.may_edit(viewer, answer, question),
        may_accept=answers.may_accept(viewer, answer, question, now=now),
        may_delete=answers.may_remove(viewer, answer, question),
        may_comment=comments.may_comment(viewer, answer, question),
    )
