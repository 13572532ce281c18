"""Webhooks at the desk."""

from __future__ import annotations

import re

import pytest
from sqlmodel import Session, col, select

from app.models import AuditEntry, User, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from app.settings import Settings
from tests.factories.webhooks import make_endpoint
from tests.support.browser import Browser
from tests.support.clock import Clock

SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{44}")
SHOP = {
    "name": "Our shop",
    "endpoint_url": "https://shop.example/hooks",
    "events": ["question.created", "answer.created"],
}


def make_delivery(db: Session, endpoint: WebhookEndpoint, clock: Clock, **facts: object) -> WebhookDelivery:
    defaults = {
        "type": "question.created",
        "message_id": f"msg_{clock.now.isoformat()}",
        "data": {},
        "state": "failed",
    }
    times = {"happened_at": clock.now, "created_at": clock.now, "ended_at": clock.now}
    row = WebhookDelivery(endpoint_id=endpoint.id, **{**defaults, **times, **facts})  # type: ignore[arg-type]
    db.add(row)
    db.commit()
    db.add(WebhookAttempt(delivery_id=row.id or 0, at=clock.now, status=503, took_ms=71))
    db.commit()
    return row


def test_an_endpoint_is_added_and_its_secret_shown_once(client: Browser, db: Session, admin: User) -> None:
    client.sign_in(admin)
    made = client.post_form("/desk/webhooks", SHOP)
    endpoint = db.exec(select(WebhookEndpoint)).one()
    assert (endpoint.events, endpoint.owner_id) == (["question.created", "answer.created"], admin.id)
    secret = SECRET.search(made.text)
    assert secret is not None
    assert made.headers["cache-control"] == "private, no-store"
    page = client.get(f"/desk/webhooks/{endpoint.id}")
    assert "https://shop.example/hooks" in page.text
    assert not SECRET.search(page.text)
    assert secret.group() not in str(endpoint.model_dump())


def test_a_new_secret_is_another_one_and_the_old_one_lasts_a_day(
    client: Browser, db: Session, admin: User, clock: Clock
) -> None:
    client.sign_in(admin)
    first = SECRET.search(client.post_form("/desk/webhooks", SHOP).text)
    endpoint = db.exec(select(WebhookEndpoint)).one()
    second = SECRET.search(client.post_form(f"/desk/webhooks/{endpoint.id}/secret").text)
    assert first and second and first.group() != second.group()  # noqa: PT018
    db.refresh(endpoint)
    assert endpoint.previous_until is not None
    assert (endpoint.previous_until - clock.now).days == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("endpoint_url", "ftp://shop.example"), ("endpoint_url", "https://user:word@shop.example"), ("events", []), ("events", ["post.voted"])],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_form(
    client: Browser, db: Session, admin: User, field: str, value: str | list[str]
) -> None:
    client.sign_in(admin)
    answer = client.post_form("/desk/webhooks", {**SHOP, field: value})
    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert not db.exec(select(WebhookEndpoint)).all()


def test_an_endpoint_is_changed_switched_off_and_on_and_removed(
    client: Browser, db: Session, admin: User
) -> None:
    client.sign_in(admin)
    base = f"/desk/webhooks/{make_endpoint(db).id}"
    assert client.post_form(base, {**SHOP, "name": "Another"}).status_code == 303
    assert client.post_form(f"{base}/off").status_code == 303
    assert "It is switched off." in client.get(base).text
    assert client.post_form(f"{base}/on").status_code == 303
    assert "Another" in client.get("/desk/webhooks").text
    assert client.post_form(f"{base}/remove").status_code == 303
    assert client.get(base).status_code == 404
    acts = db.exec(select(AuditEntry.action).order_by(col(AuditEntry.id))).all()
    assert acts == ["webhook.change", "webhook.switch_off", "webhook.switch_on", "webhook.remove"]


def test_what_waits_is_held_while_an_endpoint_is_off(
    client: Browser, db: Session, admin: User, clock: Clock
) -> None:
    client.sign_in(admin)
    endpoint = make_endpoint(db)
    row = make_delivery(db, endpoint, clock, state="waiting", due_at=clock.now, ended_at=None)
    client.post_form(f"/desk/webhooks/{endpoint.id}/off")
    db.refresh(row)
    assert row.due_at is None
    client.post_form(f"/desk/webhooks/{endpoint.id}/on")
    db.refresh(row)
    assert row.due_at == clock.now


