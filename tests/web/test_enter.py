"""Coming in from a product site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session, select

from app.domain import accounts, drafts, identity, outbox
from app.models import IdentityKey, IdentitySite, LoginSession, SignedIdentity, User
from app.settings import Settings
from app.web.deps import SESSION_COOKIE
from app.web.enter import NONCE_COOKIE
from tests.factories.identity import make_key, make_site, token_of
from tests.factories.products import make_environment_field, make_product
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.clock import Clock

Sign = Callable[..., str]


@pytest.fixture
def site(db: Session) -> IdentitySite:
    return make_site(db, start_url="https://shop.example.com/community?lang=en")


@pytest.fixture
def key(db: Session, site: IdentitySite) -> IdentityKey:
    return make_key(db, site=site)


@pytest.fixture
def sign(key: IdentityKey, settings: Settings, clock: Clock) -> Sign:
    """Makes a token, as the site would: `sign(sub="customer-1", product="aerie-14")`."""
    return lambda **claims: token_of(key, secret=settings.secret_key, now=clock.now, **claims)


def arrive(client: Browser, token: str) -> Any:
    """Follow the site's link, and return the page that asks whether to go on."""
    taken = client.get(f"/enter?token={token}")
    assert (taken.status_code, taken.headers["location"]) == (303, "/enter")
    return client.get("/enter")


def user_of(db: Session, client: Browser) -> User | None:
    session = db.exec(select(LoginSession).order_by(LoginSession.id.desc())).first()  # type: ignore[union-attr]
    return db.get(User, session.user_id) if session and SESSION_COOKIE in client.cookies else None


def test_a_new_customer_gets_an_account_and_their_device_in_the_form(
    client: Browser, db: Session, sign: Sign
) -> None:
    make_environment_field(db, product=make_product(db, slug="aerie-14"), name="os")
    token = sign(
        email="mara@example.com",
        email_verified=True,
        product="aerie-14",
        environment={"os": "Windows 11", "serial": "unknown field"},
    )
    page = arrive(client, token)
    assert "Mara K" in page.text
    assert token not in page.text
    entered = client.post_form("/enter")
    assert entered.headers["location"] == "/ask"
    user = user_of(db, client)
    assert user is not None
    assert (user.display_name, user.email, user.password_hash) == ("Mara K", "mara@example.com", None)
    draft = drafts.find(db, author=user, key="ask")
    assert draft is not None
    assert draft.fields == {"product": "aerie-14", "env_os": "Windows 11"}
    assert "Windows 11" in client.get("/ask").text


def test_the_same_customer_is_the_same_member_next_time(client: Browser, db: Session, sign: Sign) -> None:
    for _visit in range(2):
        client.sign_in(None)
        arrive(client, sign())
        assert client.post_form("/enter").status_code == 303
    assert len(db.exec(select(SignedIdentity)).all()) == 1
    assert len(db.exec(select(User)).all()) == 1


def test_a_token_is_good_once(client: Browser, db: Session, sign: Sign) -> None:
    token = sign()
    arrive(client, token)
    assert client.post_form("/enter").status_code == 303
    client.sign_in(None)
    arrive(client, token)
    refused = client.post_form("/enter")
    assert refused.status_code == 403
    assert "follow it again" in refused.text
    assert user_of(db, client) is None


def test_a_token_runs_out_between_the_link_and_the_button(client: Browser, sign: Sign, clock: Clock) -> None:
    arrive(client, sign())
    clock.advance(minutes=5)
    assert client.post_form("/enter").status_code == 403


def test_an_account_with_the_same_address_is_not_taken_over(client: Browser, db: Session, sign: Sign) -> None:
    owner = make_user(db, handle="owner", email="mara@example.com", email_key="mara@example.com")
    page = arrive(client, sign(email="Mara@example.com", email_verified=True))
    assert "There is an account here with your e-mail address" in page.text
    assert client.post_form("/enter").status_code == 409
    assert not db.exec(select(SignedIdentity)).all()
    # Its owner signs in and connects the two; the token is still good.
    client.sign_in(owner)
    assert "Connect your account" in client.get("/enter").text
    assert client.post_form("/enter").status_code == 303
    assert db.exec(select(SignedIdentity.user_id)).one() == owner.id


def test_an_address_that_is_not_confirmed_is_nobodys(client: Browser, db: Session, sign: Sign) -> None:
    make_user(db, handle="owner", email="mara@example.com", email_key="mara@example.com")
    arrive(client, sign(email="mara@example.com", email_verified=False))
    assert client.post_form("/enter").status_code == 303
    user = user_of(db, client)
    assert user is not None
    assert user.email is None


