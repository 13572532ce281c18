"""Deciding on flags at the desk."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

import pytest
from sqlmodel import Session

from app.domain import questions
from app.models import Flag, Question, User
from tests.factories.flags import make_flag
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.queries import Queries

Counting = Callable[[], AbstractContextManager[Queries]]


@pytest.fixture
def flagger(db: Session) -> User:
    return make_user(db, handle="flagger")


@pytest.fixture
def flag(db: Session, asker: User, flagger: User) -> Flag:
    question = make_question(db, author=asker, title="Buy cheap toner <here>")
    return make_flag(db, post=question, author=flagger, note="Third time this week.")


def test_a_flag_is_shown_with_its_post_and_note(client: Browser, flag: Flag, moderator: User) -> None:
    page = client.sign_in(moderator).get("/desk/flags").text
    assert "Buy cheap toner &lt;here&gt;" in page
    assert "Third time this week." in page
    assert f'action="/desk/flags/{flag.id}"' in page


@pytest.mark.parametrize(
    ("outcome", "decision", "removal"),
    [
        ("decline", "declined", ""),
        ("helpful", "helpful", ""),
        ("hide", "helpful", "hidden"),
        ("spam", "helpful", "spam"),
    ],
)
def test_a_decision_is_one_press(
    client: Browser, db: Session, flag: Flag, moderator: User, outcome: str, decision: str, removal: str
) -> None:
    fields = {"outcome": outcome, "reason": "Advertising."}
    answer = client.sign_in(moderator).post_form(f"/desk/flags/{flag.id}", fields)
    assert answer.status_code == 303
    assert db.get_one(Flag, flag.id).decision == decision
    assert db.get_one(Question, flag.post_id).removal == removal


def test_hiding_without_a_reason_asks_for_it(
    client: Browser, db: Session, flag: Flag, moderator: User
) -> None:
    answer = client.sign_in(moderator).post_form(f"/desk/flags/{flag.id}", {"outcome": "hide"})
    assert answer.status_code == 422
    assert "Say why" in answer.text
    assert db.get_one(Flag, flag.id).decision == ""


def test_a_form_without_a_button_decides_nothing(
    client: Browser, db: Session, flag: Flag, moderator: User
) -> None:
    for fields in ({"reason": "Spam."}, {"reason": "Spam.", "outcome": "delete"}):
        answer = client.sign_in(moderator).post_form(f"/desk/flags/{flag.id}", fields)
        assert answer.status_code == 422
        assert "Press one of the buttons." in answer.text
    assert db.get_one(Flag, flag.id).decision == ""


def test_what_is_gone_already_is_not_offered_for_hiding(
    client: Browser, db: Session, flag: Flag, asker: User, moderator: User, now: datetime
) -> None:
    assert 'value="hide"' in client.sign_in(moderator).get("/desk/flags").text
    questions.remove(db, question=db.get_one(Question, flag.post_id), by=asker, now=now)
    page = client.get("/desk/flags").text
    assert "Third time this week." in page
    assert 'value="hide"' not in page
    assert 'value="helpful"' in page


def test_decided_flags_have_their_own_list(client: Browser, db: Session, flag: Flag, moderator: User) -> None:
    client.sign_in(moderator).post_form(f"/desk/flags/{flag.id}", {"outcome": "decline"})
    assert "Third time" not in client.get("/desk/flags").text
    assert "Third time" in client.get("/desk/flags?tab=decided").text


def test_a_flag_is_not_shown_to_the_author_of_the_post(client: Browser, flag: Flag, asker: User) -> None:
    page = client.sign_in(asker).get(f"/questions/{flag.post_id}", follow_redirects=True).text
    assert "Third time" not in page


def test_lists_take_the_same_number_of_queries_for_one_and_many(
    client: Browser, db: Session, flag: Flag, moderator: User, count_queries: Counting
) -> None:
    client.sign_in(moderator).get("/desk/flags")
    with count_queries() as one:
        client.get("/desk/flags")
    for _ in range(9):
        make_flag(db, post=make_question(db))
    with count_queries() as many:
        client.get("/desk/flags")
    assert flag.id
    assert len(many) == len(one)
