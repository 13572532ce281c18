from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlmodel import Session, select

from app.core.errors import NotFound, TooMany
from app.core.signing import hash_token
from app.domain import accounts
from app.models import LoginSession, Throttle
from tests.factories.accounts import PASSWORD, make_account
from tests.factories.users import make_user
from tests.support.clock import Clock

HOME = accounts.Browser(address="203.0.113.7", user_agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
ELSEWHERE = accounts.Browser(address="198.51.100.9")


def sign_in(
    db: Session, *, now: datetime, email: str = "ann@example.org", password: str = PASSWORD,
    browser: accounts.Browser = HOME,
) -> accounts.SignedIn:  # fmt: skip
    return accounts.sign_in(db, email=email, password=password, browser=browser, now=now)


def fail(
    db: Session, *, times: int, now: datetime, email: str = "ann@example.org", browser: accounts.Browser
) -> None:
    for _time in range(times):
        with pytest.raises(accounts.WrongCredentials):
            sign_in(db, now=now, email=email, password="no", browser=browser)


def test_the_session_is_kept_as_a_hash_and_found_by_its_token(db: Session, now: datetime) -> None:
    ann = make_account(db, handle="ann")
    signed_in = sign_in(db, now=now)
    row = db.exec(select(LoginSession)).one()
    assert row.token_hash == hash_token(signed_in.token) != signed_in.token
    viewer = accounts.viewer(db, token=signed_in.token, now=now)
    assert viewer is not None
    assert viewer.id == ann.id
    assert accounts.viewer(db, token="another", now=now) is None


@pytest.mark.parametrize("email", ["Ann@Example.org", " ann@example.org "])
def test_the_spelling_of_the_address_does_not_matter(db: Session, now: datetime, email: str) -> None:
    make_account(db, handle="ann")
    assert sign_in(db, now=now, email=email).token


def test_unknown_address_wrong_password_and_unclaimed_account_are_refused_alike(
    db: Session, now: datetime
) -> None:
    make_account(db, handle="ann")
    make_user(db, handle="imported", password_hash=None)
    answers = set()
    for email, password in (
        ("ann@example.org", "wrong"), ("nobody@example.org", PASSWORD), ("imported@example.org", ""),
        ("not an address", PASSWORD), ("", ""),
    ):  # fmt: skip
        with pytest.raises(accounts.WrongCredentials) as refusal:
            sign_in(db, now=now, email=email, password=password)
        answers.add(refusal.value.message)
    assert len(answers) == 1


def test_known_and_unknown_addresses_count_alike(db: Session, now: datetime) -> None:
    make_account(db, handle="ann")
    for email in ("ann@example.org", "nobody@example.org"):
        fail(db, times=10, now=now, email=email, browser=HOME)
        with pytest.raises(TooMany):
            sign_in(db, now=now, email=email, password="no")


def test_signing_in_again_ends_the_session_that_the_browser_had(db: Session, now: datetime) -> None:
    make_account(db, handle="ann")
    make_account(db, handle="ben")
    first = sign_in(db, now=now)
    second = sign_in(db, now=now, email="ben@example.org", browser=replace(HOME, session=first.token))
    assert second.token != first.token
    assert accounts.viewer(db, token=first.token, now=now) is None


def test_an_attacker_is_slowed_down_and_the_owner_is_not_locked_out(db: Session, now: datetime) -> None:
    make_account(db, handle="ann")
    known = replace(HOME, device=sign_in(db, now=now).device)
    fail(db, times=10, now=now, browser=ELSEWHERE)
    with pytest.raises(TooMany) as refusal:
        sign_in(db, now=now, browser=ELSEWHERE)  # not even with the right password
    assert 0 < refusal.value.retry_after <= 15 * 60
    assert sign_in(db, now=now, browser=HOME).token
    # In the owner's own network only the browser that is known gets in, until the window ends.
    fail(db, times=10, now=now, browser=HOME)
    with pytest.raises(TooMany):
        sign_in(db, now=now, browser=HOME)
    assert sign_in(db, now=now, browser=known).token
    assert sign_in(db, now=now + timedelta(minutes=15), browser=HOME).token


@pytest.mark.slow
def test_guesses_from_everywhere_stop_at_one_account_but_not_its_known_browser(
    db: Session, now: datetime
) -> None:
    make_account(db, handle="ann")
    known = replace(HOME, device=sign_in(db, now=now).device)
    for network in range(10):
        fail(db, times=10, now=now, browser=accounts.Browser(address=f"198.51.{network}.9"))
    with pytest.raises(TooMany):
        sign_in(db, now=now, browser=accounts.Browser(address="192.0.2.1"))
    assert sign_in(db, now=now, browser=known).token


def test_a_device_cookie_of_another_account_exempts_from_nothing(db: Session, now: datetime) -> None:
    make_account(db, handle="ann")
    make_account(db, handle="eve")
    device = sign_in(db, now=now, email="eve@example.org", browser=ELSEWHERE).device
    fail(db, times=10, now=now, browser=replace(ELSEWHERE, device=device))
    with pytest.raises(TooMany):
        sign_in(db, now=now, password="no", browser=replace(ELSEWHERE, device=device))


def test_a_known_browser_can_not_guess_for_ever_either(db: Session, now: datetime) -> None:
    make_account(db, handle="ann")
    known = replace(HOME, device=sign_in(db, now=now).device)
    fail(db, times=10, now=now, browser=known)
    with pytest.raises(TooMany):
        sign_in(db, now=now, browser=known)


def test_those_who_succeed_do_not_count(db: Session, now: datetime) -> None:
    make_account(db, handle="ann")
    for _time in range(12):
        sign_in(db, now=now)
    assert {row.count for row in db.exec(select(Throttle))} == {0}


def test_no_address_is_kept_in_the_counts(db: Session, now: datetime) -> None:
    fail(db, times=1, now=now, browser=HOME)
    assert not [row.key for row in db.exec(select(Throttle)) if "ann" in row.key or "203.0" in row.key]


def test_an_old_hash_is_renewed_with_the_next_sign_in(db: Session, now: datetime) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    ann = make_account(db, handle="ann", password_hash=cheap)
    sign_in(db, now=now)
    db.refresh(ann)
    assert ann.password_hash != cheap
    assert sign_in(db, now=now).token


def test_a_session_ends_when_idle_and_at_last_in_any_case(db: Session, clock: Clock) -> None:
    make_account(db, handle="ann")
    token = sign_in(db, now=clock.now).token
    started = clock.now
    assert accounts.login(db, token=token, now=started + timedelta(days=29)) is not None
    assert accounts.login(db, token=token, now=started + timedelta(days=30)) is None
    while (login := accounts.login(db, token=token, now=clock.now)) is not None:
        accounts.keep_alive(db, login=login, now=clock.now)
        clock.advance(days=20)
    assert clock.now - started == timedelta(days=180)


def test_use_is_noted_every_five_minutes_at_most(db: Session, now: datetime) -> None:
    make_account(db, handle="ann")
    login = accounts.login(db, token=sign_in(db, now=now).token, now=now)
    assert login is not None
    assert not accounts.is_due(login, now=now + timedelta(minutes=4))
    assert accounts.is_due(login, now=now + timedelta(minutes=5))


def test_sessions_are_listed_in_words_and_ended_one_by_one_or_all_others(db: Session, now: datetime) -> None:
    ann = make_account(db, handle="ann")
    here = sign_in(db, now=now)
    phone = sign_in(
        db, now=now + timedelta(minutes=1),
        browser=accounts.Browser(address="198.51.100.9", user_agent="Mozilla/5.0 (iPhone) Version/18 Safari/605"),
    )  # fmt: skip
    third = sign_in(db, now=now)
    rows = accounts.sessions_of(db, member=ann, token=here.token, now=now)
    assert [row.device for row in rows] == ["Safari on iPhone", "Firefox on Linux", "Firefox on Linux"]
    assert [row.is_current for row in rows].count(True) == 1
    accounts.end_session(db, by=ann, session_id=rows[0].id, password=PASSWORD, now=now)
    assert accounts.viewer(db, token=phone.token, now=now) is None
    accounts.end_other_sessions(db, by=ann, token=here.token, password=PASSWORD, now=now)
    assert accounts.viewer(db, token=third.token, now=now) is None
    assert accounts.viewer(db, token=here.token, now=now) is not None


def test_nobody_ends_the_session_of_somebody_else(db: Session, now: datetime) -> None:
    ann = make_account(db, handle="ann")
    eve = make_account(db, handle="eve")
    token = sign_in(db, now=now).token
    (row,) = accounts.sessions_of(db, member=ann, token=token, now=now)
    with pytest.raises(NotFound):
        accounts.end_session(db, by=eve, session_id=row.id, password=PASSWORD, now=now)
    accounts.sign_out(db, token=token)
    assert accounts.viewer(db, token=token, now=now) is None
