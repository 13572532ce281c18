"""A member's marks on a question: "I have this problem too", and follow."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from app.api import respond
from app.api.deps import Db, Member, Now, VisibleQuestion
from app.api.routers import ApiRouter
from app.api.schemas.questions import Following, MeToo
from app.domain import follows, me_too

router = ApiRouter("Marks")


@router.put("/questions/{question_id:int}/me-too", response_model=MeToo)
def say_me_too(request: Request, db: Db, member: Member, now: Now, question: VisibleQuestion) -> Response:
    """Say "I have this problem too". You follow the question from then on."""
    marked = me_too.add(db, question=question, by=member, now=now)
    return respond.show(
        request, MeToo(question_id=marked.id, said_me_too=True, me_too_count=marked.me_too_count)
    )


@router.delete("/questions/{question_id:int}/me-too", response_model=MeToo)
def withdraw_me_too(
    request: Request, db: Db, member: Member, now: Now, question: VisibleQuestion
) -> Response:
    """Take it back; you go on following."""
    marked = me_too.withdraw(db, question=question, by=member, now=now)
    return respond.show(
        request, MeToo(question_id=marked.id, said_me_too=False, me_too_count=marked.me_too_count)
    )


@router.put("/questions/{question_id:int}/follow", response_model=Following)
def follow_question(
    request: Request, db: Db, member: Member, now: Now, question: VisibleQuestion
) -> Response:
    """Hear of what happens to a question."""
    follows.follow(db, by=member, subject=question, now=now)
    return respond.show(request, Following(question_id=question.id, follows=True))


@router.delete("/questions/{question_id:int}/follow", response_model=Following)
def unfollow_question(request: Request, db: Db, member: Member, question: VisibleQuestion) -> Response:
    """Hear of it no longer."""
    follows.unfollow(db, by=member, subject=question)
    return respond.show(request, Following(question_id=question.id, follows=False))