@pytest.mark.parametrize("role", ["agent", "moderator", "admin"])
def test_staff_are_never_signed_in_this_way(
    client: Browser, db: Session, sign: Sign, site: IdentitySite, request: pytest.FixtureRequest, role: str
) -> None:
    staff: User = request.getfixturevalue(role)
    client.sign_in(staff)
    assert "staff" in arrive(client, sign()).text
    assert client.post_form("/enter").status_code == 403
    now = client.forum.state.now()
    row = SignedIdentity(site_id=site.id or 0, subject="customer-1", user_id=staff.id or 0, created_at=now, last_used_at=now)  # fmt: skip
    db.add(row)  # they came as a customer, before they were staff
    db.commit()
    client.sign_in(None)
    assert "staff" in arrive(client, sign()).text
    assert client.post_form("/enter").status_code == 403
    assert user_of(db, client) is None


def test_a_token_that_this_browser_asked_for_signs_in_at_once(
    client: Browser, db: Session, sign: Sign
) -> None:
    sent = client.get("/enter/from/shop.example.com").headers["location"]
    assert sent.startswith("https://shop.example.com/community?lang=en&nonce=")
    entered = client.get(f"/enter?token={sign(nonce=sent.rpartition('=')[2])}")
    assert entered.headers["location"] == "/ask"
    assert user_of(db, client) is not None


def test_what_somebody_was_about_to_ask_comes_along(client: Browser, db: Session, sign: Sign) -> None:
    make_product(db, slug="aerie-14")
    about = "product=aerie-14&title=No+sound+%26+no+light"
    client.get(f"/enter?token={sign()}&{about}")
    assert client.post_form("/enter").headers["location"] == f"/ask?{about}"
    client.sign_in(None)
    arrive(client, sign())  # and it is not remembered for another time
    assert client.post_form("/enter").headers["location"] == "/ask"
    client.sign_in(None)
    client.get(f"/enter/from/shop.example.com?{about}")
    entered = client.get(f"/enter?token={sign(nonce=client.cookies[NONCE_COOKIE])}")
    assert entered.headers["location"] == f"/ask?{about}"
    assert 'value="No sound &amp; no light"' in client.get(entered.headers["location"]).text


def test_a_token_that_another_browser_asked_for_does_not(client: Browser, db: Session, sign: Sign) -> None:
    client.set_cookie(NONCE_COOKIE, "asked for here")
    for nonce in ("asked for elsewhere", ""):
        arrive(client, sign(nonce=nonce))
    assert user_of(db, client) is None


def test_a_member_who_is_signed_in_is_connected_only_when_they_say_so(
    client: Browser, db: Session, sign: Sign, asker: User
) -> None:
    client.sign_in(asker)
    client.set_cookie(NONCE_COOKIE, "asked")
    assert "Connect" in arrive(client, sign(nonce="asked")).text
    assert not db.exec(select(SignedIdentity)).all()
    client.post_form("/enter")
    assert db.exec(select(SignedIdentity.user_id)).one() == asker.id


def test_a_name_that_claims_too_much_is_not_taken(client: Browser, db: Session, sign: Sign) -> None:
    arrive(client, sign(name="Support Staff"))
    client.post_form("/enter")
    user = user_of(db, client)
    assert user is not None
    assert user.display_name == "Customer"


def test_a_product_that_is_not_there_prepares_nothing(client: Browser, db: Session, sign: Sign) -> None:
    arrive(client, sign(product="no-such-thing"))
    assert client.post_form("/enter").status_code == 303
    assert client.get("/ask").status_code == 200


def test_nobody_enters_without_a_token(client: Browser) -> None:
    assert client.get("/enter").status_code == 403
    assert client.get("/enter?token=nonsense").status_code == 403
    assert client.post_form("/enter").status_code == 403
    assert client.get("/enter/from/nowhere.example").status_code == 404


def test_used_tokens_are_forgotten_when_they_have_expired(
    client: Browser, db: Session, sign: Sign, clock: Clock
) -> None:
    arrive(client, sign())
    client.post_form("/enter")
    assert identity.forget_old(db, now=clock.now) == 0
    assert identity.forget_old(db, now=clock.advance(minutes=6)) == 1


def test_of_who_deletes_their_account_nothing_is_kept(
    client: Browser, db: Session, sign: Sign, clock: Clock, drain: Callable[[Session], None]
) -> None:
    arrive(client, sign())
    client.post_form("/enter")
    first = user_of(db, client)
    assert first is not None
    outbox.record(db, accounts.MemberDeleted(by_id=first.id, member_id=first.id or 0), now=clock.now)
    drain(db)
    assert not db.exec(select(SignedIdentity)).all()
