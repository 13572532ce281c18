"""Attack cases 9, 18, 20, 21, 22, 24, 25 and 41, as a stranger at the doors meets them."""

from __future__ import annotations

import re

import pytest
from sqlmodel import Session, select

from app.core.handles import skeleton
from app.core.signing import hash_token
from app.models import AccountToken, LoginSession, OutgoingEmail, User
from app.settings import Settings
from app.web.csrf import PRE_SESSION_COOKIE
from app.web.deps import SESSION_COOKIE
from tests.factories.accounts import PASSWORD, make_account
from tests.support.browser import Browser
from tests.support.clock import Clock
from tests.support.mailbox import Mailbox

FORM = {"email": "ann@example.org", "password": PASSWORD}
NEW_PASSWORD = "violet kettle 9 times"


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "/%09/evil.example", "https:evil.example", "\\/\\/evil.example",
     "/\t/evil.example", "https://evil.example", "javascript:alert(1)", "/%0d%0aSet-Cookie:x=y", "http:///evil.example"],
)  # fmt: skip
def test_case_9_signing_in_leads_to_no_other_host(client: Browser, db: Session, target: str) -> None:
    make_account(db, handle="ann")
    assert "evil" not in client.get("/signin", params={"next": target}).text
    done = client.post_form("/signin", {**FORM, "next": target})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    again = client.get("/signin", params={"next": target})
    assert (again.status_code, again.headers["location"]) == (303, "/")


def test_case_9_a_referer_leads_to_no_other_host(client: Browser) -> None:
    sent = client.post_form("/questions/1/me-too", headers={"Referer": "https://x//evil.example/y"})
    if sent.status_code == 303:
        page = client.get(sent.headers["location"])
        assert "evil.example" not in page.text


def asked_for_reset(client: Browser, db: Session, settings: Settings, clock: Clock) -> str:
    client.post_form("/reset", {"email": "ann@example.org"})
    return Mailbox(db, settings).fetch_token(now=clock.now)


def test_case_18_a_reset_link_works_once_and_ends_all_sessions(
    client: Browser, db: Session, settings: Settings, clock: Clock
) -> None:
    ann = make_account(db, handle="ann")
    client.sign_in(ann)
    stolen = client.cookies[SESSION_COOKIE]
    client.sign_in(None)
    token = asked_for_reset(client, db, settings, clock)
    assert client.post_link(f"/reset/{token}", {"password": NEW_PASSWORD}).status_code == 303
    client.cookies.clear()
    client.cookies.set(SESSION_COOKIE, stolen)
    assert client.get("/settings").headers["location"].startswith("/signin")
    client.cookies.clear()
    client.post_link(f"/reset/{token}", {"password": "another kettle 10"})
    assert client.post_form("/signin", {**FORM, "password": "another kettle 10"}).status_code == 422
    assert client.post_form("/signin", {**FORM, "password": NEW_PASSWORD}).status_code == 303


def test_case_18_a_reset_link_ends_after_an_hour(
    client: Browser, db: Session, settings: Settings, clock: Clock
) -> None:
    make_account(db, handle="ann")
    token = asked_for_reset(client, db, settings, clock)
    clock.advance(hours=1, seconds=1)
    client.post_link(f"/reset/{token}", {"password": NEW_PASSWORD})
    assert client.post_form("/signin", FORM).status_code == 303


def test_case_18_asking_again_ends_the_link_asked_for_before(
    client: Browser, db: Session, settings: Settings, clock: Clock
) -> None:
    make_account(db, handle="ann")
    first = asked_for_reset(client, db, settings, clock)
    clock.advance(minutes=2)
    mailbox = Mailbox(db, settings)
    mailbox.fetch(now=clock.now)
    client.post_form("/reset", {"email": "ann@example.org"})
    second = mailbox.fetch_token(now=clock.now)
    client.post_link(f"/reset/{first}", {"password": NEW_PASSWORD})
    assert client.post_form("/signin", {**FORM, "password": NEW_PASSWORD}).status_code == 422
    client.post_link(f"/reset/{second}", {"password": NEW_PASSWORD})
    client.sign_in(None)
    assert client.post_form("/signin", {**FORM, "password": NEW_PASSWORD}).status_code == 303


def test_case_18_tokens_are_kept_as_hashes_and_for_one_address(
    client: Browser, db: Session, settings: Settings, clock: Clock
) -> None:
    ann = make_account(db, handle="ann")
    token = asked_for_reset(client, db, settings, clock)
    row = db.exec(select(AccountToken)).one()
    assert token not in str(row.model_dump())
    assert len(token) >= 43
    ann.email = ann.email_key = "moved@example.org"
    db.add(ann)
    db.commit()
    client.post_link(f"/reset/{token}", {"password": NEW_PASSWORD})
    assert (
        client.post_form("/signin", {"email": "moved@example.org", "password": NEW_PASSWORD}).status_code
        == 422
    )


def test_case_20_no_session_of_before_survives_signing_in(client: Browser, db: Session) -> None:
    make_account(db, handle="ann")
    planted = {SESSION_COOKIE: "chosen-by-the-attacker", PRE_SESSION_COOKIE: "chosen-too"}
    for name, value in planted.items():
        client.cookies.set(name, value)
    token = re.search(r'name="csrf" value="([^"]+)"', client.get("/signin").text)
    assert token is not None
    assert client.post("/signin", data={**FORM, "csrf": token[1]}).status_code == 303
    (session,) = db.exec(select(LoginSession)).all()
    assert session.token_hash != hash_token("chosen-by-the-attacker")
    client.cookies.clear()
    client.cookies.set(SESSION_COOKIE, "chosen-by-the-attacker")
    assert client.get("/settings").headers["location"].startswith("/signin")


