"""Votes."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from app.api import respond
from app.api.deps import Db, Member, Now, VisibleAnswer, VisibleQuestion
from app.api.routers import ApiRouter
from app.api.schemas.posts import NewVote, VoteResult
from app.domain import votes
from app.models import Answer, Question, User

router = ApiRouter("Votes")


@router.put("/questions/{question_id:int}/vote", response_model=VoteResult)
def vote_on_question(
    request: Request, db: Db, member: Member, now: Now, question: VisibleQuestion, body: NewVote
) -> Response:
    """Vote on a question. The same call twice changes nothing."""
    return _cast(request, db, member, question, body, now)


@router.put("/answers/{answer_id:int}/vote", response_model=VoteResult)
def vote_on_answer(
    request: Request, db: Db, member: Member, now: Now, answer: VisibleAnswer, body: NewVote
) -> Response:
    """Vote on an answer. The same call twice changes nothing."""
    return _cast(request, db, member, answer, body, now)


def _cast(
    request: Request, db: Session, member: User, post: Question | Answer, body: NewVote, now: datetime
) -> Response:
    counted = votes.cast(db, post=post, by=member, value=body.value, now=now)
    return respond.show(request, VoteResult.of(counted, body.value))
