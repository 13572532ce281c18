"""Reminding askers who got an answer and did not say whether it helped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlmodel import Session, col, select

from app.domain import answers, comments, follows, notifications, questions, votes
from app.models import Answer, Notification, Question, User
from app.settings import Settings
from tests.factories.answers import make_answer
from tests.factories.questions import make_question
from tests.support.clock import Clock

Drain = Callable[[Session], None]


@pytest.fixture
def question(db: Session, asker: User, now: datetime) -> Question:
    asked = make_question(db, author=asker)
    follows.follow(db, by=asker, subject=asked, now=now)
    return asked


@pytest.fixture
def answer(db: Session, question: Question, answerer: User, now: datetime, drain: Drain) -> Answer:
    posted = answers.post(db, question=question, author=answerer, body="Reseat the toner cartridge.", now=now)
    drain(db)
    return posted


def pass_days(db: Session, clock: Clock, drain: Drain, days: int) -> None:
    for _ in range(days):
        clock.advance(days=1)
        notifications.remind(db, now=clock.now)
        drain(db)


def reminders(db: Session) -> list[Notification]:
    return list(db.exec(select(Notification).where(Notification.kind == "reminder")))


def mailed(settings: Settings) -> int:
    """Return how many reminders lie in the mail folder."""
    return sum("Did an answer" in path.read_text() for path in settings.mail_dir.glob("*.eml"))


@pytest.mark.usefixtures("answer")
def test_an_asker_is_reminded_after_three_days(db: Session, asker: User, clock: Clock, drain: Drain) -> None:
    pass_days(db, clock, drain, 2)
    assert reminders(db) == []
    pass_days(db, clock, drain, 1)
    assert [row.user_id for row in reminders(db)] == [asker.id]
    (row, _answered) = notifications.inbox(db, member=asker).rows
    assert row.text == "Did an answer solve your problem?"


@pytest.mark.usefixtures("answer")
def test_an_asker_is_reminded_three_times_at_most_and_mailed_each_time(
    db: Session, settings: Settings, clock: Clock, drain: Drain
) -> None:
    pass_days(db, clock, drain, 20)
    assert mailed(settings) == 3
    assert len(reminders(db)) == 1  # the newest takes the place of those before


def test_a_new_answer_does_not_start_over(
    db: Session, settings: Settings, question: Question, answer: Answer, clock: Clock, drain: Drain
) -> None:
    answerer = db.get_one(User, answer.author_id)
    pass_days(db, clock, drain, 20)
    answers.post(db, question=question, author=answerer, body="Or clean the rollers, gently.", now=clock.now)
    drain(db)
    pass_days(db, clock, drain, 20)
    assert mailed(settings) == 3


@pytest.mark.parametrize("reaction", ["accept", "vote", "comment"])
def test_who_reacted_is_not_reminded(
    db: Session, question: Question, answer: Answer, asker: User, clock: Clock, drain: Drain, reaction: str
) -> None:
    now = clock.advance(hours=1)
    if reaction == "accept":
        answers.accept(db, answer=answer, by=asker, now=now)
    elif reaction == "vote":
        votes.cast(db, post=answer, by=asker, value=1, now=now)
    else:
        comments.post(db, post=answer, author=asker, body="That did not help, sadly.", now=now)
    pass_days(db, clock, drain, 10)
    assert reminders(db) == []


def test_nobody_is_reminded_of_an_answer_that_is_gone(
    db: Session, answer: Answer, answerer: User, clock: Clock, drain: Drain
) -> None:
    answers.remove(db, answer=answer, by=answerer, now=clock.advance(hours=1))
    pass_days(db, clock, drain, 10)
    assert reminders(db) == []


def test_nobody_is_reminded_of_a_closed_question(
    db: Session, question: Question, answer: Answer, agent: User, clock: Clock, drain: Drain
) -> None:
    questions.close(db, question=question, by=agent, reason="outdated", now=clock.advance(hours=1))
    pass_days(db, clock, drain, 10)
    assert answer.id
    assert reminders(db) == []


def test_nobody_is_reminded_of_their_own_answer(
    db: Session, question: Question, asker: User, clock: Clock, drain: Drain
) -> None:
    answers.post(db, question=question, author=asker, body="I found it: the cartridge.", now=clock.now)
    drain(db)
    pass_days(db, clock, drain, 10)
    assert reminders(db) == []


def test_old_answers_that_were_moved_in_remind_nobody(
    db: Session, question: Question, clock: Clock, drain: Drain
) -> None:
    make_answer(db, question=question)
    pass_days(db, clock, drain, 10)
    assert db.exec(select(Notification).order_by(col(Notification.id))).all() == []


def test_every_kind_has_a_choice_of_its_own() -> None:
    assert len({kind.choice for kind in notifications.KINDS.values()}) == len(notifications.KINDS)
