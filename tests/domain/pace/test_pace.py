"""How much a member may post in a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from app.core.errors import TooMany
from app.domain import answers, pace, questions
from app.models import User
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.clock import MONDAY_MORNING

NEWCOMERS = pace.LIMITS["question"].newcomer


def ask(db: Session, author: User, number: int) -> None:
    questions.ask(
        db,
        author=author,
        title=f"It shows error {number} since the update",
        body="It stopped working after the update.",
        tags="update",
        product_id=None,
        environment={},
        now=MONDAY_MORNING + timedelta(minutes=number),
    )


def test_a_newcomer_is_told_when_the_days_questions_are_used_up(db: Session) -> None:
    newcomer = make_user(db, reputation=1)
    for number in range(NEWCOMERS):
        ask(db, newcomer, number)
    with pytest.raises(TooMany) as refusal:
        ask(db, newcomer, NEWCOMERS)
    assert refusal.value.retry_after == 24 * 3600 - NEWCOMERS * 60


def test_the_limit_ends_a_day_after_the_oldest_of_them(db: Session) -> None:
    newcomer = make_user(db, reputation=1)
    for number in range(NEWCOMERS):
        ask(db, newcomer, number)
    ask(db, newcomer, 24 * 60 + 1)


def test_members_with_some_reputation_may_ask_more(db: Session) -> None:
    member = make_user(db, reputation=pace.NEWCOMER_BELOW)
    for number in range(NEWCOMERS + 1):
        ask(db, member, number)


def test_staff_are_not_limited(db: Session) -> None:
    agent = make_user(db, reputation=1, support_role="agent")
    question = make_question(db)
    for minute in range(pace.LIMITS["answer"].newcomer + 1):
        now = MONDAY_MORNING + timedelta(minutes=minute)
        answers.post(db, question=question, author=agent, body="Restart it and try again.", now=now)
