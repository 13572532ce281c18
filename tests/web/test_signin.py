from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from app.core.db import new_session
from app.core.signing import hash_token
from app.main import create_app
from app.models import LoginSession, User
from app.settings import Settings
from app.web.csrf import PRE_SESSION_COOKIE
from app.web.deps import SESSION_COOKIE
from tests.factories.accounts import PASSWORD, make_account
from tests.support.browser import Browser
from tests.support.clock import Clock

THEME_NAMES = ("__Host-pd_theme", "pd_theme")
FORM = {"email": "ann@example.org", "password": PASSWORD}


def test_a_member_signs_in_and_goes_on_where_they_were(client: Any, db: Session) -> None:
    make_account(db, handle="ann")
    assert 'value="/tags?sort=name"' in client.get("/signin?next=/tags%3Fsort%3Dname").text
    done = client.post_form("/signin", {**FORM, "next": "/tags?sort=name"})
    assert (done.status_code, done.headers["location"]) == (303, "/tags?sort=name")
    assert client.get("/settings").status_code == 200
    row = db.exec(select(LoginSession)).one()
    assert row.token_hash == hash_token(client.cookies[SESSION_COOKIE])


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    settings: Settings, connection: Connection, db: Session, clock: Clock
) -> None:
    make_account(db, handle="ann")
    secure = settings.model_copy(update={"base_url": "https://testserver"})
    forum = create_app(secure, engine=connection)
    forum.state.now = clock
    with Browser(forum, db) as browser:
        browser.base_url = "https://testserver"
        page = browser.get("/signin")
        token = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert token is not None
        done = browser.post(
            "/signin", data={**FORM, "csrf": token[1]}, headers={"Origin": "https://testserver"}
        )
        browser.cookies.clear()
        dark = [browser.get("/", headers={"Cookie": f"{name}=dark"}).text for name in THEME_NAMES]
    cookie = next(line for line in done.headers.get_list("set-cookie") if "pd_session" in line)
    assert cookie.startswith("__Host-pd_session=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert ['data-theme="dark"' in page for page in dark] == [True, False]


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
        "\\/\\/x",
        "",
    ],
)
def test_nobody_is_sent_to_another_host(client: Any, db: Session, target: str) -> None:
    make_account(db, handle="ann")
    assert client.post_form("/signin", {**FORM, "next": target}).headers["location"] == "/"
    assert client.get("/signin", params={"next": target}).headers["location"] == "/"


def test_unknown_address_and_wrong_password_are_answered_alike(client: Any, db: Session) -> None:
    make_account(db, handle="ann")
    answers = set()
    for email in ("ann@example.org", "ben@example.org"):
        page = client.post_form("/signin", {"email": email, "password": "wrong"})
        answers.add((page.status_code, re.sub(r'="[^"]{60,}"', "", page.text.replace(email, "X"))))
    assert len(answers) == 1
    assert "The e-mail or the password is wrong." in page.text
    assert "wrong</" not in page.text.replace("is wrong", "")


def test_no_session_from_before_survives_signing_in(client: Any, db: Session) -> None:
    make_account(db, handle="ann")
    eve = make_account(db, handle="eve")
    planted = client.sign_in(eve).cookies[SESSION_COOKIE]
    client.set_cookie(SESSION_COOKIE, planted)
    client.post_form("/signin", FORM)
    rows = db.exec(select(LoginSession)).all()
    assert [row.token_hash for row in rows] != [hash_token(planted)]
    assert len(rows) == 1


def test_a_planted_token_that_never_was_a_session_is_not_taken_over(client: Any, db: Session) -> None:
    make_account(db, handle="ann")
    client.get("/signin")
    client.set_cookie(SESSION_COOKIE, "planted-by-somebody")
    done = client.post_form("/signin", FORM)
    assert done.status_code in (303, 403)
    assert hash_token("planted-by-somebody") not in {row.token_hash for row in db.exec(select(LoginSession))}


def test_the_form_token_of_before_is_worth_nothing_after(client: Any, db: Session) -> None:
    make_account(db, handle="ann")
    before = client.csrf_token()
    client.post_form("/signin", FORM)
    assert PRE_SESSION_COOKIE not in client.cookies
    refused = client.post(
        "/settings/sessions/end", data={"csrf": before}, headers={"Origin": "http://testserver"}
    )
    assert refused.status_code == 403


