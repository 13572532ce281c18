"""Sending webhooks to receivers that behave, and to those that do not."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from operator import itemgetter
from typing import Any

import pytest
from sqlmodel import Session, col, select
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from app.core.clock import utc_now
from app.core.db import atomic
from app.domain import answers, questions, webhooks
from app.domain.webhooks.service.delivering import LEASE, WAITS
from app.models import OutgoingEmail, User, WebhookAttempt, WebhookDelivery
from app.settings import Settings
from tests.factories.escalations import open_case
from tests.factories.questions import make_question
from tests.factories.webhooks import make_endpoint
from tests.fakes.webhook_receiver import receiving, silence, status
from tests.support.clock import Clock

Drain = Callable[[Session], None]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"webhook_networks": ("127.0.0.1",)})


@pytest.fixture
def ask(db: Session, asker: User, clock: Clock) -> Callable[[], int]:
    def ask() -> int:
        question = questions.ask(
            db,
            author=asker,
            title="Printer prints blank pages",
            body="It shows error 49 since the update, whatever I print.",
            tags="printing",
            product_id=None,
            environment={},
            now=clock.now,
        )
        return question.id

    return ask


def only_delivery(db: Session) -> WebhookDelivery:
    db.expire_all()
    return db.exec(select(WebhookDelivery)).one()


def test_a_message_is_signed_as_the_specification_says(
    db: Session, settings: Settings, clock: Clock, ask: Callable[[], int], drain: Drain
) -> None:
    clock.now = utc_now()  # the specification's library compares with the clock of its machine
    with receiving() as here:
        endpoint = make_endpoint(db, url=here.url, events=["question.created"])
        number = ask()
        drain(db)
    headers, body = here.requests[0]
    secret = webhooks.secret_text(endpoint.salt, key=settings.secret_key)
    message = Webhook(secret).verify(body, headers)
    assert message == {
        "type": "question.created",
        "timestamp": clock.now.isoformat().replace("+00:00", "Z"),
        "data": {
            "question_id": number,
            "product": None,
            "status": "unanswered",
            "answer_count": 0,
            "url": f"{settings.base_url}/questions/{number}",
        },
    }
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(webhooks.secret_text("another", key=settings.secret_key)).verify(body, headers)


def test_while_a_secret_is_rotated_both_verify(
    db: Session, settings: Settings, clock: Clock, admin: User, ask: Callable[[], int], drain: Drain
) -> None:
    clock.now = utc_now()
    with receiving() as here:
        endpoint = make_endpoint(db, url=here.url, events=["question.created"])
        old = webhooks.secret_text(endpoint.salt, key=settings.secret_key)
        rotated = webhooks.rotate(db, endpoint_id=endpoint.id or 0, by=admin, now=clock.now)
        new = webhooks.secret_text(rotated.salt, key=settings.secret_key)
        ask()
        drain(db)
        clock.advance(hours=25)
        ask()
        drain(db)
    headers, body = here.requests[0]
    assert Webhook(old).verify(body, headers) == Webhook(new).verify(body, headers)
    assert old != new
    assert [len(headers["webhook-signature"].split()) for headers, _body in here.requests] == [2, 1]


def test_a_message_that_is_not_taken_comes_again_with_the_same_id_and_content(
    db: Session, clock: Clock, moderator: User, ask: Callable[[], int], drain: Drain
) -> None:
    with receiving(status(500), status(302), status(204)) as here:
        make_endpoint(db, url=here.url, events=["question.created"])
        number = ask()
        drain(db)
        clock.advance(seconds=7)
        # What changes meanwhile changes nothing of what was to be told.
        question = questions.visible(db, viewer=None, question_id=number)
        questions.close(db, question=question, by=moderator, reason="off_topic", now=clock.now)
        drain(db)
        clock.advance(minutes=7)
        drain(db)
    assert len(here.requests) == 3
    assert len({(headers["webhook-id"], body) for headers, body in here.requests}) == 1
    assert only_delivery(db).state == "delivered"
    tries = db.exec(select(WebhookAttempt).order_by(col(WebhookAttempt.id))).all()
    assert [attempt.status for attempt in tries] == [500, 302, 204]
    assert tries[1].error == "Redirects are not followed."


def test_after_three_days_without_an_answer_the_endpoint_is_off_and_its_owner_told(
    db: Session, clock: Clock, ask: Callable[[], int], drain: Drain, admin: User
) -> None:
    with receiving(status(503)) as here:
        endpoint = make_endpoint(db, url=here.url, events=["question.created"], owner=admin)
        ask()
        started = clock.now
        for wait in (timedelta(0), *WAITS):
            clock.now += wait * 1.21  # the jitter is at most a fifth
            drain(db)
        assert len(here.requests) == len(WAITS) + 1
        ask()
        clock.advance(days=1)
        drain(db)
    assert len(here.requests) == len(WAITS) + 1
    assert clock.now - started > timedelta(days=3)
    db.refresh(endpoint)
    assert endpoint.disabled_reason == "failing"
    letter = db.exec(select(OutgoingEmail).where(OutgoingEmail.template == "webhook_disabled")).one()
    assert letter.user_id == admin.id
    assert letter.sent_at is not None


def test_a_receiver_that_says_gone_is_never_asked_again(
    db: Session, clock: Clock, ask: Callable[[], int], drain: Drain
) -> None:
    with receiving(status(410)) as here:
        endpoint = make_endpoint(db, url=here.url, events=["question.created"])
        ask()
        drain(db)
        ask()
        clock.advance(days=2)
        drain(db)
    assert len(here.requests) == 1
    db.refresh(endpoint)
    assert endpoint.disabled_reason == "gone"


def test_a_receiver_on_a_private_address_is_not_sent_to_unless_its_network_is_named(
    db: Session, clock: Clock, ask: Callable[[], int], drain: Drain
) -> None:
    with receiving() as here:
        make_endpoint(db, url=here.url.replace("127.0.0.1", "127.0.0.2"), events=["question.created"])
        ask()
        drain(db)
    assert not here.requests
    assert "not on the public internet" in db.exec(select(WebhookAttempt)).one().error


def test_a_slow_receiver_holds_up_nobody_else(
    db: Session, clock: Clock, ask: Callable[[], int], drain: Drain
) -> None:
    quick_one_was_told = threading.Event()

    def tell(handler: object) -> None:
        quick_one_was_told.set()
        status(204)(handler)  # type: ignore[arg-type]

    with receiving(silence(quick_one_was_told)) as slow, receiving(tell) as quick:
        for number in range(3):
            make_endpoint(db, url=slow.url, name=f"slow {number}", events=["question.created"])
        make_endpoint(db, url=quick.url, events=["question.created"])
        ask()
        drain(db)  # would never end if the slow ones were waited for: they wait for the quick one
    assert len(quick.requests) == 1
    assert len(slow.requests) == 3


def test_a_name_that_is_never_resolved_holds_up_nobody_else(
    db: Session, ask: Callable[[], int], drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick_one_was_told = threading.Event()
    look_up = socket.getaddrinfo

    def hang(host: str, *rest: Any, **how: Any) -> Any:
        if host == "hangs.example" and quick_one_was_told.wait(30):
            raise OSError("gave up")
        return look_up(host, *rest, **how)

    def tell(handler: object) -> None:
        quick_one_was_told.set()
        status(204)(handler)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with receiving(tell) as quick:
        make_endpoint(db, url="https://hangs.example/hook", events=["question.created"])
        make_endpoint(db, url=quick.url, events=["question.created"])
        ask()
        drain(db)
    assert len(quick.requests) == 1
    assert {one.error != "" for one in db.exec(select(WebhookAttempt)).all()} == {True, False}


def test_a_worker_that_dies_after_sending_sends_again_with_the_same_id(
    db: Session, settings: Settings, clock: Clock, ask: Callable[[], int], drain: Drain
) -> None:
    with receiving(status(500), status(204)) as here:
        make_endpoint(db, url=here.url, events=["question.created"])
        ask()
        drain(db)
        clock.advance(seconds=7)
        claimed = webhooks.claim(db, at_most=16, flying={}, failing=True, now=clock.now)
        assert len(claimed) == 1  # and the worker ends here, before it can say what came of it
        drain(db)
        assert len(here.requests) == 1
        clock.now += LEASE
        drain(db)
    assert len(here.requests) == 2
    assert len(set(here.ids)) == 1


def test_what_is_rolled_back_is_told_to_nobody(db: Session, ask: Callable[[], int], drain: Drain) -> None:
    @atomic
    def ask_and_fail(_db: Session) -> None:
        ask()
        raise ZeroDivisionError

    with receiving() as here:
        make_endpoint(db, url=here.url)
        with pytest.raises(ZeroDivisionError):
            ask_and_fail(db)
        drain(db)
    assert not here.requests
    assert not db.exec(select(WebhookDelivery)).all()


def test_accepting_an_answer_is_told_as_both_of_its_types(
    db: Session, clock: Clock, asker: User, answerer: User, drain: Drain
) -> None:
    question = make_question(db, author=asker)
    answer = answers.post(
        db, question=question, author=answerer, body="Take the cable out and in.", now=clock.now
    )
    with receiving() as here:
        make_endpoint(db, url=here.url, events=["question.solved", "answer.accepted"])
        answers.accept(db, answer=answer, by=asker, now=clock.now)
        drain(db)
    told = sorted(
        (json.loads(body)["type"], json.loads(body)["data"]["answer_id"]) for _h, body in here.requests
    )
    assert told == [("answer.accepted", answer.id), ("question.solved", answer.id)]
    assert len(set(here.ids)) == 2


def test_of_what_is_hidden_only_its_id_leaves(
    db: Session, clock: Clock, moderator: User, ask: Callable[[], int], drain: Drain
) -> None:
    with receiving() as here:
        make_endpoint(db, url=here.url)
        number = ask()
        question = questions.visible(db, viewer=None, question_id=number)
        questions.remove(db, question=question, by=moderator, reason="secret reason", now=clock.now)
        drain(db)
    told = [json.loads(body) for _headers, body in here.requests]
    assert [(each["type"], each["data"]) for each in told] == [
        ("question.updated", {"question_id": number, "status": "removed"})
    ]


def test_one_endpoint_with_much_to_hear_gets_no_more_than_its_share(
    db: Session, clock: Clock, ask: Callable[[], int]
) -> None:
    from_shop = make_endpoint(db, events=["question.created"])
    for number in range(5):
        db.add(
            WebhookDelivery(
                endpoint_id=from_shop.id or 0,
                type="question.created",
                message_id=f"msg_{number}",
                happened_at=clock.now,
                data={},
                created_at=clock.now,
                due_at=clock.now,
            )
        )
    db.commit()
    first = webhooks.claim(db, at_most=16, flying={}, failing=False, now=clock.now)
    assert len(first) == 2
    assert not webhooks.claim(db, at_most=16, flying={from_shop.id or 0: 2}, failing=False, now=clock.now)


def test_cases_are_told_to_those_who_ask_for_them(
    db: Session, clock: Clock, agent: User, drain: Drain
) -> None:
    with receiving() as here, receiving() as elsewhere:
        make_endpoint(db, url=here.url, events=["escalation.opened", "escalation.claimed"])
        make_endpoint(db, url=elsewhere.url, events=["question.created"])
        case = open_case(db, owner=agent, now=clock.now)
        drain(db)
    told = sorted((json.loads(body) for _headers, body in here.requests), key=itemgetter("type"))
    assert [each["type"] for each in told] == ["escalation.claimed", "escalation.opened"]
    assert {each["data"]["escalation_id"] for each in told} == {case.id}
    assert not elsewhere.requests
