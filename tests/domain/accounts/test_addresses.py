from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from app.core.errors import Conflict, Invalid, TooMany
from app.domain import accounts, mail
from app.models import User
from app.settings import Settings
from tests.factories.accounts import PASSWORD, make_account
from tests.support.mailbox import Mailbox, token_in

BROWSER = accounts.Browser(address="203.0.113.7")


def confirm(db: Session, *, token: str, now: datetime, signed_up_as: str = "") -> accounts.SignedIn | User:
    return accounts.confirm_address(db, token=token, browser=BROWSER, signed_up_as=signed_up_as, now=now)


def change(
    db: Session, *, by: User, now: datetime, email: str = "new@example.org", password: str = PASSWORD
) -> None:
    accounts.change_email(db, by=by, email=email, password=password, now=now)


def test_a_link_confirms_once(db: Session, settings: Settings, now: datetime) -> None:
    ann = make_account(db, handle="ann", email_verified_at=None)
    accounts.ask_for_link(db, by=ann, now=now)
    token = Mailbox(db, settings).fetch_token(now=now)
    assert isinstance(confirm(db, token=token, now=now), User)
    db.refresh(ann)
    assert ann.email_verified_at == now
    with pytest.raises(accounts.DeadLink):
        confirm(db, token=token, now=now)


def test_only_the_browser_that_signed_up_with_this_address_is_signed_in(
    db: Session, settings: Settings, now: datetime
) -> None:
    mailbox = Mailbox(db, settings)
    for signed_up_as, is_in in (("eve@example.org", False), ("", False), ("ann@example.org", True)):
        ann = make_account(db, email="ann@example.org", email_key="ann@example.org", email_verified_at=None)
        accounts.ask_for_link(db, by=ann, now=now)
        outcome = confirm(db, token=mailbox.fetch_token(now=now), now=now, signed_up_as=signed_up_as)
        assert isinstance(outcome, accounts.SignedIn) == is_in
        db.delete(ann)
        db.commit()


def test_a_confirmed_address_needs_no_other_link(db: Session, now: datetime) -> None:
    ann = make_account(db, handle="ann")
    with pytest.raises(Conflict):
        accounts.ask_for_link(db, by=ann, now=now)


def test_links_are_sent_five_times_an_hour_at_most(db: Session, now: datetime) -> None:
    ann = make_account(db, handle="ann", email_verified_at=None)
    for _time in range(5):
        accounts.ask_for_link(db, by=ann, now=now)
    with pytest.raises(TooMany):
        accounts.ask_for_link(db, by=ann, now=now)


def test_an_address_changes_when_its_link_is_used_and_the_old_one_hears_of_it(
    db: Session, settings: Settings, now: datetime
) -> None:
    ann = make_account(db, handle="ann")
    mailbox = Mailbox(db, settings)
    change(db, by=ann, now=now)
    (message,) = mailbox.fetch(now=now)
    assert message["To"] == "new@example.org"
    db.refresh(ann)
    assert ann.email == "ann@example.org"
    confirm(db, token=token_in(message), now=now)
    db.refresh(ann)
    assert (ann.email, ann.email_key) == ("new@example.org", "new@example.org")
    (notice,) = mailbox.fetch(now=now)
    assert (notice["To"], notice["Subject"]) == ("ann@example.org", "Your e-mail address was changed")


def test_a_change_needs_the_password_and_one_real_other_address(db: Session, now: datetime) -> None:
    ann = make_account(db, handle="ann")
    with pytest.raises(accounts.WrongPassword):
        change(db, by=ann, now=now, password="wrong")
    for email in ("a@x.org, b@x.org", "a@x.org\r\nBcc: b@x.org", "ANN@example.org", ""):
        with pytest.raises(Invalid) as refusal:
            change(db, by=ann, now=now, email=email)
        assert refusal.value.field == "email"


def test_the_address_of_another_account_is_told_to_its_owner_only(
    db: Session, settings: Settings, now: datetime
) -> None:
    ann = make_account(db, handle="ann")
    make_account(db, handle="ben")
    change(db, by=ann, now=now, email="ben@example.org")
    (message,) = Mailbox(db, settings).fetch(now=now)
    assert message["To"] == "ben@example.org"
    assert message["Subject"] == "This address has an account already"


def test_an_address_taken_meanwhile_is_refused(db: Session, settings: Settings, now: datetime) -> None:
    ann = make_account(db, handle="ann")
    change(db, by=ann, now=now)
    token = Mailbox(db, settings).fetch_token(now=now)
    make_account(db, handle="new")
    with pytest.raises(Conflict):
        confirm(db, token=token, now=now)
    db.refresh(ann)
    assert ann.email == "ann@example.org"


def test_a_link_that_nobody_used_ends(db: Session, settings: Settings, now: datetime) -> None:
    ann = make_account(db, handle="ann")
    change(db, by=ann, now=now)
    token = Mailbox(db, settings).fetch_token(now=now)
    with pytest.raises(accounts.DeadLink):
        confirm(db, token=token, now=now + timedelta(days=1))


@pytest.mark.parametrize("ending", ["newer request", "password"])
def test_case_18_a_server_that_takes_the_letter_late_gets_no_live_link(
    db: Session, settings: Settings, now: datetime, ending: str
) -> None:
    ann = make_account(db, handle="ann")
    change(db, by=ann, email="eve@evil.example", now=now)
    held_back = mail.claim(db, now=now)  # its server says "later", until the owner has found out
    assert held_back is not None
    if ending == "password":
        accounts.change_password(
            db, by=ann, current=PASSWORD, password="violet kettle 9x!", token="", now=now
        )
    else:
        change(db, by=ann, email="new@example.org", now=now)
    assert accounts.letter(db, email=held_back, now=now) is None
    mail.postpone(db, email_id=held_back.id, error="try again later", now=now)
    days_later = now + timedelta(days=2)
    sent = Mailbox(db, settings).fetch(now=days_later)
    assert all("evil" not in str(message["To"]) for message in sent)


def test_case_18_the_link_to_a_mistyped_address_ends_with_the_next_request(
    db: Session, settings: Settings, now: datetime
) -> None:
    ann = make_account(db, handle="ann")
    mailbox = Mailbox(db, settings)
    change(db, by=ann, email="somebody-else@example.org", now=now)
    mistyped = mailbox.fetch_token(now=now)
    change(db, by=ann, email="new@example.org", now=now)
    with pytest.raises(accounts.DeadLink):
        confirm(db, token=mistyped, now=now)
    confirm(db, token=mailbox.fetch_token(now=now), now=now)
    db.refresh(ann)
    assert ann.email == "new@example.org"