def test_failures_count_in_all_processes_and_whatever_a_header_says(
    client: Any, db: Session, settings: Settings, connection: Connection, clock: Clock
) -> None:
    make_account(db, handle="ann")
    other = create_app(settings, engine=connection)
    other.state.now = clock
    with Browser(other, db) as elsewhere:
        for number in range(5):
            for browser in (client, elsewhere):
                spoofed = {"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": f"198.51.{number}.1"}
                refused = browser.post_form("/signin", {**FORM, "password": "wrong"}, headers=spoofed)
                assert refused.status_code == 422
        for browser in (client, elsewhere):
            refused = browser.post_form("/signin", FORM)
            assert refused.status_code == 429
            assert 0 < int(refused.headers["retry-after"]) <= 900


def test_the_owners_browser_gets_in_while_others_are_refused(client: Any, db: Session, app: FastAPI) -> None:
    make_account(db, handle="ann")
    client.post_form("/signin", FORM)
    client.post_form("/signout")
    with Browser(app, db) as attacker:
        for _time in range(10):
            attacker.post_form("/signin", {**FORM, "password": "wrong"})
        assert attacker.post_form("/signin", FORM).status_code == 429
    assert client.post_form("/signin", FORM).status_code == 303


def test_a_forged_device_cookie_exempts_from_nothing(client: Any, db: Session) -> None:
    ann = make_account(db, handle="ann")
    client.set_cookie("pd_device", f"{ann.id}:0123456789abcdef")
    for _time in range(10):
        client.post_form("/signin", {**FORM, "password": "wrong"})
    assert client.post_form("/signin", FORM).status_code == 429


def test_signing_out_ends_the_session_for_good(client: Any, asker: User) -> None:
    token = client.sign_in(asker).cookies[SESSION_COOKIE]
    done = client.post_form("/signout")
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert SESSION_COOKIE not in client.cookies
    client.set_cookie(SESSION_COOKIE, token)
    assert client.get("/settings").headers["location"].startswith("/signin")


def test_a_stranger_who_signs_out_is_fine(client: Any) -> None:
    assert client.post_form("/signout").status_code == 303
    assert client.get("/signout").status_code == 405


def test_a_member_is_sent_on(client: Any, asker: User) -> None:
    client.sign_in(asker)
    assert client.get("/signin?next=/tags").headers["location"] == "/tags"


def test_without_a_form_token_nobody_is_signed_in(client: Any, db: Session) -> None:
    make_account(db, handle="ann")
    assert client.post("/signin", data=FORM).status_code == 403
    assert client.post_form("/signin", FORM, headers={"Origin": "https://evil.example"}).status_code == 403
    assert db.exec(select(LoginSession)).first() is None


def test_use_is_noted_every_five_minutes(client: Any, db: Session, asker: User, clock: Clock) -> None:
    client.sign_in(asker)
    started = clock.now
    clock.advance(minutes=4)
    client.get("/settings")
    assert db.exec(select(LoginSession)).one().last_seen_at == started
    clock.advance(minutes=1)
    client.get("/settings")
    assert db.exec(select(LoginSession)).one().last_seen_at == clock.now
    db.refresh(asker)
    assert asker.last_seen_at == clock.now


def test_pages_can_be_read_while_nothing_can_be_written(
    settings: Settings, real_engine: Engine, clock: Clock
) -> None:
    forum = create_app(settings, engine=real_engine)
    forum.state.now = clock
    with new_session(real_engine) as db, Browser(forum, db) as browser:
        browser.sign_in(make_account(db, handle="ann"))
        clock.advance(minutes=6)
        with _writes_fail(real_engine):
            assert browser.get("/settings").status_code == 200
        assert db.exec(select(LoginSession)).one().last_seen_at < clock.now
        db.close()  # before the forum, at its end, gives up the connections of the pool


@contextmanager
def _writes_fail(engine: Engine) -> Iterator[None]:
    def refuse(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("UPDATE", "INSERT", "DELETE")):
            raise OperationalError(statement, {}, Exception("database or disk is full"))

    event.listen(engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", refuse)


def test_a_file_that_is_gone_is_no_place_to_come_back_to(client: Browser) -> None:
    missing = client.get("/static/of-an-earlier-version/app.css")
    assert missing.status_code == 404
    assert 'href="/signin"' in missing.text
