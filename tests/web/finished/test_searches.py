"""Kept pages of results: true after each change and each step of the index, counted, and nobody's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from app.domain import answers, questions, searches, votes
from app.main import create_app
from app.models import Question, SearchCount, User
from app.settings import Settings
from tests.factories.users import make_user
from tests.support import indexing
from tests.support.browser import Browser

NEVER_KEPT = {"Cookie": "pd_flash=what-nobody-signed"}
SEARCH = "/search?q=blank+pages"


@pytest.fixture
def question(db: Session, asker: User, now: datetime, settings: Settings) -> Question:
    asked = _ask(db, asker, "Quill prints blank pages", now=now)
    indexing.catch_up(db, settings, now=now)
    return asked


def test_a_kept_page_is_what_it_would_be_now_in_every_process(
    client: Browser, db: Session, question: Question, asker: User, now: datetime, settings: Settings
) -> None:
    staff = make_user(db, handle="staff", moderation_role="admin", reputation=500)
    other = Browser(create_app(settings, engine=client.forum.state.bind), db)
    other.forum.state.now = client.forum.state.now
    answer = answers.post(db, question=question, author=staff, body="Blank pages mean no ink.", now=now)
    acts: dict[str, Callable[[], object]] = {
        "accept": lambda: answers.accept(db, answer=answer, by=asker, now=now),
        "vote": lambda: votes.cast(db, post=question, by=staff, value=1, now=now),
        "edit": lambda: _edit(db, question, staff, now),
        "ask": lambda: _ask(db, asker, "Blank pages and no others", now=now),
        "hide answer": lambda: answers.remove(db, answer=answer, by=staff, reason="wrong", now=now),
        "hide": lambda: questions.remove(db, question=question, by=staff, reason="private", now=now),
        "restore": lambda: questions.restore(db, question=question, by=staff, now=now),
    }
    for name, act in acts.items():
        act()
        for state in ("changed", "indexed"):
            if state == "indexed":
                indexing.catch_up(db, settings, now=now)
            wanted = client.get(SEARCH, headers=NEVER_KEPT).text
            for browser in (client, other):
                for _ in range(2):
                    assert browser.get(SEARCH).text == wanted, (name, state)
            assert client.get(SEARCH).headers["etag"] == other.get(SEARCH).headers["etag"]


def test_a_hidden_question_is_gone_from_kept_results_before_the_index_knows(
    client: Browser, db: Session, question: Question, moderator: User, now: datetime
) -> None:
    assert f"/questions/{question.id}/" in client.get(SEARCH).text
    questions.remove(db, question=question, by=moderator, reason="private", now=now)
    assert f"/questions/{question.id}/" not in client.get(SEARCH).text


def test_kept_results_follow_the_synonyms_at_once(
    client: Browser, db: Session, question: Question, moderator: User, now: datetime
) -> None:
    def finds() -> bool:
        return f"/questions/{question.id}/" in client.get("/search?q=unprinted").text

    assert not finds()
    group = searches.add_synonyms(db, by=moderator, words="unprinted, blank", now=now)
    assert finds()
    searches.remove_synonyms(db, by=moderator, group_id=group.id or 0, now=now)
    assert not finds()


def test_a_kept_search_is_counted_each_time(
    client: Browser, app: FastAPI, db: Session, question: Question, now: datetime
) -> None:
    etags = {client.get(SEARCH).headers["etag"] for _ in range(3)}
    assert len(etags) == 1
    app.state.searches.flush(app.state.bind, now=now)
    assert [(row.searches, row.without_results) for row in db.exec(select(SearchCount))] == [(3, 0)]


@pytest.mark.usefixtures("question")
def test_members_get_results_of_their_own_and_leave_nothing_in_the_kept_ones(
    client: Browser, answerer: User
) -> None:
    own = client.sign_in(answerer).get(SEARCH)
    assert answerer.display_name in own.text
    assert "etag" not in own.headers
    kept = client.sign_in(None).get(SEARCH)
    assert "etag" in kept.headers
    for private in (answerer.display_name, answerer.handle, 'name="csrf"'):
        assert private not in kept.text


@pytest.mark.usefixtures("question")
@pytest.mark.parametrize("more", ["&x=1", "&sort=" + "a" * 200])
def test_what_is_not_known_in_the_address_of_a_search_is_not_kept(client: Browser, more: str) -> None:
    assert "etag" not in client.get(SEARCH + more).headers


def _ask(db: Session, author: User, title: str, *, now: datetime) -> Question:
    return questions.ask(
        db,
        author=author,
        title=title,
        body="Since the update each second page stays blank.",
        tags="printing",
        product_id=None,
        environment={},
        now=now,
    )


def _edit(db: Session, question: Question, by: User, now: datetime) -> None:
    questions.edit(
        db,
        question=question,
        by=by,
        base=question.revision,
        title="Quill prints blank pages in the morning",
        body=question.body,
        tags="printing",
        product_id=None,
        environment={},
        summary="",
        now=now,
    )
