"""ASVS 14.2.1: what opens something or is nobody else's business stays out of addresses, and so of histories and logs."""

from __future__ import annotations

import logging
import re

import pytest
from fastapi import FastAPI
from sqlmodel import Session
from starlette.routing import Mount

from app.settings import Settings
from tests.factories.accounts import PASSWORD, make_account
from tests.factories.api_keys import make_api_key
from tests.support.addresses import query_names
from tests.support.browser import Browser
from tests.support.clock import Clock
from tests.support.mailbox import Mailbox

SENSITIVE = re.compile(r"key|token|secret|password|session|mail|csrf|code|signature", re.IGNORECASE)
PLACE = re.compile(r"\{(\w+)")
WITH_REASON = {
    "/enter?token",  # from a product site: good once, for minutes, and moved into a cookie at once
    "/reset/{token}",  # moved into a cookie at once, below
    "/verify/{token}",  # likewise
    "/unsubscribe/{token}",  # opens and shows nothing, it ends a kind of mail; mail programs post there (RFC 8058)
}


def test_no_address_has_a_place_for_a_secret(app: FastAPI) -> None:
    """Whoever adds one says above why it may be there."""
    forums = [app, *(route.app for route in app.routes if isinstance(route, Mount))]
    names = {
        path: taken
        for each in forums
        if isinstance(each, FastAPI)
        for path, taken in query_names(each).items()
    }
    assert "/search" in names
    assert "/questions" in names
    places = {f"{path}?{name}" for path, taken in names.items() for name in taken if SENSITIVE.search(name)}
    assert places | {path for path in names if SENSITIVE.search("".join(PLACE.findall(path)))} == WITH_REASON


@pytest.mark.parametrize("kind", ["reset", "verify"])
def test_a_link_of_an_email_leads_to_an_address_without_its_token(
    client: Browser,
    db: Session,
    settings: Settings,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    caplog.set_level(logging.INFO, "peerdesk")
    if kind == "reset":
        make_account(db, handle="ann")
        client.post_form("/reset", {"email": "ann@example.org"})
    else:
        form = {"display_name": "Ann", "email": "ann@example.org", "password": PASSWORD}
        client.post_form("/signup", form)
    token = Mailbox(db, settings).fetch_token(now=clock.now)
    opened = client.get(f"/{kind}/{token}")
    assert opened.status_code == 303
    assert opened.headers["referrer-policy"] == "no-referrer"
    assert opened.headers["cache-control"] == "no-store"
    assert token not in opened.headers["location"] + opened.text
    page = client.get(opened.headers["location"])
    assert page.status_code == 200
    assert token not in page.text
    fields = {"password": "rain on a tin roof"} if kind == "reset" else {}
    done = client.post_form(opened.headers["location"], fields)
    assert (done.status_code, token in done.headers["location"]) == (303, False)
    assert client.get(opened.headers["location"]).status_code == 404
    assert token not in "\n".join(record.getMessage() for record in caplog.records)
    assert any(f"GET /{kind}/(secret)" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("token", ["x" * 5_000, "€", "a;b", "a%0d%0ab", "%22"])
def test_what_is_no_token_is_kept_nowhere(client: Browser, token: str) -> None:
    opened = client.get(f"/reset/{token}")
    assert (opened.status_code, opened.headers["location"]) == (303, "/reset/password")
    assert 'pd_reset=""' in opened.headers["set-cookie"]
    assert client.get("/reset/password").status_code == 404


def test_a_key_counts_in_a_header_only(client: Browser, db: Session) -> None:
    token = make_api_key(db, owner=make_account(db, handle="ann"))
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    for name in ("key", "api_key", "token", "access_token"):
        assert client.get("/api/v1/me", params={name: token}).status_code == 401