def test_the_log_shows_every_try_and_one_message_can_be_sent_again(
    client: Browser, db: Session, admin: User, clock: Clock
) -> None:
    client.sign_in(admin)
    endpoint = make_endpoint(db)
    row = make_delivery(db, endpoint, clock)
    page = client.get(f"/desk/webhooks/{endpoint.id}?state=failed").text
    assert row.message_id in page
    assert "503" in page
    assert row.message_id not in client.get(f"/desk/webhooks/{endpoint.id}?state=delivered").text
    answer = client.post_form(f"/desk/webhooks/{endpoint.id}/deliveries/{row.id}/replay")
    assert answer.status_code == 303
    db.refresh(row)
    assert (row.state, row.due_at) == ("waiting", clock.now)


def test_the_failed_messages_of_some_days_can_be_sent_again(
    client: Browser, db: Session, admin: User, clock: Clock
) -> None:
    client.sign_in(admin)
    endpoint = make_endpoint(db)
    before = make_delivery(db, endpoint, clock)
    clock.advance(days=1)
    day = clock.now.date().isoformat()
    taken = make_delivery(db, endpoint, clock, state="delivered", message_id="msg_taken")
    failed = make_delivery(db, endpoint, clock)
    client.post_form(f"/desk/webhooks/{endpoint.id}/replay", {"since": day, "until": day, "what": "failed"})
    states = [db.get_one(WebhookDelivery, row.id).state for row in (before, taken, failed)]
    assert states == ["failed", "delivered", "waiting"]
    wrong = client.post_form(f"/desk/webhooks/{endpoint.id}/replay", {"since": "", "until": day})
    assert wrong.status_code == 422
    backwards = client.post_form(
        f"/desk/webhooks/{endpoint.id}/replay", {"since": day, "until": "2020-01-01"}
    )
    assert backwards.status_code == 422


def test_to_an_endpoint_that_is_off_only_a_test_is_sent(
    client: Browser, db: Session, admin: User, clock: Clock
) -> None:
    client.sign_in(admin)
    endpoint = make_endpoint(db, disabled_at=clock.now, disabled_reason="gone")
    row = make_delivery(db, endpoint, clock)
    assert client.post_form(f"/desk/webhooks/{endpoint.id}/deliveries/{row.id}/replay").status_code == 409
    assert client.post_form(f"/desk/webhooks/{endpoint.id}/test").status_code == 303
    test = db.exec(select(WebhookDelivery).where(WebhookDelivery.type == "webhook.test")).one()
    assert test.due_at == clock.now


@pytest.mark.parametrize("role", [None, "agent", "moderator"])
def test_for_everybody_but_administrators_there_is_nothing(
    client: Browser, db: Session, request: pytest.FixtureRequest, role: str | None
) -> None:
    client.sign_in(request.getfixturevalue(role) if role else None)
    base = f"/desk/webhooks/{make_endpoint(db).id}"
    assert client.get("/desk/webhooks").status_code == 404
    assert client.get(base).status_code == 404
    for path in ("/desk/webhooks", base, f"{base}/secret", f"{base}/on", f"{base}/off", f"{base}/test", f"{base}/remove", f"{base}/replay"):  # fmt: skip
        assert client.post_form(path, SHOP).status_code == 404


def test_a_delivery_of_another_endpoint_is_not_found(
    client: Browser, db: Session, admin: User, clock: Clock
) -> None:
    client.sign_in(admin)
    row = make_delivery(db, make_endpoint(db), clock)
    another = make_endpoint(db, name="Another")
    assert client.post_form(f"/desk/webhooks/{another.id}/deliveries/{row.id}/replay").status_code == 404


def test_the_log_is_forgotten_after_thirty_days(
    db: Session, settings: Settings, clock: Clock, drain: object
) -> None:
    endpoint = make_endpoint(db)
    make_delivery(db, endpoint, clock)
    clock.advance(days=31)
    drain(db)  # type: ignore[operator]
    assert not db.exec(select(WebhookDelivery)).all()
    assert not db.exec(select(WebhookAttempt)).all()
