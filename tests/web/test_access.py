"""Every route, for everybody: generated from the routes themselves, so a new one is covered the day it appears."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection
from sqlmodel import Session

from app.models import User
from app.web import csrf
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.clock import MONDAY_MORNING
from tests.support.visits import Subject, make_subject, nothing, page_routes, visit_all

OPEN_TO_STRANGERS = {
    "/enter",
    "/reset",
    "/reset/password",
    "/signin",
    "/signout",
    "/signup",
    "/theme",
    "/verify/address",
}
"""Forms that a stranger may send."""

ROLES = ("stranger", "member", "admin")  # for all of them: tests/security/test_authorisation.py


IDS = ("{question_id", "{answer_id", "{post_id", "{comment_id", "{suggestion_id")


@pytest.fixture(params=ROLES)
def anyone(request: pytest.FixtureRequest, db: Session) -> User | None:
    """A visitor in each role; none of them wrote anything."""
    facts: dict[str, dict[str, Any] | None] = {
        "stranger": None,
        "member": {},
        "admin": {"moderation_role": "admin"},
    }
    mine = facts[request.param]
    return None if mine is None else make_user(db, **mine)


@pytest.fixture
def thread(db: Session) -> Subject:
    return make_subject(db, author=make_user(db))


@pytest.fixture
def hidden_thread(db: Session) -> Subject:
    return make_subject(db, author=make_user(db), removed_at=MONDAY_MORNING, removal="hidden")


def test_nothing_fails_whoever_does_it(
    app: FastAPI, client: Browser, connection: Connection, anyone: User | None, thread: Subject
) -> None:
    client.sign_in(anyone)
    seen = visit_all(client, connection, thread, only=page_routes(app))
    assert [str(one) for one in seen if one.status >= 500] == []


def test_what_does_not_exist_is_not_found(
    app: FastAPI, client: Browser, connection: Connection, anyone: User | None
) -> None:
    client.sign_in(anyone)
    about_rows = [route for route in page_routes(app) if any(name in route.path for name in (*IDS, "{slug}"))]
    seen = visit_all(client, connection, nothing(), only=about_rows)
    assert [str(one) for one in seen if one.status != 404 and not one.is_sent_to_sign_in] == []


def test_strangers_change_nothing(
    app: FastAPI, client: Browser, connection: Connection, thread: Subject
) -> None:
    unsafe = [route for route in page_routes(app) if route.methods - csrf.SAFE_METHODS]
    closed = [route for route in unsafe if route.path not in OPEN_TO_STRANGERS]
    seen = [one for one in visit_all(client, connection, thread, only=closed) if one.method == "POST"]
    assert len(seen) > 30
    assert [str(one) for one in seen if one.status != 404 and not one.is_sent_to_sign_in] == []


def test_the_desk_does_not_exist_for_customers(
    app: FastAPI, client: Browser, connection: Connection, thread: Subject, db: Session
) -> None:
    desk = [route for route in page_routes(app) if route.path.startswith("/desk")]
    assert desk
    for customer in (None, make_user(db, reputation=100_000)):
        client.sign_in(customer)
        seen = visit_all(client, connection, thread, only=desk)
        assert [str(one) for one in seen if one.status != 404] == []


def test_a_hidden_thread_is_found_by_staff_only(
    app: FastAPI, client: Browser, connection: Connection, hidden_thread: Subject, db: Session, agent: User
) -> None:
    about_it = [route for route in page_routes(app) if any(name in route.path for name in IDS)]

    def found_by(viewer: User | None) -> list[str]:
        seen = visit_all(client.sign_in(viewer), connection, hidden_thread, only=about_it)
        return [str(one) for one in seen if one.status != 404 and not one.is_sent_to_sign_in]

    assert found_by(None) == []
    assert found_by(make_user(db, reputation=100_000)) == []
    assert found_by(agent) != []


def test_a_form_without_our_token_is_refused(
    app: FastAPI, client: Browser, thread: Subject, admin: User
) -> None:
    client.sign_in(admin)
    foreign = {"Origin": "https://evil.example"}
    for route in page_routes(app):
        if route.methods - csrf.SAFE_METHODS:
            address, token = thread.address(route), {csrf.FIELD: client.csrf_token()}
            assert client.post(address, data={}).status_code == 403, str(route)
            assert client.post(address, data=token, headers=foreign).status_code == 403, str(route)
