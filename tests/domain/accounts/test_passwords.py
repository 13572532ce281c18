from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from app.core.errors import Conflict, Invalid, TooMany
from app.core.signing import hash_token
from app.domain import accounts
from app.models import AccountToken, OutgoingEmail, User
from app.settings import Settings
from tests.factories.accounts import PASSWORD, make_account
from tests.factories.users import make_user
from tests.support.clock import Clock
from tests.support.mailbox import Mailbox, text_of

BROWSER = accounts.Browser(address="203.0.113.7")
NEW = "rain on a tin roof"


def ask(db: Session, *, now: datetime, email: str = "ann@example.org") -> None:
    accounts.ask_for_reset(db, email=email, browser=BROWSER, now=now)


def reset(db: Session, *, token: str, now: datetime, password: str = NEW) -> accounts.SignedIn:
    return accounts.reset_password(db, token=token, password=password, browser=BROWSER, now=now)


def sign_in(db: Session, *, now: datetime, password: str) -> accounts.SignedIn:
    return accounts.sign_in(db, email="ann@example.org", password=password, browser=BROWSER, now=now)


def test_a_link_sets_the_password_once_and_ends_everything_else(
    db: Session, settings: Settings, now: datetime
) -> None:
    make_account(db, handle="ann")
    elsewhere = sign_in(db, now=now, password=PASSWORD)
    mailbox = Mailbox(db, settings)
    ask(db, now=now)
    first = mailbox.fetch_token(now=now)
    ask(db, now=now)
    second = mailbox.fetch_token(now=now)

    here = reset(db, token=second, now=now)
    assert accounts.viewer(db, token=here.token, now=now) is not None
    assert accounts.viewer(db, token=elsewhere.token, now=now) is None
    for dead in (first, second):
        with pytest.raises(accounts.DeadLink):
            reset(db, token=dead, now=now, password="yet another sentence")
    assert sign_in(db, now=now, password=NEW).token
    with pytest.raises(accounts.WrongCredentials):
        sign_in(db, now=now, password=PASSWORD)
    (notice,) = mailbox.fetch(now=now)
    assert notice["Subject"] == "Your password was changed"


def test_only_the_hash_of_a_link_is_kept_and_none_in_the_queue(
    db: Session, settings: Settings, now: datetime
) -> None:
    make_account(db, handle="ann")
    ask(db, now=now)
    assert db.exec(select(AccountToken)).all() == []
    assert db.exec(select(OutgoingEmail)).one().context == {}
    token = Mailbox(db, settings).fetch_token(now=now)
    row = db.exec(select(AccountToken)).one()
    assert row.token_hash == hash_token(token)
    assert len(token) >= 43


def test_a_link_is_too_old_after_an_hour(db: Session, settings: Settings, now: datetime) -> None:
    make_account(db, handle="ann")
    ask(db, now=now)
    token = Mailbox(db, settings).fetch_token(now=now)
    with pytest.raises(accounts.DeadLink):
        reset(db, token=token, now=now + timedelta(hours=1))


def test_a_link_is_worth_nothing_once_the_account_has_another_address(
    db: Session, settings: Settings, now: datetime
) -> None:
    ann = make_account(db, handle="ann")
    ask(db, now=now)
    token = Mailbox(db, settings).fetch_token(now=now)
    ann.email = ann.email_key = "new@example.org"
    db.add(ann)
    db.commit()
    with pytest.raises(accounts.DeadLink):
        reset(db, token=token, now=now)


def test_a_weak_password_does_not_use_the_link_up(db: Session, settings: Settings, now: datetime) -> None:
    make_account(db, handle="ann")
    ask(db, now=now)
    token = Mailbox(db, settings).fetch_token(now=now)
    with pytest.raises(Invalid):
        reset(db, token=token, now=now, password="short")
    assert reset(db, token=token, now=now).token


