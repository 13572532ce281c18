"""Attack case 10: what another site can make a browser send changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from app.models import User
from app.web import csrf
from tests.factories.api_keys import make_api_key
from tests.support.addresses import Forum, filled
from tests.support.browser import ORIGIN, Browser
from tests.support.routes import RouteFacts, routes

SAME = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
Attack = Callable[[Browser, str], dict[str, Any]]

ATTACKS: dict[str, Attack] = {
    "no token": lambda _browser, _token: {"headers": SAME, "data": {"x": "1"}},
    "an empty body": lambda _browser, _token: {"headers": SAME},
    "a made-up token": lambda _browser, _token: {"headers": SAME, "data": {csrf.FIELD: "A" * 86}},
    "a token that is no base64": lambda _browser, _token: {"headers": SAME, "data": {csrf.FIELD: "ü%00"}},
    "the token in the address": lambda _browser, token: {"headers": SAME, "params": {csrf.FIELD: token}},
    "a foreign Origin": lambda _browser, token: {
        "headers": {"Origin": "https://evil.example"},
        "data": {csrf.FIELD: token},
    },
    "the Origin null": lambda _browser, token: {"headers": {"Origin": "null"}, "data": {csrf.FIELD: token}},
    "an Origin that begins like ours": lambda _browser, token: {
        "headers": {"Origin": f"{ORIGIN}.evil.example"},
        "data": {csrf.FIELD: token},
    },
    "Sec-Fetch-Site cross-site": lambda _browser, token: {
        "headers": {"Sec-Fetch-Site": "cross-site"},
        "data": {csrf.FIELD: token},
    },
    "Sec-Fetch-Site same-site": lambda _browser, token: {
        "headers": {"Sec-Fetch-Site": "same-site"},
        "data": {csrf.FIELD: token},
    },
    "JSON sent as text": lambda _browser, token: {
        "headers": {**SAME, "Content-Type": "text/plain"},
        "content": f'{{"csrf": "{token}"}}',
    },
    "JSON": lambda _browser, token: {"headers": SAME, "json": {csrf.FIELD: token}},
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_case_10_every_unsafe_route_refuses(
    client: Browser, db: Session, forum: Forum, writable: list[RouteFacts], attack: str
) -> None:
    client.sign_in(forum.author)
    token = client.csrf_token()
    answered = {
        str(route): client.post(
            filled(route.path, forum.parameters()), **ATTACKS[attack](client, token)
        ).status_code
        for route in writable
    }
    assert len(answered) > 20
    # One-click unsubscribing is by another's hand on purpose (RFC 8058): its token is the proof.
    answered.pop("POST /unsubscribe/{token}", None)
    assert {route: status for route, status in answered.items() if status != 403} == {}


def test_case_10_an_origin_that_cannot_be_read_is_foreign(client: Browser, db: Session, forum: Forum) -> None:
    client.sign_in(forum.author)
    headers = {"Origin": "http://[::1"}
    path = f"/questions/{forum.question.id}/follow"
    assert client.post_form(path, headers=headers).status_code == 403
    key = {"Authorization": f"Bearer {make_api_key(db, owner=forum.author)}"}
    assert client.get("/api/v1/questions", headers={**headers, **key}).status_code == 403


def test_case_10_the_token_of_one_session_is_worth_nothing_in_another(
    client: Browser, forum: Forum, asker: User
) -> None:
    stolen = client.sign_in(asker).csrf_token()
    client.sign_in(forum.author)
    refused = client.post(f"/questions/{forum.question.id}/me-too", headers=SAME, data={csrf.FIELD: stolen})
    assert refused.status_code == 403


def test_case_10_a_token_from_before_signing_in_is_worth_nothing_after(client: Browser, forum: Forum) -> None:
    before = client.csrf_token()
    client.sign_in(forum.author)
    refused = client.post(f"/questions/{forum.question.id}/follow", headers=SAME, data={csrf.FIELD: before})
    assert refused.status_code == 403


@pytest.mark.parametrize("name", ["_method", "X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_case_10_no_header_or_field_makes_a_get_into_a_post(
    client: Browser, forum: Forum, writes: list[str], name: str
) -> None:
    client.sign_in(forum.author)
    writes.clear()
    for act in ("vote", "delete"):
        client.get(
            f"/posts/{forum.question.id}/{act}", headers={name: "POST"}, params={name: "POST", "value": "1"}
        )
    assert not [statement for statement in writes if "login_session" not in statement]


def test_case_10_reading_changes_nothing(
    client: Browser, db: Session, forum: Forum, readable: list[RouteFacts], writes: list[str]
) -> None:
    client.sign_in(forum.author)
    writes.clear()
    for route in readable:
        client.get(filled(route.path, forum.parameters()))
    changed = {statement.split(" SET ")[0] for statement in writes}
    # When a member was last here is noted; /readyz writes what is there already, to see whether it can.
    assert changed <= {"UPDATE login_session", "UPDATE users", "UPDATE alembic_version"}


def test_the_sweep_knows_every_unsafe_method(app: FastAPI) -> None:
    assert {method for route in routes(app) for method in route.methods} == {"GET", "POST"}
