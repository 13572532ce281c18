"""What is gone is in no inbox and no mail, whatever it was told as."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlmodel import Session

from app.domain import answers, comments, follows, notifications, outbox, questions
from app.models import Question, User
from app.settings import Settings
from app.worker.consumers import BY_NAME, CONSUMERS
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.mailbox import Mailbox, text_of

CANARY = "canary4711"
Drain = Callable[[Session], None]


def tell(db: Session, now: datetime) -> None:
    """Run the consumers, but send no mail yet."""
    outbox.relay(db, consumers=CONSUMERS, now=now)
    while outbox.run_next(db, consumers=BY_NAME, now=now):
        pass


def seen_by(client: Browser, member: User) -> str:
    return client.sign_in(member).get("/inbox").text


def mailed(db: Session, settings: Settings, now: datetime) -> str:
    messages = Mailbox(db, settings).fetch(now=now)
    return "\n".join(f"{message['Subject']}\n{text_of(message)}" for message in messages)


@pytest.fixture
def follower(db: Session, asker: User, now: datetime) -> User:
    member = make_user(db, handle="follower")
    follows.follow(db, by=member, subject=asker, now=now)
    return member


@pytest.fixture
def question(db: Session, asker: User, follower: User, now: datetime) -> Question:
    asked = questions.ask(
        db,
        author=asker,
        title=f"Printer {CANARY} prints blank pages",
        body=f"@follower do you know? It says {CANARY} since the update.",
        tags="printing",
        product_id=None,
        environment={},
        now=now,
    )
    follows.follow(db, by=follower, subject=asked, now=now)
    return asked


def test_a_hidden_question_is_in_no_inbox_and_no_mail(
    client: Browser,
    db: Session,
    settings: Settings,
    question: Question,
    follower: User,
    answerer: User,
    asker: User,
    moderator: User,
    now: datetime,
) -> None:
    answer = answers.post(db, question=question, author=answerer, body="Reseat the cartridge.", now=now)
    comments.post(db, post=answer, author=asker, body="Which one do you mean?", now=now)
    answers.accept(db, answer=answer, by=asker, now=now)
    tell(db, now)
    assert CANARY in seen_by(client, follower)
    questions.remove(db, question=question, by=moderator, reason="Advertising.", now=now)
    tell(db, now)
    for member in (follower, answerer):
        assert CANARY not in seen_by(client, member)
        assert notifications.unread_count(db, member) == 0
    assert CANARY in seen_by(client, asker)  # it is their own, and they are told why
    mail = mailed(db, settings, now)
    assert mail.count(CANARY) == 2  # subject and text of the one mail to its author
    assert "Advertising." in mail


def test_an_answer_of_a_thread_that_went_later_names_it_no_more(
    client: Browser,
    db: Session,
    settings: Settings,
    question: Question,
    answerer: User,
    moderator: User,
    now: datetime,
) -> None:
    answer = answers.post(db, question=question, author=answerer, body="Buy a new one from me.", now=now)
    answers.remove(db, answer=answer, by=moderator, reason="Advertising.", now=now)
    tell(db, now)
    assert CANARY in seen_by(client, answerer)
    questions.remove(db, question=question, by=moderator, reason="Personal data.", now=now)
    tell(db, now)
    assert CANARY not in seen_by(client, answerer)
    recipients = [message["To"] for message in Mailbox(db, settings).fetch(now=now)]
    assert answerer.email not in recipients


def test_a_hidden_comment_or_answer_is_in_no_inbox_and_no_mail(
    client: Browser,
    db: Session,
    settings: Settings,
    question: Question,
    asker: User,
    answerer: User,
    moderator: User,
    now: datetime,
) -> None:
    answer = answers.post(db, question=question, author=answerer, body="Look at leak0815, please.", now=now)
    comment = comments.post(db, post=question, author=answerer, body="Or at leak0816, rather.", now=now)
    tell(db, now)
    answers.remove(db, answer=answer, by=moderator, reason="Rude.", now=now)
    comments.remove(db, comment=comment, by=moderator, reason="Rude.", now=now)
    assert notifications.unread_count(db, asker) == 0
    assert "leak08" not in mailed(db, settings, now)
    assert "answered your question" not in seen_by(client, asker)


def test_mail_does_not_follow_an_address_that_changed(
    db: Session, settings: Settings, question: Question, asker: User, answerer: User, now: datetime
) -> None:
    answers.post(db, question=question, author=answerer, body="Reseat the cartridge.", now=now)
    tell(db, now)
    before = asker.email
    asker.email = asker.email_key = "elsewhere@example.org"
    db.add(asker)
    db.commit()
    recipients = [message["To"] for message in Mailbox(db, settings).fetch(now=now)]
    assert before not in recipients


def test_an_edit_tells_only_whom_it_newly_mentions(
    db: Session, question: Question, follower: User, asker: User, now: datetime, drain: Drain
) -> None:
    added = make_user(db, handle="added")
    drain(db)
    questions.edit(
        db,
        question=question,
        by=asker,
        base=1,
        title=question.title,
        body="@follower and @Added, do you know? It still does.",
        tags="printing",
        product_id=None,
        environment={},
        summary="",
        now=now,
    )
    drain(db)
    assert [row.text for row in notifications.inbox(db, member=added).rows] == ["Asker mentioned you"]
    assert len(notifications.inbox(db, member=follower).rows) == 1
