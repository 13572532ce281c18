from __future__ import annotations

import re
from datetime import timedelta

from sqlmodel import Session, select

from app.core.signing import hash_token
from app.models import ApiKey, OutgoingEmail, User
from tests.factories.accounts import PASSWORD, make_account
from tests.factories.api_keys import make_api_key
from tests.support.browser import Browser
from tests.support.clock import Clock

KEY = {"name": "Shop pages", "scopes": ["read", "write"], "days": "30", "origins": "https://shop.example\n"}


def test_strangers_have_no_keys(client: Browser) -> None:
    assert client.get("/settings/keys").headers["location"].startswith("/signin")
    assert client.post_form("/settings/keys", KEY).status_code == 303


def test_a_key_is_made_and_shown_once(client: Browser, db: Session, clock: Clock) -> None:
    client.sign_in(make_account(db, handle="ann"))
    made = client.post_form("/settings/keys", {**KEY, "password": PASSWORD})
    token = re.findall(r"pd_[0-9A-Za-z]{36}", made.text)[0]
    assert made.headers["cache-control"] == "private, no-store"
    key = db.exec(select(ApiKey)).one()
    assert key.token_hash == hash_token(token)
    assert (key.scopes, key.origins) == (["read", "write"], ["https://shop.example"])
    assert key.expires_at == clock.now + timedelta(days=30)
    again = client.get("/settings/keys").text
    assert token not in again
    assert token[:9] in again
    me = Browser(client.forum, db).get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["handle"] == "ann"


def test_a_key_takes_the_password_and_its_owner_is_told(client: Browser, db: Session) -> None:
    client.sign_in(make_account(db, handle="ann"))
    refused = client.post_form("/settings/keys", {**KEY, "password": "a guess"})
    assert refused.status_code == 422
    assert 'id="f-password-error"' in refused.text
    assert not db.exec(select(ApiKey)).all()
    assert "pd_" in client.post_form("/settings/keys", {**KEY, "password": PASSWORD}).text
    mail = db.exec(select(OutgoingEmail)).one()
    assert (mail.template, mail.to_address, mail.context) == (
        "key_made",
        "ann@example.org",
        {"key": "Shop pages"},
    )


def test_what_is_wrong_is_said_beside_what_was_typed(client: Browser, db: Session) -> None:
    client.sign_in(make_account(db, handle="ann"))
    wrong = {"password": PASSWORD, "name": "", "scopes": ["read", "admin"], "origins": "shop.example"}
    refused = client.post_form("/settings/keys", wrong)
    assert refused.status_code == 422
    for words in ("what the key is for", "these scopes: admin", "shop.example</textarea>"):
        assert words in refused.text
    assert not db.exec(select(ApiKey)).all()


def test_only_scopes_that_one_may_give_are_offered(client: Browser, asker: User, admin: User) -> None:
    assert "f-scope-admin" not in client.sign_in(asker).get("/settings/keys").text
    assert "f-scope-admin" in client.sign_in(admin).get("/settings/keys").text


def test_a_revoked_key_works_no_more(client: Browser, db: Session, asker: User, answerer: User) -> None:
    token = make_api_key(db, owner=asker)
    key = db.exec(select(ApiKey)).one()
    path = f"/settings/keys/{key.id}/revoke"
    assert client.sign_in(answerer).post_form(path).status_code == 404
    assert client.sign_in(asker).post_form(path).status_code == 303
    answer = Browser(client.forum, db).get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert key.hint not in client.get("/settings/keys").text
