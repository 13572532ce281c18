"""The inbox, what is mailed, and ending mail from the mail itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlmodel import Session

from app.core.signing import sign
from app.domain import answers, follows, notifications
from app.models import Question, User
from tests.factories.questions import make_question
from tests.support.browser import Browser

Drain = Callable[[Session], None]


@pytest.fixture
def question(db: Session, asker: User, answerer: User, now: datetime, drain: Drain) -> Question:
    """A question of the asker with a new answer that they were told of."""
    asked = make_question(db, author=asker, title="Printer prints blank pages")
    follows.follow(db, by=asker, subject=asked, now=now)
    answers.post(db, question=asked, author=answerer, body="Reseat the toner cartridge.", now=now)
    drain(db)
    return asked


def test_a_stranger_is_sent_to_sign_in(client: Browser) -> None:
    assert client.get("/inbox").headers["location"].startswith("/signin")
    assert client.get("/settings/notifications").headers["location"].startswith("/signin")


def test_a_member_sees_their_own_news_only(
    client: Browser, question: Question, asker: User, answerer: User
) -> None:
    assert question.title in client.sign_in(asker).get("/inbox").text
    assert question.title not in client.sign_in(answerer).get("/inbox").text


def test_opening_the_question_marks_its_news_as_read(
    client: Browser, db: Session, question: Question, asker: User
) -> None:
    client.sign_in(asker)
    assert notifications.unread_count(db, asker) == 1
    assert client.get(f"/questions/{question.id}", follow_redirects=True).status_code == 200
    assert notifications.unread_count(db, asker) == 0


def test_everything_can_be_marked_as_read(
    client: Browser, db: Session, question: Question, asker: User
) -> None:
    assert client.sign_in(asker).post_form("/inbox/read").status_code == 303
    assert notifications.unread_count(db, asker) == 0


def test_choices_are_kept(client: Browser, db: Session, asker: User) -> None:
    client.sign_in(asker).post_form("/settings/notifications", {"mention": "1"})
    mailed = {kind.key for kind, by_email in notifications.choices(db, member=asker) if by_email}
    assert mailed == {"mention"}


def test_a_kind_that_does_not_exist_is_refused(client: Browser, asker: User) -> None:
    sent = client.sign_in(asker).post_form("/settings/notifications", {"mention": "1", "unknown": "1"})
    assert sent.status_code == 422


def test_a_mail_program_ends_a_kind_of_mail_with_one_click(client: Browser, db: Session, asker: User) -> None:
    address = unsubscribe_address(client, asker, "answer")
    assert client.get(address).status_code == 200
    ended = client.post(address, data={"List-Unsubscribe": "One-Click"})
    assert ended.status_code == 200
    mailed = {kind.key for kind, by_email in notifications.choices(db, member=asker) if by_email}
    assert "answer" not in mailed
    assert "mention" in mailed


def test_a_forged_address_ends_nothing(client: Browser, asker: User) -> None:
    assert client.post("/unsubscribe/forged").status_code == 404
    other_purpose = sign(
        json.dumps([asker.id, "answer"]), purpose="flash", key=client.forum.state.secret, seconds=60
    )
    assert client.post(f"/unsubscribe/{other_purpose}").status_code == 404


def unsubscribe_address(client: Browser, member: User, kind: str) -> str:
    payload = json.dumps([member.id, kind])
    return f"/unsubscribe/{sign(payload, purpose='unsubscribe', key=client.forum.state.secret, seconds=60)}"
