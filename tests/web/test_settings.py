from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session, select

from app.models import LoginSession, User
from app.settings import Settings
from app.web.deps import SESSION_COOKIE
from tests.factories.accounts import PASSWORD, make_account
from tests.support.clock import Clock
from tests.support.mailbox import Mailbox

PAGES = ("/settings", "/settings/account", "/settings/sessions", "/settings/deletion")
NEW = "rain on a tin roof"


@pytest.fixture
def ann(db: Session) -> User:
    return make_account(db, handle="ann")


@pytest.mark.parametrize("path", PAGES)
def test_settings_are_for_members(client: Any, ann: User, path: str) -> None:
    assert client.get(path).headers["location"] == f"/signin?next={path}"
    assert client.sign_in(ann).get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/settings",
        "/settings/email",
        "/settings/password",
        "/settings/deletion",
        "/settings/sessions/end",
        "/settings/sessions/1/end",
    ],
)
def test_a_stranger_changes_nothing(client: Any, path: str) -> None:
    assert client.post_form(path).headers["location"].startswith("/signin")


def test_staff_have_the_same_settings(client: Any, agent: User) -> None:
    client.sign_in(agent)
    assert [client.get(path).status_code for path in PAGES] == [200] * len(PAGES)


def test_a_profile_is_saved_and_shown(client: Any, db: Session, ann: User) -> None:
    client.sign_in(ann)
    form = {
        "display_name": "Ann Lee",
        "handle": "ann-lee",
        "location": "Oslo",
        "about": "*Hi*",
        "theme": "dark",
    }
    assert client.post_form("/settings", form).headers["location"] == "/settings"
    page = client.get("/settings").text
    assert "Your profile is saved." in page
    assert 'data-theme="dark"' in page
    shown = client.get("/users/ann-lee").text
    assert "Ann Lee" in shown
    assert "<em>Hi</em>" in shown


def test_a_wrong_profile_is_shown_again_as_it_was_typed(client: Any, ann: User) -> None:
    page = client.sign_in(ann).post_form(
        "/settings", {"display_name": "Official support", "handle": "ann", "location": "Oslo"}
    )
    assert page.status_code == 422
    assert 'value="Official support"' in page.text
    assert 'value="Oslo"' in page.text
    assert 'id="f-display_name-error"' in page.text


@pytest.mark.parametrize("field", ["reputation", "moderation_role", "email", "suspended_until", "handle_key"])
def test_a_profile_takes_only_what_its_form_asks_for(client: Any, db: Session, ann: User, field: str) -> None:
    form = {"display_name": "Ann", "handle": "ann", field: "1"}
    assert client.sign_in(ann).post_form("/settings", form).status_code == 422


def test_the_theme_is_kept_with_the_account_or_in_a_cookie(client: Any, db: Session, ann: User) -> None:
    client.post_form("/theme", {"theme": "dark"})
    assert client.cookies["pd_theme"] == "dark"
    client.sign_in(ann).post_form("/theme", {"theme": "light"})
    db.refresh(ann)
    assert ann.theme == "light"
    assert client.post_form("/theme", {"theme": "light"}, headers={"X-Fragment": "1"}).status_code == 204
    assert client.post_form("/theme", {"theme": "pink"}).status_code == 422


def test_an_address_is_changed_by_the_link_to_the_new_one(
    client: Any, db: Session, ann: User, settings: Settings, clock: Clock
) -> None:
    client.sign_in(ann)
    wrong = client.post_form("/settings/email", {"email": "new@example.org", "password": "wrong"})
    assert wrong.status_code == 422
    assert "That is not your password." in wrong.text
    assert (
        client.post_form("/settings/email", {"email": "new@example.org", "password": PASSWORD}).status_code
        == 303
    )
    assert "ann@example.org" in client.get("/settings/account").text
    token = Mailbox(db, settings).fetch_token(now=clock.now)
    client.post_link(f"/verify/{token}")
    assert "new@example.org" in client.get("/settings/account").text


def test_a_password_is_changed_and_this_browser_stays(client: Any, db: Session, ann: User) -> None:
    client.sign_in(ann)
    client.sign_in(ann)
    wrong = client.post_form("/settings/password", {"current": "wrong", "password": NEW})
    assert wrong.status_code == 422
    assert 'id="f-current-error"' in wrong.text
    assert client.post_form("/settings/password", {"current": PASSWORD, "password": NEW}).status_code == 303
    assert client.get("/settings").status_code == 200
    assert len(db.exec(select(LoginSession)).all()) == 1


def test_sessions_are_listed_and_ended(client: Any, db: Session, ann: User) -> None:
    elsewhere = client.sign_in(ann).cookies[SESSION_COOKIE]
    client.sign_in(ann)
    page = client.get("/settings/sessions").text
    other = db.exec(select(LoginSession).order_by(LoginSession.id)).first()  # type: ignore[arg-type]
    assert other is not None
    assert f"/settings/sessions/{other.id}/end" in page
    assert page.count("/end") == 2  # the other one, and all others
    refused = client.post_form(f"/settings/sessions/{other.id}/end", {"password": "wrong"})
    assert refused.status_code == 422
    assert 'id="f-password-error"' in refused.text
    assert client.post_form(f"/settings/sessions/{other.id}/end", {"password": PASSWORD}).status_code == 303
    client.set_cookie(SESSION_COOKIE, elsewhere)
    assert client.get("/settings").status_code == 303


def test_all_other_sessions_end_at_once(client: Any, db: Session, ann: User) -> None:
    for _browser in range(3):
        client.sign_in(ann)
    assert client.post_form("/settings/sessions/end").status_code == 422
    assert len(db.exec(select(LoginSession)).all()) == 3
    assert client.post_form("/settings/sessions/end", {"password": PASSWORD}).status_code == 303
    assert len(db.exec(select(LoginSession)).all()) == 1
    assert client.get("/settings").status_code == 200


def test_the_session_of_somebody_else_does_not_exist(
    client: Any, db: Session, ann: User, asker: User
) -> None:
    client.sign_in(asker)
    row = db.exec(select(LoginSession)).one()
    client.sign_in(ann)
    own = {"password": PASSWORD}
    assert client.post_form(f"/settings/sessions/{row.id}/end", own).status_code == 404
    assert client.post_form("/settings/sessions/99999999999999999999/end").status_code == 404


def test_leaving_takes_the_password_and_the_tick(client: Any, db: Session, ann: User) -> None:
    client.sign_in(ann)
    assert client.post_form("/settings/deletion", {"password": PASSWORD}).status_code == 422
    assert client.post_form("/settings/deletion", {"password": "wrong", "is_meant": "1"}).status_code == 422
    done = client.post_form("/settings/deletion", {"password": PASSWORD, "is_meant": "1"})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert SESSION_COOKIE not in client.cookies
    assert client.get("/users/ann").status_code == 404


def test_enter_in_the_password_field_signs_out_all_other_browsers(client: Any, ann: User) -> None:
    """Whoever wants to end one of them presses its button; browsers press a form's first one by themselves."""
    for _ in range(2):
        client.sign_in(ann)
    form = client.get("/settings/sessions").text.partition('action="/settings/sessions/end"')[2]
    assert "formaction" in form
    assert "formaction" not in form[: form.index("</button>")]
