from __future__ import annotations

import re
from typing import Any

import pytest
from sqlmodel import Session, select

from app.models import LoginSession
from app.settings import Settings
from tests.factories.accounts import PASSWORD, make_account
from tests.support.clock import Clock
from tests.support.mailbox import Mailbox

NEW = "rain on a tin roof"


@pytest.fixture
def token(client: Any, db: Session, settings: Settings, clock: Clock) -> str:
    make_account(db, handle="ann")
    assert client.post_form("/reset", {"email": "ann@example.org"}).status_code == 303
    return Mailbox(db, settings).fetch_token(now=clock.now)


def test_a_forgotten_password_is_replaced_and_the_member_is_in(client: Any, token: str) -> None:
    assert "Choose a new password" in client.open_link(f"/reset/{token}").text
    done = client.post_link(f"/reset/{token}", {"password": NEW})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert client.get("/settings").status_code == 200


def test_a_link_works_once(client: Any, token: str) -> None:
    client.post_link(f"/reset/{token}", {"password": NEW})
    client.cookies.clear()
    page = client.open_link(f"/reset/{token}")
    assert page.status_code == 404
    assert "used already or is too old" in page.text
    assert client.post_link(f"/reset/{token}", {"password": "another sentence here"}).status_code == 404


def test_a_weak_password_is_shown_beside_its_field(client: Any, token: str) -> None:
    page = client.post_link(f"/reset/{token}", {"password": "short"})
    assert page.status_code == 422
    assert 'id="f-password-error"' in page.text
    assert client.post_link(f"/reset/{token}", {"password": NEW}).status_code == 303


def test_all_sessions_end(client: Any, db: Session, token: str, clock: Clock) -> None:
    client.post_form("/signin", {"email": "ann@example.org", "password": PASSWORD})
    client.cookies.clear()
    client.post_link(f"/reset/{token}", {"password": NEW})
    assert len(db.exec(select(LoginSession)).all()) == 1


def test_known_and_unknown_addresses_are_answered_alike(client: Any, db: Session) -> None:
    make_account(db, handle="ann")
    answers = set()
    for email in ("ann@example.org", "nobody@example.org"):
        done = client.post_form("/reset", {"email": email})
        page = re.sub(r'content="[^"]{60,}"', "", client.get("/reset?sent=1").text)  # the form token
        answers.add((done.status_code, done.headers["location"], page))
    assert len(answers) == 1


def test_what_is_no_address_is_shown_beside_its_field(client: Any) -> None:
    page = client.post_form("/reset", {"email": "ann@example.org, eve@example.org"})
    assert page.status_code == 422
    assert 'id="f-email-error"' in page.text
    assert client.get("/reset").status_code == 200


def test_asking_again_and_again_is_refused(client: Any) -> None:
    outcomes = [client.post_form("/reset", {"email": "ann@example.org"}).status_code for _time in range(6)]
    assert outcomes == [303] * 5 + [429]