def test_a_link_to_confirm_an_address_sets_no_password(
    db: Session, settings: Settings, now: datetime
) -> None:
    ann = make_account(db, handle="ann", email_verified_at=None)
    accounts.ask_for_link(db, by=ann, now=now)
    token = Mailbox(db, settings).fetch_token(now=now)
    with pytest.raises(accounts.DeadLink):
        reset(db, token=token, now=now)


def test_asking_is_the_same_for_an_unknown_address_which_gets_no_mail(
    db: Session, settings: Settings, now: datetime
) -> None:
    make_account(db, handle="ann")
    for email in ("ann@example.org", "nobody@example.org"):
        ask(db, now=now, email=email)
    rows = db.exec(select(OutgoingEmail)).all()
    assert len({(row.template, row.user_id, str(row.context)) for row in rows}) == 1
    messages = Mailbox(db, settings).fetch(now=now)
    assert [message["To"] for message in messages] == ["ann@example.org"]


def test_asking_too_often_from_one_network_is_refused(db: Session, now: datetime) -> None:
    for number in range(20):
        ask(db, now=now, email=f"member{number}@example.org")
    with pytest.raises(TooMany):
        ask(db, now=now, email="one-more@example.org")


def test_a_reset_confirms_the_address_for_the_mail_was_read(
    db: Session, settings: Settings, now: datetime
) -> None:
    ann = make_account(db, handle="ann", email_verified_at=None)
    ask(db, now=now)
    reset(db, token=Mailbox(db, settings).fetch_token(now=now), now=now)
    db.refresh(ann)
    assert ann.email_verified_at == now


def test_a_change_needs_the_present_password_and_keeps_only_this_browser(
    db: Session, settings: Settings, now: datetime
) -> None:
    ann = make_account(db, handle="ann")
    here = sign_in(db, now=now, password=PASSWORD)
    elsewhere = sign_in(db, now=now, password=PASSWORD)
    with pytest.raises(accounts.WrongPassword) as refusal:
        accounts.change_password(db, by=ann, current="wrong", password=NEW, token=here.token, now=now)
    assert refusal.value.field == "current"
    accounts.change_password(db, by=ann, current=PASSWORD, password=NEW, token=here.token, now=now)
    assert accounts.viewer(db, token=here.token, now=now) is not None
    assert accounts.viewer(db, token=elsewhere.token, now=now) is None
    assert sign_in(db, now=now, password=NEW).token
    (notice,) = Mailbox(db, settings).fetch(now=now)
    assert "Ann" in text_of(notice)


def test_who_finds_a_browser_signed_in_can_not_guess_the_password(db: Session, now: datetime) -> None:
    ann = make_account(db, handle="ann")
    for _time in range(10):
        with pytest.raises(accounts.WrongPassword):
            accounts.delete_account(db, by=ann, password="guess", is_meant=True, now=now)
    with pytest.raises(TooMany):
        accounts.delete_account(db, by=ann, password=PASSWORD, is_meant=True, now=now)


def test_the_operator_hands_over_a_link(db: Session, clock: Clock) -> None:
    ann = make_account(db, handle="ann")
    token = accounts.reset_token(db, member=ann, now=clock.now)
    assert reset(db, token=token, now=clock.now).user.id == ann.id
    nobody = make_user(db, handle="imported", email=None, email_key=None, password_hash=None)
    with pytest.raises(Conflict):
        accounts.reset_token(db, member=nobody, now=clock.now)


def test_an_imported_account_can_not_be_claimed_twice(db: Session, settings: Settings, now: datetime) -> None:
    make_user(db, handle="ann", password_hash=None, email_verified_at=None)
    mailbox = Mailbox(db, settings)
    ask(db, now=now)
    ask(db, now=now)
    first, second = mailbox.fetch(now=now)
    del second
    token = text_of(first).partition("/reset/")[2].split()[0]
    reset(db, token=token, now=now)
    with pytest.raises(accounts.DeadLink):
        reset(db, token=token, now=now, password="a third good sentence")
    assert db.exec(select(User)).one().is_claimed
