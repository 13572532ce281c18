from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from app.core.errors import Conflict, Invalid
from app.domain import accounts, people
from app.models import Draft, LoginSession, Question, Throttle, User
from app.settings import Settings
from tests.factories.accounts import PASSWORD, make_account
from tests.factories.questions import make_question
from tests.support.mailbox import Mailbox

BROWSER = accounts.Browser(address="203.0.113.7")


def leave(db: Session, *, by: User, now: datetime, password: str = PASSWORD, is_meant: bool = True) -> None:
    accounts.delete_account(db, by=by, password=password, is_meant=is_meant, now=now)


def test_what_was_personal_is_gone_and_what_was_written_stays(
    db: Session, settings: Settings, now: datetime
) -> None:
    ann = make_account(
        db, handle="ann", about="I live in Oslo", about_html="<p>I live in Oslo</p>", location="Oslo"
    )
    question = make_question(db, author=ann)
    signed_in = accounts.sign_in(db, email="ann@example.org", password=PASSWORD, browser=BROWSER, now=now)
    db.add(Draft(user_id=ann.id or 0, key="ask", fields={"title": "Ann's secret"}, updated_at=now))
    db.commit()
    leave(db, by=ann, now=now)

    kept = db.exec(select(User).where(User.id == ann.id)).one()
    db.refresh(kept)
    everything = repr(kept.model_dump()).lower()
    assert "ann" not in everything
    assert "oslo" not in everything
    assert kept.display_name == accounts.FORMER_MEMBER
    assert kept.deleted_at == now
    assert db.exec(select(Question)).one().author_id == question.author_id
    assert db.exec(select(Draft)).first() is None
    assert db.exec(select(LoginSession)).first() is None
    assert accounts.viewer(db, token=signed_in.token, now=now) is None
    assert people.by_former_handle(db, "ann") is None
    (goodbye,) = Mailbox(db, settings).fetch(now=now)
    assert (goodbye["To"], goodbye["Subject"]) == ("ann@example.org", "Your account was deleted")


def test_it_takes_the_password_and_the_word(db: Session, now: datetime) -> None:
    ann = make_account(db, handle="ann")
    with pytest.raises(accounts.WrongPassword):
        leave(db, by=ann, now=now, password="wrong")
    with pytest.raises(Invalid):
        leave(db, by=ann, now=now, is_meant=False)
    db.refresh(ann)
    assert ann.deleted_at is None


def test_the_last_administrator_can_not_leave(db: Session, now: datetime) -> None:
    edda = make_account(db, handle="edda", moderation_role="admin")
    with pytest.raises(Conflict):
        leave(db, by=edda, now=now)


def test_the_address_and_the_handle_are_free_again(db: Session, now: datetime) -> None:
    ann = make_account(db, handle="ann")
    leave(db, by=ann, now=now)
    accounts.sign_up(
        db,
        email="ann@example.org",
        display_name="Ann",
        handle="ann",
        password=PASSWORD,
        browser=BROWSER,
        now=now,
    )
    assert people.by_handle(db, "ann").id != ann.id


def test_who_left_can_neither_sign_in_nor_reset(db: Session, settings: Settings, now: datetime) -> None:
    ann = make_account(db, handle="ann")
    mailbox = Mailbox(db, settings)
    accounts.ask_for_reset(db, email="ann@example.org", browser=BROWSER, now=now)
    token = mailbox.fetch_token(now=now)
    leave(db, by=ann, now=now)
    with pytest.raises(accounts.DeadLink):
        accounts.reset_password(db, token=token, password="yet another one", browser=BROWSER, now=now)
    with pytest.raises(accounts.WrongCredentials):
        accounts.sign_in(db, email="ann@example.org", password=PASSWORD, browser=BROWSER, now=now)


def test_what_is_over_is_forgotten(db: Session, settings: Settings, now: datetime) -> None:
    ann = make_account(db, handle="ann")
    accounts.sign_in(db, email="ann@example.org", password=PASSWORD, browser=BROWSER, now=now)
    accounts.sign_up(
        db, email="ben@example.org", display_name="Ben", password=PASSWORD, browser=BROWSER, now=now
    )
    assert accounts.forget_old(db, now=now + timedelta(days=13)) == 0
    assert accounts.forget_old(db, now=now + timedelta(days=31)) == 2
    assert [user.id for user in db.exec(select(User))] == [ann.id]
    assert db.exec(select(LoginSession)).first() is None
    assert db.exec(select(Throttle)).first() is not None
