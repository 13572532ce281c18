"""Webhooks over the API."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from app.models import User, WebhookDelivery, WebhookEndpoint
from tests.api.conftest import Client
from tests.factories.webhooks import make_endpoint
from tests.support.clock import Clock

Keys = Callable[..., Client]
SHOP = {"name": "Our shop", "endpoint_url": "https://shop.example/hooks", "events": ["question.created"]}
SCOPES = ("read", "write", "webhooks")


def make_delivery(db: Session, endpoint: WebhookEndpoint, clock: Clock, message_id: str, state: str) -> int:
    row = WebhookDelivery(
        endpoint_id=endpoint.id or 0,
        type="question.created",
        message_id=message_id,
        happened_at=clock.now,
        data={"question_id": 1},
        created_at=clock.now,
        state=state,
    )
    db.add(row)
    db.commit()
    return row.id or 0


def test_an_endpoint_is_made_tested_given_a_secret_and_removed(
    db: Session, admin: User, as_member: Keys
) -> None:
    api = as_member(admin, *SCOPES)
    made = api("POST", "/webhooks", SHOP, {"Idempotency-Key": "one"})
    assert made.status_code == 201, made.text
    assert "secret" not in made.text.replace("/secret", "")
    assert api("POST", "/webhooks", SHOP, {"Idempotency-Key": "one"}).json() == made.json()
    path = made.headers["location"].partition("/api/v1")[2]
    first, second = (api("PUT", f"{path}/secret").json()["secret"] for _ in range(2))
    assert first.startswith("whsec_")
    assert first != second
    assert api("POST", f"{path}/test").json()["type"] == "webhook.test"
    assert [row["type"] for row in api.rows(f"{path}/deliveries")] == ["webhook.test"]
    assert len(api.rows("/webhooks")) == 1
    assert api("DELETE", path).status_code == 204
    assert api("GET", path).status_code == 404
    assert not db.exec(select(WebhookEndpoint)).all()


def test_deliveries_are_walked_and_sent_again(
    db: Session, admin: User, as_member: Keys, clock: Clock
) -> None:
    api = as_member(admin, *SCOPES)
    endpoint = make_endpoint(db)
    ids = [
        make_delivery(db, endpoint, clock, f"msg_{n}", "failed" if n % 2 else "delivered") for n in range(5)
    ]
    path = f"/webhooks/{endpoint.id}"
    page = api("GET", f"{path}/deliveries", params={"limit": 3}).json()
    rest = api("GET", f"{path}/deliveries", params={"limit": 3, "cursor": page["page"]["next"]}).json()
    assert [row["id"] for row in page["data"] + rest["data"]] == ids[::-1]
    assert len(api.rows(f"{path}/deliveries", state="failed")) == 2
    assert api("POST", f"{path}/replay", {"delivery_id": ids[0]}).json() == {"count": 1}
    time = {"since": clock.now.isoformat(), "until": clock.advance(hours=1).isoformat()}
    assert api("POST", f"{path}/replay", time).json() == {"count": 2}
    assert api("POST", f"{path}/replay", {}).status_code == 422
    assert len(api.rows(f"{path}/deliveries", state="waiting")) == 3


def test_an_endpoint_is_edited_and_switched_off_and_on(db: Session, admin: User, as_member: Keys) -> None:
    api = as_member(admin, *SCOPES)
    path = f"/webhooks/{make_endpoint(db).id}"
    assert api("PATCH", path, {"name": "Another"}).status_code == 428
    for packed in ("identity", "gzip"):
        etag = api("GET", path, headers={"Accept-Encoding": packed}).headers["etag"]
        changed = api(
            "PATCH", path, {"name": f"Shop {packed}", "events": ["answer.created"]}, {"If-Match": etag}
        )
        assert (changed.status_code, changed.json()["name"]) == (200, f"Shop {packed}"), changed.text
        assert changed.json()["events"] == ["answer.created"]
        assert api("PATCH", path, {"name": "Late"}, {"If-Match": etag}).status_code == 412
    wrong = api("PATCH", path, {"endpoint_url": "ftp://x"}, {"If-Match": "*"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "#/endpoint_url")
    assert api("DELETE", f"{path}/enabled").json()["disabled_reason"] == "by_staff"
    assert api("PUT", f"{path}/enabled").json()["disabled_at"] is None


@pytest.mark.parametrize(
    ("field", "value"), [("endpoint_url", "ftp://x"), ("events", ["nothing"]), ("events", []), ("name", " ")]
)
def test_what_is_wrong_is_named(admin: User, as_member: Keys, field: str, value: object) -> None:
    answer = as_member(admin, *SCOPES)("POST", "/webhooks", {**SHOP, field: value})
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_it_takes_an_administrator_and_the_scope(
    db: Session, admin: User, moderator: User, as_member: Keys, api: Client
) -> None:
    path = f"/webhooks/{make_endpoint(db).id}"
    assert api("GET", path).status_code == 401
    assert as_member(admin)("GET", path).status_code == 403
    assert as_member(admin, "webhooks")("GET", path).status_code == 403
    assert as_member(admin, "read", "webhooks")("GET", path).status_code == 200
    assert as_member(admin, "read", "webhooks")("DELETE", path).status_code == 403
    assert as_member(moderator, *SCOPES, "moderate")("GET", path).status_code == 404
