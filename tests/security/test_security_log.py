"""What happens to accounts and what is refused is logged, with who and from where, and without secrets."""

from __future__ import annotations

import json
import logging

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from app.core import logs
from app.settings import Settings
from tests.factories.accounts import PASSWORD, make_account
from tests.support.browser import Browser

NEW = "rain on a tin roof"
PROXY = "127.0.0.1"
VISITOR = "203.0.113.9"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"trusted_proxies": (PROXY,)})


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [getattr(record, "facts", {}) for record in caplog.records if record.name == "peerdesk.security"]


def test_what_happens_to_an_account_is_logged_without_secrets(
    client: Browser, db: Session, caplog: pytest.LogCaptureFixture
) -> None:
    ann = make_account(db, handle="ann")
    caplog.set_level(logging.INFO, "peerdesk")
    client.post_form("/signin", {"email": "ann@example.org", "password": "a bad guess"})
    client.post_form("/signin", {"email": "nobody@example.org", "password": "a bad guess"})
    client.post_form("/signin", {"email": "ann@example.org", "password": PASSWORD})
    client.post_form("/settings/email", {"email": "new@example.org", "password": "a bad guess"})
    client.post_form("/settings/password", {"current": PASSWORD, "password": NEW})
    made = client.post_form("/settings/keys", {"name": "Key", "scopes": ["read"], "password": NEW})
    client.post_form("/settings/sessions/end", {"password": NEW})
    found = [(line["event"], line["member"]) for line in lines(caplog)]
    assert found == [
        ("sign_in.refused", ann.id),
        ("sign_in.refused", None),
        ("session.opened", ann.id),
        ("password.refused", ann.id),
        ("password.changed", ann.id),
        ("sessions.ended", ann.id),
        ("key.made", ann.id),
        ("sessions.ended", ann.id),
    ]
    assert made.status_code == 200
    written = "\n".join(logs.AsJson().format(record) for record in caplog.records)
    token = client.cookies["pd_session"]
    for secret in (PASSWORD, NEW, "a bad guess", "ann@example.org", "nobody@example.org", token, "pd_0"):
        assert secret not in written


def test_what_is_refused_is_logged_with_who_asked_and_from_where(
    app: FastAPI, db: Session, caplog: pytest.LogCaptureFixture
) -> None:
    client = Browser(app, db, address=PROXY)
    ann = make_account(db, handle="ann")
    client.sign_in(ann)
    caplog.set_level(logging.INFO, "peerdesk")
    come = {"X-Forwarded-For": VISITOR}
    assert client.post("/settings", data={"csrf": "forged"}, headers=come).status_code == 403
    assert client.get("/", headers={**come, "Host": "evil.example"}).status_code == 400
    assert client.get("/api/v1/me", headers={**come, "Authorization": "Bearer pd_x"}).status_code == 401
    told = lines(caplog)
    assert [(line["event"], line.get("why"), line.get("host")) for line in told] == [
        ("request.refused", "ForeignRequest", None),
        ("host.refused", None, "evil.example"),
        ("key.refused", None, None),
    ]
    assert {line["address"] for line in told} == {VISITOR}
    assert {line["member"] for line in told} == {ann.id, None}


def test_the_line_of_a_request_names_the_member(
    client: Browser, db: Session, caplog: pytest.LogCaptureFixture
) -> None:
    ann = make_account(db, handle="ann")
    client.sign_in(ann)
    caplog.set_level(logging.INFO, "peerdesk")
    client.get("/settings")
    [line] = [record for record in caplog.records if record.name == "peerdesk.request"]
    assert json.loads(logs.AsJson().format(line))["member"] == ann.id
