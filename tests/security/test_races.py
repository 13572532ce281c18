"""Attack case 11 through HTTP: many requests at one moment. (Processes: tests/domain/test_concurrency.py.)"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.core.db import new_session
from app.main import create_app
from app.models import Answer, Question, User, Vote
from app.settings import Settings
from tests.factories.accounts import make_account
from tests.factories.answers import make_answer
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.clock import Clock
from tests.support.recount import disagreements

pytestmark = pytest.mark.slow

AT_ONCE = 8


@pytest.fixture
def shared(real_engine: Engine, settings: Settings, clock: Clock) -> FastAPI:
    forum = create_app(settings, engine=real_engine)
    forum.state.now = clock
    return forum


@pytest.fixture
def facts(real_engine: Engine) -> Iterator[Session]:
    with new_session(real_engine) as session:
        yield session


def at_once(act: Callable[[Browser], int], browsers: list[Browser]) -> Counter[int]:
    """Let all act at one moment; return how often each status came."""
    ready = Barrier(len(browsers))

    def go(browser: Browser) -> int:
        ready.wait(timeout=60)
        return act(browser)

    with ThreadPoolExecutor(len(browsers)) as pool:
        return Counter(pool.map(go, browsers))


def browsers_of(forum: FastAPI, real_engine: Engine, member: User | None) -> list[Browser]:
    return [Browser(forum, new_session(real_engine)).sign_in(member) for _ in range(AT_ONCE)]


def test_case_11_one_vote_sent_many_times_at_once_counts_once(
    shared: FastAPI, real_engine: Engine, facts: Session
) -> None:
    voter, question = make_user(facts), make_question(facts)
    path = f"/posts/{question.id}/vote"
    browsers = browsers_of(shared, real_engine, voter)
    came = at_once(lambda browser: browser.post_form(path, {"value": 1}).status_code, browsers)
    assert set(came) == {303}
    facts.expire_all()
    assert len(facts.exec(select(Vote)).all()) == 1
    assert facts.get_one(Question, question.id).score == 1
    assert disagreements(facts) == []


def test_case_11_two_answers_accepted_at_once_leave_one(
    shared: FastAPI, real_engine: Engine, facts: Session
) -> None:
    asker = make_user(facts)
    question = make_question(facts, author=asker)
    answers = [make_answer(facts, question=question).id for _ in range(2)]
    browsers = browsers_of(shared, real_engine, asker)
    choice = {id(browser): answers[number % 2] for number, browser in enumerate(browsers)}
    came = at_once(
        lambda browser: browser.post_form(f"/answers/{choice[id(browser)]}/accept").status_code, browsers
    )
    assert not [status for status in came if status >= 500]
    facts.expire_all()
    assert facts.get_one(Question, question.id).accepted_answer_id in answers
    assert disagreements(facts) == []
    assert len(facts.exec(select(Answer)).all()) == 2


def test_case_11_one_address_signed_up_many_times_at_once_is_one_member(
    shared: FastAPI, real_engine: Engine, facts: Session
) -> None:
    fields = {"email": "ann@example.org", "display_name": "Ann", "password": "violet kettle 9 times"}
    browsers = browsers_of(shared, real_engine, None)
    came = at_once(lambda browser: browser.post_form("/signup", fields).status_code, browsers)
    assert not [status for status in came if status >= 500]
    assert len(facts.exec(select(User)).all()) == 1


def test_case_11_guessing_at_once_gains_no_guesses(
    shared: FastAPI, real_engine: Engine, facts: Session
) -> None:
    make_account(facts, handle="ann")
    fields = {"email": "ann@example.org", "password": "wrong"}
    browsers = browsers_of(shared, real_engine, None)

    def guess_twice(browser: Browser) -> int:
        return sum(browser.post_form("/signin", fields).status_code == 422 for _ in range(2))

    allowed = at_once(guess_twice, browsers)
    assert sum(number * times for number, times in allowed.items()) == 10
