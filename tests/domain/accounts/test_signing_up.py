from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from app.core.errors import Invalid, TooMany
from app.domain import accounts
from app.models import ReputationEntry, User
from app.settings import Settings
from tests.factories.accounts import PASSWORD
from tests.factories.users import make_user
from tests.support.clock import Clock
from tests.support.mailbox import Mailbox, text_of, token_in

BROWSER = accounts.Browser(address="203.0.113.7")


def sign_up(db: Session, *, now: datetime, **given: str) -> str:
    values = {"email": "ann@example.org", "display_name": "Ann Lee", "password": PASSWORD, **given}
    return accounts.sign_up(db, browser=BROWSER, now=now, **values)


def test_a_new_member_has_one_point_and_must_confirm_the_address(
    db: Session, settings: Settings, now: datetime
) -> None:
    assert sign_up(db, now=now) == "ann@example.org"
    user = db.exec(select(User)).one()
    assert (user.handle, user.display_name, user.email_verified_at) == ("Ann-Lee", "Ann Lee", None)
    assert user.password_hash is not None
    assert user.password_hash.startswith("$argon2id$")
    assert [entry.points for entry in db.exec(select(ReputationEntry))] == [user.reputation] == [1]
    (message,) = Mailbox(db, settings).fetch(now=now)
    assert message["To"] == "ann@example.org"
    assert "/verify/" in text_of(message)


def test_all_that_is_wrong_is_said_at_once(db: Session, now: datetime) -> None:
    with pytest.raises(Invalid) as refusal:
        sign_up(db, now=now, email="a@x.org, b@x.org", display_name="Support", password="short")
    assert set(refusal.value.errors) == {"email", "display_name", "password"}


@pytest.mark.parametrize("password", ["annlee-1234", "ann@example.org", "password123", "aaaaaaaaaaaa"])
def test_a_guessable_password_is_refused(db: Session, now: datetime, password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        sign_up(db, now=now, password=password)
    assert set(refusal.value.errors) == {"password"}


@pytest.mark.parametrize("spelling", ["ann@example.org", "Ann@Example.ORG"])
def test_a_known_address_makes_nothing_but_its_owner_hears_of_it(
    db: Session, settings: Settings, now: datetime, spelling: str
) -> None:
    make_user(db, handle="ann")
    sign_up(db, now=now, email=spelling, display_name="Eve")
    assert [user.handle for user in db.exec(select(User))] == ["ann"]
    (message,) = Mailbox(db, settings).fetch(now=now)
    assert message["Subject"] == "You have an account already"


def test_an_address_that_was_never_confirmed_gets_its_link_again(
    db: Session, settings: Settings, now: datetime
) -> None:
    mailbox = Mailbox(db, settings)
    sign_up(db, now=now)
    first = mailbox.fetch_token(now=now)
    sign_up(db, now=now, display_name="Eve", password="another good sentence")
    second = mailbox.fetch_token(now=now)
    assert first != second
    assert db.exec(select(User)).one().display_name == "Ann Lee"


def test_a_taken_handle_is_refused_also_when_it_only_looks_alike(db: Session, now: datetime) -> None:
    make_user(db, handle="ann", handle_key="ann")
    for handle in ("ann", "ANN", "a-n-n", "Ànn"):
        with pytest.raises(Invalid) as refusal:
            sign_up(db, now=now, email="new@example.org", handle=handle)
        assert set(refusal.value.errors) == {"handle"}


def test_a_taken_handle_is_refused_for_known_and_unknown_addresses_alike(db: Session, now: datetime) -> None:
    make_user(db, handle="ann")
    for email in ("ann@example.org", "new@example.org"):
        with pytest.raises(Invalid) as refusal:
            sign_up(db, now=now, email=email, handle="ann")
        assert set(refusal.value.errors) == {"handle"}


def test_two_people_of_one_name_get_two_handles(db: Session, now: datetime) -> None:
    for number in range(4):
        sign_up(db, now=now, email=f"ann{number}@example.org")
    handles = sorted(user.handle for user in db.exec(select(User)))
    assert handles == ["Ann-Lee", "Ann-Lee-2", "Ann-Lee-3", "Ann-Lee-4"]


def test_an_imported_account_is_offered_to_the_owner_of_its_address(
    db: Session, settings: Settings, clock: Clock
) -> None:
    imported = make_user(db, handle="ann", password_hash=None, email_verified_at=None, reputation=900)
    mailbox = Mailbox(db, settings)
    sign_up(db, now=clock.now, display_name="Eve", password="chosen by who knows")
    (message,) = mailbox.fetch(now=clock.now)
    assert "claim" not in message["Subject"]
    assert "old community" in message["Subject"]
    db.refresh(imported)
    assert imported.password_hash is None

    accounts.reset_password(db, token=token_in(message), password=PASSWORD, browser=BROWSER, now=clock.now)
    signed_in = accounts.sign_in(
        db, email="ann@example.org", password=PASSWORD, browser=BROWSER, now=clock.now
    )
    assert signed_in.user.id == imported.id
    assert signed_in.user.reputation == 900
    assert signed_in.user.email_verified_at == clock.now


def test_an_account_imported_with_a_hash_only_is_found_by_its_address(
    db: Session, settings: Settings, now: datetime
) -> None:
    digest = hashlib.md5(b"ann@example.org").hexdigest()
    nobody: dict[str, Any] = {
        "email": None,
        "email_key": None,
        "password_hash": None,
        "email_verified_at": None,
    }
    imported = make_user(db, handle="old-ann", claim_hash=digest, **nobody)
    mailbox = Mailbox(db, settings)
    sign_up(db, now=now, email="Ann@example.org")
    accounts.reset_password(
        db, token=mailbox.fetch_token(now=now), password=PASSWORD, browser=BROWSER, now=now
    )
    db.refresh(imported)
    assert (imported.email, imported.claim_hash) == ("Ann@example.org", None)
    assert imported.is_claimed
    assert len(db.exec(select(User)).all()) == 1


def test_mail_to_one_address_is_bounded_whichever_form_asks_for_it(db: Session, now: datetime) -> None:
    for _time in range(2):
        sign_up(db, now=now)
        accounts.ask_for_reset(db, email="ann@example.org", browser=BROWSER, now=now)
    sign_up(db, now=now)
    with pytest.raises(TooMany):
        accounts.ask_for_reset(db, email="ann@example.org", browser=BROWSER, now=now)
    accounts.ask_for_reset(db, email="ben@example.org", browser=BROWSER, now=now)
    accounts.ask_for_reset(db, email="ann@example.org", browser=BROWSER, now=now + timedelta(hours=1))


def test_the_operator_makes_accounts_that_are_confirmed(db: Session, now: datetime) -> None:
    admin = accounts.create(
        db,
        email="edda@example.org",
        handle="admin",
        display_name="Edda, Support",
        moderation_role="admin",
        now=now,
    )
    assert admin.is_admin
    assert admin.email_verified_at == now
    assert accounts.has_admin(db)
    for taken in (
        {"email": "edda@example.org", "handle": "other"},
        {"email": "x@example.org", "handle": "admin"},
    ):
        with pytest.raises(Invalid):
            accounts.create(db, now=now, **taken)
    assert len(db.exec(select(User)).all()) == 1