def test_case_20_each_sign_in_has_a_session_of_its_own(client: Browser, db: Session) -> None:
    make_account(db, handle="ann")
    client.post_form("/signin", FORM)
    client.cookies.clear()
    client.post_form("/signin", FORM)
    hashes = [session.token_hash for session in db.exec(select(LoginSession))]
    assert len(set(hashes)) == len(hashes) == 2


def without_tokens(page: str) -> str:
    return re.sub(r'(name="csrf" value=|name="csrf-token" content=)"[^"]*"', "", page)


def test_case_21_known_and_unknown_addresses_get_the_same_answer(client: Browser, db: Session) -> None:
    make_account(db, handle="ann")
    make_account(db, handle="unclaimed", password_hash=None)
    for path, fields in (
        ("/signin", {"password": "wrong password"}),
        ("/reset", {}),
        ("/signup", {"display_name": "Brand New", "password": NEW_PASSWORD}),
    ):
        answers = []
        for address in ("ann@example.org", "nobody@example.org", "unclaimed@example.org"):
            client.cookies.clear()
            sent = client.post_form(path, {"email": address, **fields})
            body = without_tokens(sent.text).replace(address, "ADDRESS")
            answers.append((sent.status_code, sent.headers.get("location"), body))
        assert answers[0] == answers[1] == answers[2], path


def test_case_22_guessing_is_slowed_down_and_says_when_to_try_again(client: Browser, db: Session) -> None:
    make_account(db, handle="ann")
    guesses = [client.post_form("/signin", {**FORM, "password": f"guess number {n}"}) for n in range(11)]
    assert [guess.status_code for guess in guesses] == [422] * 10 + [429]
    assert int(guesses[-1].headers["retry-after"]) > 0


def test_case_22_an_attacker_elsewhere_does_not_lock_the_owner_out(
    client: Browser, db: Session, settings: Settings
) -> None:
    client.forum.state.settings = settings.model_copy(update={"trusted_proxies": ("0.0.0.0/0",)})
    make_account(db, handle="ann")
    assert client.post_form("/signin", FORM).status_code == 303  # the owner's browser is known from now on
    client.cookies.delete(SESSION_COOKIE)
    owner = dict(client.cookies)
    client.cookies.clear()
    for number in range(120):
        headers = {"X-Forwarded-For": f"10.{number}.0.1"}
        client.post_form("/signin", {**FORM, "password": "wrong"}, headers=headers)
    client.cookies.clear()
    for name, value in owner.items():
        client.cookies.set(name, value)
    assert client.post_form("/signin", FORM).status_code == 303


def test_case_24_nobody_can_fill_anothers_mailbox(client: Browser, db: Session) -> None:
    make_account(db, handle="ann")
    statuses = []
    for number in range(12):
        client.cookies.clear()
        path, fields = (
            ("/reset", {}) if number % 2 else ("/signup", {"display_name": "Ann", "password": NEW_PASSWORD})
        )
        statuses.append(client.post_form(path, {"email": "ann@example.org", **fields}).status_code)
    assert len(db.exec(select(OutgoingEmail)).all()) <= 5
    assert 500 not in statuses


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org, b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org\nX: y",
        "Ann <a@example.org>",
    ],
)
def test_case_25_one_address_is_one_recipient(client: Browser, db: Session, address: str) -> None:
    for path in ("/signup", "/reset"):
        fields = {"email": address, "display_name": "Ann", "password": NEW_PASSWORD}
        sent = client.post_form(path, fields if path == "/signup" else {"email": address})
        assert sent.status_code in {303, 422}
    assert db.exec(select(OutgoingEmail)).all() == []
    assert db.exec(select(User)).all() == []


@pytest.mark.parametrize(
    "name",
    [
        "Peerdesk Support",
        "Ann \u2713",
        "\u202eAnn",
        "St\u0430ff",
        "Off1cial",
        "Ann\u200b",
        "Ann\u3164",
        "Ann\ufe0f",
        "<b>Ann</b>",
        "Ann \U0001f6e1",
    ],
)
def test_case_41_nobody_signs_up_under_a_name_of_staff_or_with_a_sign(
    client: Browser, db: Session, name: str
) -> None:
    fields = {"email": "ann@example.org", "display_name": name, "password": NEW_PASSWORD}
    assert client.post_form("/signup", fields).status_code == 422
    assert db.exec(select(User)).all() == []


@pytest.mark.parametrize(
    "handle",
    [
        "admin",
        "adm1n",
        "Staff",
        "\u0430dmin",
        "mara\u200b",
        "mara\u3164",
        "mara\ufe0f",
        "MARA",
        "m.a.r.a",
        "m\u00e1ra",
        "rnara",
        "../x",
    ],
)
def test_case_41_nobody_renames_themselves_into_somebody_else(
    client: Browser, db: Session, handle: str
) -> None:
    make_account(db, handle="mara", handle_key=skeleton("mara"))
    ann = make_account(db, handle="ann", handle_key=skeleton("ann"))
    client.sign_in(ann)
    fields = {"display_name": "Ann", "handle": handle, "location": "", "about": "", "theme": ""}
    sent = client.post_form("/settings", fields)
    assert sent.status_code == 422, sent.headers.get("location")
    assert db.exec(select(User.handle).where(User.id == ann.id)).one() == "ann"
