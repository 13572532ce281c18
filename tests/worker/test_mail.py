from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from app.core.mailer import NotSent, Undeliverable
from app.core.resources import resource
from app.domain import answers, mail, notifications
from app.domain.accounts import TEMPLATES
from app.domain.mail import Claimed, Letter
from app.models import OutgoingEmail, User
from app.settings import Settings
from app.worker import loop
from app.worker.loop import Worker
from app.worker.mail import Sender, compose
from tests.factories.follows import make_follow
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.fakes.smtp_server import SILENCE, mail_server
from tests.support.clock import MONDAY_MORNING, Clock
from tests.support.mailbox import Mailbox, text_of

NAMES = sorted(
    path.name.removesuffix(".subject.txt") for path in resource("templates/emails").glob("*.subject.txt")
)


class Postman:
    """Takes messages, or fails with what it is told to."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self.taken: list[EmailMessage] = []

    def send(self, message: EmailMessage) -> None:
        if self._failures:
            raise self._failures.pop(0)
        self.taken.append(message)


def hand_over(postman: Postman, db: Session, settings: Settings, *, now: datetime) -> bool:
    """Hand over what is due; return whether there was anything."""
    sender, was_any = Sender(lambda _settings: postman), mail.is_waiting(db, now=now)
    while sender.round(db, settings, now=now):
        pass
    return was_any


def claimed(**facts: object) -> Claimed:
    values = {
        "id": 1,
        "message_id": "abc",
        "user_id": None,
        "to_address": "ann@example.org",
        "template": "verify",
        "context": {},
    }
    return Claimed(**{**values, **facts})  # type: ignore[arg-type]


ROUNDS = 200
"""More than the worker ever needs for what the tests give it to do."""


def queue_one(db: Session, *, to: str = "ann@example.org") -> None:
    mail.queue(db, template="account_deleted", to=to, context={"name": "Ann"}, now=MONDAY_MORNING)
    db.commit()


def stored(db: Session) -> OutgoingEmail:
    """Return what `queue_one` queued, or the test did itself."""
    db.expire_all()
    return db.exec(select(OutgoingEmail).order_by(col(OutgoingEmail.id)).limit(1)).one()


@pytest.mark.parametrize("name", sorted(TEMPLATES | {"claim", "address_taken"}))
def test_every_letter_of_accounts_can_be_written(settings: Settings, name: str) -> None:
    context = {"name": "Ann <b>Lee</b>", "handle": "ann", "token": "TOKEN", "key": "<b>Shop"}
    message = compose(claimed(), Letter(name, context), settings, now=MONDAY_MORNING)
    html = message.get_body(("html",))
    assert html is not None
    assert message["Subject"]
    assert "<b>" not in html.get_content()
    assert "Ann" not in text_of(message) or "Ann <b>Lee</b>" in text_of(message)


def test_links_come_from_the_settings_and_can_be_read_in_the_raw_message(settings: Settings) -> None:
    letter = Letter("verify", {"name": "Ann", "token": "T" * 43})
    raw = compose(claimed(), letter, settings, now=MONDAY_MORNING).as_string()
    assert f"http://testserver/verify/{'T' * 43}\n" in raw.replace("\r\n", "\n")


def test_the_address_that_ends_mail_stays_whole_in_the_raw_message(settings: Settings) -> None:
    context = {"name": "Ann", "text": "New answer", "title": "Åäö " * 40, "excerpt": "", "path": "/"}
    letter = Letter("notification", {**context, "unsubscribe": {"user_id": 123456, "kind": "edit_approved"}})
    raw = compose(claimed(template="notification"), letter, settings, now=MONDAY_MORNING).as_bytes()
    assert re.search(rb"\r\nList-Unsubscribe: <http://testserver/unsubscribe/[\w.-]{80,}>\r\n", raw)
    assert max(map(len, raw.partition(b"Subject:")[2].partition(b"From:")[0].splitlines())) <= 78


@pytest.mark.parametrize("name", ["Ann\r\nBcc: eve@example.org", "Ann\nSubject: other", "Ann\x00"])
def test_nothing_that_people_write_can_add_a_header(settings: Settings, name: str) -> None:
    context = {
        "name": name,
        "text": "New answer",
        "title": name,
        "excerpt": name,
        "path": "/",
        "unsubscribe": {"user_id": 1, "kind": "x"},
    }
    letter = Letter("notification", context)
    message = compose(claimed(template="notification"), letter, settings, now=MONDAY_MORNING)
    head = message.as_string().replace("\r\n", "\n").partition("\n\n")[0]
    assert "\nBcc" not in head
    assert f"\n{head}".count("\nSubject:") == 1


@pytest.mark.parametrize("address", ["a@x.org\r\nBcc: b@y.org", "a@x.org, b@y.org", "a@x.org\nX: y", ""])
def test_an_address_that_is_not_one_is_given_up(db: Session, settings: Settings, address: str) -> None:
    db.add(
        OutgoingEmail(
            message_id="m", to_address=address, template="account_deleted", context={"name": "Ann"},
            created_at=MONDAY_MORNING, try_at=MONDAY_MORNING,
        )
    )  # fmt: skip
    db.commit()
    postman = Postman()
    assert hand_over(postman, db, settings, now=MONDAY_MORNING)
    assert not postman.taken
    assert stored(db).failed_at == MONDAY_MORNING


def test_a_sent_message_is_forgotten_but_for_its_times(db: Session, settings: Settings) -> None:
    queue_one(db)
    postman = Postman()
    assert hand_over(postman, db, settings, now=MONDAY_MORNING)
    row = stored(db)
    assert row.sent_at == MONDAY_MORNING
    assert (row.context, row.to_address) == ({}, "")
    assert not hand_over(postman, db, settings, now=MONDAY_MORNING)
    assert len(postman.taken) == 1


def test_a_try_that_failed_comes_again_later_under_the_same_message_id(
    db: Session, settings: Settings
) -> None:
    queue_one(db)
    before = stored(db).message_id
    postman = Postman(NotSent("away"))
    assert hand_over(postman, db, settings, now=MONDAY_MORNING)
    assert not hand_over(postman, db, settings, now=MONDAY_MORNING)
    assert hand_over(postman, db, settings, now=MONDAY_MORNING + timedelta(minutes=1))
    assert postman.taken[0]["Message-ID"] == f"<{before}@testserver>"


def test_a_worker_that_dies_while_sending_leaves_the_message_to_another(
    db: Session, settings: Settings
) -> None:
    queue_one(db)
    lost = mail.claim(db, now=MONDAY_MORNING)
    assert lost is not None
    assert mail.claim(db, now=MONDAY_MORNING + timedelta(minutes=4)) is None
    again = mail.claim(db, now=MONDAY_MORNING + timedelta(minutes=5))
    assert again is not None
    assert again.message_id == lost.message_id


def test_after_three_days_it_is_given_up(db: Session, settings: Settings, clock: Clock) -> None:
    queue_one(db)
    tries = 0
    while stored(db).failed_at is None:
        clock.now = stored(db).try_at
        assert hand_over(Postman(NotSent("away")), db, settings, now=clock.now)
        tries += 1
        assert tries < 30
    assert timedelta(days=2) < clock.now - MONDAY_MORNING <= timedelta(days=3)
    assert stored(db).last_error == "away"
    assert [row.id for row in mail.failed(db)] == [stored(db).id]


def test_what_can_not_be_delivered_is_given_up_at_once(db: Session, settings: Settings) -> None:
    queue_one(db)
    assert hand_over(Postman(Undeliverable("no such mailbox")), db, settings, now=MONDAY_MORNING)
    assert stored(db).failed_at == MONDAY_MORNING


def test_a_mistake_in_a_template_is_tried_again_later(db: Session, settings: Settings) -> None:
    mail.queue(db, template="no-such-letter", to="ann@example.org", context={}, now=MONDAY_MORNING)
    db.commit()
    assert not Sender().round(db, settings, now=MONDAY_MORNING)
    assert stored(db).failed_at is None
    assert stored(db).last_error


def test_what_events_lead_to_is_sent_though_mail_was_looked_for_at_that_very_instant(
    db: Session, settings: Settings, asker: User
) -> None:
    worker = Worker(db.get_bind(), settings)
    worker.drain(now=MONDAY_MORNING)
    question = make_question(db, author=asker)
    make_follow(db, of=question, user=asker)
    body = "Take the cartridge out and shake it."
    answers.post(db, question=question, author=make_user(db), body=body, now=MONDAY_MORNING)
    worker.drain(now=MONDAY_MORNING)
    assert stored(db).sent_at == MONDAY_MORNING


def test_a_server_that_does_not_answer_holds_up_nothing_else_and_its_answer_is_awaited_at_the_end(
    db: Session, settings: Settings, asker: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "LANDING_SECONDS", 60)
    with mail_server() as server:
        server.greeting = SILENCE
        settings = settings.model_copy(update={"smtp_url": server.address})
        queue_one(db)
        question = make_question(db, author=asker)
        make_follow(db, of=question, user=asker)
        body = "Take the cartridge out and shake it."
        answers.post(db, question=question, author=make_user(db), body=body, now=MONDAY_MORNING)
        worker = Worker(db.get_bind(), settings)
        for _round in range(ROUNDS):
            worker.round(now=MONDAY_MORNING)
            if notifications.has_unread_about(db, member=asker, question_id=question.id):
                break
        assert notifications.has_unread_about(db, member=asker, question_id=question.id)
        assert not server.received
        assert stored(db).sent_at is None
        server.patience.set()
        worker.land(now=MONDAY_MORNING)
        assert stored(db).sent_at is not None
        assert sum(f"<{stored(db).message_id}@".encode() in raw for raw in server.received) == 1


def test_what_became_of_an_e_mail_is_written_down_when_the_database_is_back(
    db: Session, settings: Settings
) -> None:
    queue_one(db)
    postman = Postman()
    sender = Sender(lambda _settings: postman)
    assert sender.round(db, settings, now=MONDAY_MORNING)
    with _away(db), pytest.raises(OperationalError):
        sender.land(db, now=MONDAY_MORNING, seconds=60)
    sender.land(db, now=MONDAY_MORNING, seconds=60)
    assert stored(db).sent_at == MONDAY_MORNING
    assert len(postman.taken) == 1


@contextmanager
def _away(db: Session) -> Iterator[None]:
    """Let the database answer nothing."""

    def refuse(*_: object) -> None:
        raise OperationalError("any", {}, OSError("gone"))

    bind = db.get_bind()
    event.listen(bind, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(bind, "before_cursor_execute", refuse)
        db.rollback()


def test_nothing_is_queued_for_a_member_without_an_address(db: Session) -> None:
    imported = make_user(db, email=None, email_key=None)
    mail.queue(db, template="verify", user=imported, context={}, now=MONDAY_MORNING)
    assert db.exec(select(OutgoingEmail)).first() is None


def test_old_mail_is_deleted_after_a_week(db: Session, settings: Settings) -> None:
    queue_one(db)
    Mailbox(db, settings).fetch(now=MONDAY_MORNING)
    assert mail.forget_old(db, now=MONDAY_MORNING + timedelta(days=6)) == 0
    assert mail.forget_old(db, now=MONDAY_MORNING + timedelta(days=8)) == 1


def test_each_letter_has_its_three_parts() -> None:
    assert NAMES
    folder = resource("templates/emails")
    missing = [
        name for name in NAMES if not all((folder / f"{name}.{part}").exists() for part in ("txt", "html"))
    ]
    assert not missing
