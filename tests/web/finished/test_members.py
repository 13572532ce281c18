"""What members share of a page, and what stays each one's own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from app.domain import accounts, comments, drafts, follows, me_too, votes
from app.models import Question, User
from app.web.deps import SESSION_COOKIE
from app.web.finished import PageStore
from tests.factories.answers import make_answer
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.clock import Clock
from tests.support.queries import Queries

CountQueries = Callable[[], AbstractContextManager[Queries]]
HIT = 6
"""Statements for a kept page at most: the news (two), the session, the marks, the unread messages, a case."""


@pytest.fixture
def question(db: Session, asker: User) -> Question:
    asked = make_question(db, author=asker, title="Printer prints blank pages")
    make_answer(db, question=asked, author=make_user(db, handle="helper"), body="Shake the cartridge.")
    return asked


@pytest.fixture
def address(question: Question) -> str:
    return f"/questions/{question.id}/printer-prints-blank-pages"


@pytest.fixture
def one(db: Session) -> User:
    return make_user(db, handle="first-reader", display_name="Wilhelmina Erste", reputation=98_321)


@pytest.fixture
def other(db: Session) -> User:
    return make_user(db, handle="second-reader", display_name="Zebulon Zweiter", reputation=98_345)


@pytest.fixture
def store(app: FastAPI) -> PageStore:
    kept = next(each.kwargs["store"] for each in app.user_middleware if "store" in each.kwargs)
    assert isinstance(kept, PageStore)
    return kept


@pytest.mark.parametrize("path", ["", "/questions"], ids=["thread", "list"])
def test_members_alike_share_a_page_but_never_what_is_their_own(
    client: Browser,
    store: PageStore,
    address: str,
    one: User,
    other: User,
    count_queries: CountQueries,
    path: str,
) -> None:
    first = client.sign_in(one).get(path or address).text
    with count_queries() as queries:
        second = client.sign_in(other).get(path or address).text
    assert len(queries) <= HIT + 2  # with the session that signing in made
    assert one.display_name in first
    assert other.display_name in second
    for own, text in ((one, second), (other, first)):
        for private in (own.display_name, own.handle, f"{own.reputation:,}"):
            assert private not in text
    kept = "".join(store.plain(page).decode() for page in store)
    assert kept
    mine = (client.csrf_token(), str(client.cookies.get(SESSION_COOKIE)))
    for private in ("Wilhelmina", "Zebulon", "-reader", "98,3", *mine):
        assert private not in kept
    assert not [hole for hole in ("token-", "<!--header") if hole in first + second]


Mark = Callable[[Session, Question, User, Clock], object]

MARKS: dict[str, Mark] = {
    "vote": lambda db, question, by, clock: votes.cast(db, post=question, by=by, value=1, now=clock.now),
    "me too": lambda db, question, by, clock: me_too.add(db, question=question, by=by, now=clock.now),
    "follow": lambda db, question, by, clock: follows.follow(db, by=by, subject=question, now=clock.now),
    "draft": lambda db, question, by, clock: drafts.keep(
        db, author=by, key=f"answer:{question.id}", fields={"body": "Not yet said"}, now=clock.now
    ),
    "comment": lambda db, question, by, clock: comments.post(
        db, post=question, author=by, body="Which model is it, please?", now=clock.now
    ),
    "colours": lambda db, _question, by, _clock: accounts.set_theme(db, by=by, theme="dark"),
    "role": lambda db, _question, by, _clock: _change(db, by, support_role="agent"),
    "less reputation": lambda db, _question, by, _clock: _change(db, by, reputation=1),
    "unconfirmed address": lambda db, _question, by, _clock: _change(db, by, email_verified_at=None),
    "suspension": lambda db, _question, by, clock: _change(
        db, by, suspended_until=clock.now + timedelta(days=2), suspended_reason="Rudeness of a rare kind"
    ),
}


@pytest.mark.parametrize("mark", MARKS)
def test_a_member_with_a_mark_or_other_rights_sees_their_own_page_and_nobody_else_does(
    client: Browser,
    db: Session,
    clock: Clock,
    question: Question,
    address: str,
    one: User,
    other: User,
    mark: str,
) -> None:
    MARKS[mark](db, question, other, clock)
    plain = _page(client.sign_in(one).get(address).text)
    marked = _page(client.sign_in(other).get(address).text)
    assert marked != plain
    assert marked == _page(client.get(address, headers={"Cookie": f"{_cookies(client)}; pd_flash=x"}).text)
    assert _page(client.sign_in(one).get(address).text) == plain


def test_a_session_that_ended_opens_nothing(
    client: Browser, db: Session, address: str, one: User, clock: Clock
) -> None:
    client.sign_in(one)
    assert all(one.display_name in client.get(address).text for _ in range(2))
    accounts.sign_out_everywhere(db, by=None, member=one, now=clock.now)
    assert one.display_name not in client.get(address).text


def test_a_message_of_the_last_act_is_shown_once_and_to_nobody_else(
    client: Browser, db: Session, question: Question, address: str, one: User, other: User
) -> None:
    message = "You are told of new answers."
    client.sign_in(other).get(address)
    client.sign_in(one).post_form(f"/questions/{question.id}/follow")
    pages = [client.get(address).text for _ in range(2)]
    follows.unfollow(db, by=one, subject=question)
    pages += [client.get(address).text, client.sign_in(other).get(address).text]
    assert ["flash-" in page for page in pages] == [True, False, False, False], message


def _change(db: Session, member: User, **facts: object) -> None:
    for name, value in facts.items():
        setattr(member, name, value)
    db.add(member)
    db.commit()


def _page(html: str) -> str:
    """Return what a page shows between its header and its end, without the tokens of its forms."""
    body = html[: html.index("<header")] + html[html.index("</header>") :]
    return "".join(line for line in body.splitlines(keepends=True) if "csrf" not in line)


def _cookies(client: Browser) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)
