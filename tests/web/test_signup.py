from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from app.models import LoginSession, User
from app.settings import Settings
from app.web.deps import SESSION_COOKIE
from tests.factories.accounts import PASSWORD, make_account
from tests.support.clock import Clock
from tests.support.mailbox import Mailbox, text_of, token_in

FORM = {"display_name": "Ann Lee", "email": "ann@example.org", "password": PASSWORD}


@pytest.fixture
def mailbox(db: Session, settings: Settings) -> Mailbox:
    return Mailbox(db, settings)


def test_a_stranger_signs_up_confirms_and_goes_on_where_they_were(
    client: Any, db: Session, mailbox: Mailbox, clock: Clock
) -> None:
    form = client.get("/signup?next=/ask%3Fproduct%3Dxps")
    assert form.status_code == 200
    assert 'value="/ask?product=xps"' in form.text
    sent = client.post_form("/signup", {**FORM, "next": "/ask?product=xps"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/verify")
    assert SESSION_COOKIE not in client.cookies
    assert "ann@example.org" in client.get("/verify").text

    token = mailbox.fetch_token(now=clock.now)
    for look in (client.get, client.head, client.get):  # as programs do that check the links in mail
        look(f"/verify/{token}")
    assert db.exec(select(User)).one().email_verified_at is None
    done = client.post_link(f"/verify/{token}")
    assert (done.status_code, done.headers["location"]) == (303, "/ask?product=xps")
    assert db.exec(select(User)).one().email_verified_at == clock.now
    assert client.get("/settings").status_code == 200
    assert client.open_link(f"/verify/{token}").status_code == 404


def test_a_link_opened_in_another_browser_confirms_but_signs_nobody_in(
    client: Any, mailbox: Mailbox, clock: Clock
) -> None:
    client.post_form("/signup", FORM)
    client.cookies.clear()
    done = client.post_link(f"/verify/{mailbox.fetch_token(now=clock.now)}")
    assert (done.status_code, done.headers["location"]) == (303, "/signin")
    assert SESSION_COOKIE not in client.cookies


def test_known_and_unknown_addresses_are_answered_alike(client: Any, db: Session) -> None:
    make_account(db, handle="known")
    answers = []
    for email in ("known@example.org", "unknown@example.org"):
        client.cookies.clear()
        sent = client.post_form("/signup", {**FORM, "email": email})
        page = client.get("/verify")
        shape = re.sub(r"known|unknown", "X", page.text.replace("unknown", "known"))
        answers.append((sent.status_code, sent.headers["location"], sorted(client.cookies), _plain(shape)))
    assert answers[0] == answers[1]


def test_errors_stand_beside_their_fields_and_nothing_typed_is_lost_but_the_password(client: Any) -> None:
    page = client.post_form(
        "/signup", {"display_name": "Ann Lee", "email": "ann@", "password": "short-secret"[:9]}
    )
    assert page.status_code == 422
    assert 'value="Ann Lee"' in page.text
    assert 'id="f-email-error"' in page.text
    assert 'id="f-password-error"' in page.text
    assert "short-sec" not in page.text


def test_fields_that_were_not_asked_for_are_refused(client: Any, db: Session) -> None:
    for field in ("reputation", "moderation_role", "email_verified_at", "id", "handle_key", "is_admin"):
        assert client.post_form("/signup", {**FORM, field: "1"}).status_code == 422
    assert db.exec(select(User)).first() is None


@pytest.mark.parametrize("email", ["a@x.org, b@x.org", "a@x.org\r\nBcc: b@x.org", "<a@x.org>"])
def test_an_address_that_is_more_than_one_is_refused(client: Any, db: Session, email: str) -> None:
    assert client.post_form("/signup", {**FORM, "email": email}).status_code == 422
    assert db.exec(select(User)).first() is None


def test_links_never_follow_the_host_that_was_asked(client: Any, mailbox: Mailbox, clock: Clock) -> None:
    strange = {"X-Forwarded-Host": "evil.example", "X-Original-URL": "/x", "Forwarded": "host=evil.example"}
    client.post_form("/signup", FORM, headers=strange)
    assert (
        client.post_form("/reset", {"email": "x@example.org"}, headers={"Host": "evil.example"}).status_code
        == 400
    )
    (message,) = mailbox.fetch(now=clock.now)
    assert "http://testserver/verify/" in text_of(message)
    assert "evil" not in message.as_string()


def test_a_member_gets_another_link(client: Any, db: Session, mailbox: Mailbox, clock: Clock) -> None:
    ann = make_account(db, handle="ann", email_verified_at=None)
    client.sign_in(ann)
    assert "Send a new link" in client.get("/verify").text
    assert client.post_form("/verify").headers["location"] == "/verify"
    token = mailbox.fetch_token(now=clock.now)
    assert client.post_link(f"/verify/{token}").headers["location"] == "/settings/account"
    assert client.get("/verify").headers["location"] == "/"
    assert client.post_form("/verify").status_code == 409


def test_a_stranger_with_nothing_to_confirm_is_sent_to_sign_in(client: Any) -> None:
    assert client.get("/verify").headers["location"] == "/signin"
    assert client.post_form("/verify").headers["location"].startswith("/signin")
    assert client.open_link("/verify/no-such-token").status_code == 404
    assert client.post_link("/verify/no-such-token").status_code == 404


def test_a_member_has_no_need_to_sign_up(client: Any, asker: User) -> None:
    client.sign_in(asker)
    assert client.get("/signup?next=/tags").headers["location"] == "/tags"


def test_a_closed_community_takes_no_sign_ups(client: Any, app: FastAPI, db: Session) -> None:
    app.state.settings = app.state.settings.model_copy(update={"sign_up": "closed"})
    assert client.get("/signup").status_code == 403
    assert client.post_form("/signup", FORM).status_code == 403
    assert db.exec(select(User)).first() is None


def test_an_imported_account_is_claimed_by_its_mailbox(
    client: Any, db: Session, mailbox: Mailbox, clock: Clock
) -> None:
    imported = make_account(db, handle="ann", password_hash=None, email_verified_at=None, reputation=900)
    client.post_form("/signup", FORM)
    (message,) = mailbox.fetch(now=clock.now)
    token = token_in(message)
    assert client.open_link(f"/reset/{token}").status_code == 200
    assert client.post_link(f"/reset/{token}", {"password": PASSWORD}).status_code == 303
    assert db.exec(select(LoginSession)).one().user_id == imported.id


def _plain(page: str) -> str:
    return re.sub(r'(csrf[^>]*value|content)="[^"]*"', "", page)
