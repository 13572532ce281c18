from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import Engine, delete
from sqlmodel import Session

from app.core.db import new_session
from app.core.hub import Hub
from app.core.signing import hash_token
from app.domain import answers, comments, escalations, live, outbox, questions
from app.main import create_app
from app.models import Answer, EscalationPresence, LoginSession, Question
from app.settings import Settings
from app.web.deps import SESSION_COOKIE
from tests.factories.answers import make_answer
from tests.factories.escalations import open_case
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.clock import Clock
from tests.support.served import Ear, served

PER_ADDRESS = 4
Post = Callable[[Question], Answer]


@pytest.fixture
def db(real_engine: Engine) -> Iterator[Session]:
    with new_session(real_engine) as session:
        yield session


@pytest.fixture
def forum(settings: Settings, real_engine: Engine, clock: Clock) -> Iterator[str]:
    app = create_app(settings.model_copy(update={"base_url": "http://127.0.0.1"}), engine=real_engine)
    app.state.now = clock
    app.state.live = Hub(
        live.Changes(real_engine, now=clock),
        per_address=PER_ADDRESS,
        poll_seconds=0.02,
        heartbeat_seconds=0.05,
    )
    with served(app) as url:
        yield url


@pytest.fixture
def post_answer(db: Session, clock: Clock) -> Callable[[Question], Answer]:
    helper, times = make_user(db, handle="helper"), itertools.count(1)

    def post(question: Question) -> Answer:
        body = f"Take the cable out and put it in again, {next(times)} times."
        return answers.post(db, question=question, author=helper, body=body, now=clock.now)

    return post


@pytest.fixture
def of_agent(db: Session, clock: Clock) -> dict[str, str]:
    """The headers of a signed-in agent's browser."""
    agent = make_user(db, handle="agent", support_role="agent")
    facts: dict[str, Any] = {
        "created_at": clock.now,
        "last_seen_at": clock.now,
        "expires_at": clock.now.replace(year=2099),
    }
    db.add(LoginSession(token_hash=hash_token("the agent's"), user_id=agent.id or 0, **facts))
    db.commit()
    return {"Cookie": f"{SESSION_COOKIE}=the agent's"}


def test_a_listener_is_told_the_state_of_its_question_and_then_of_each_answer(
    db: Session, forum: str, post_answer: Post
) -> None:
    question, other = make_question(db), make_question(db)
    with Ear(f"{forum}/api/v1/events?question={question.id}") as ear:
        state = ear.next()
        post_answer(other)
        posted = post_answer(question)
        heard = ear.next()
    assert state is not None
    assert state.name == "state"
    assert state.data == {"question_id": question.id, "status": "unanswered", "answer_count": 0}
    assert heard is not None
    assert heard.name == "answer.created"
    assert (heard.data["answer_id"], heard.data["answer_count"]) == (posted.id, 1)


def test_messages_carry_ids_and_counts_and_no_text(db: Session, forum: str, post_answer: Post) -> None:
    question = make_question(db)
    with Ear(f"{forum}/api/v1/events") as ear:
        ear.is_open()
        post_answer(question)
        heard = ear.next()
    assert heard is not None
    assert heard.data.keys() == {"question_id", "answer_id", "at", "product", "status", "answer_count"}


def test_a_listener_of_a_product_is_told_of_what_is_below_it(
    db: Session, forum: str, post_answer: Post
) -> None:
    brand = make_product(db, slug="acme")
    line = make_product(db, slug="printers", parent=brand)
    elsewhere, inside = make_question(db), make_question(db, product_id=line.id)
    with Ear(f"{forum}/api/v1/events?product=acme") as ear:
        ear.is_open()
        post_answer(elsewhere)
        post_answer(inside)
        heard = ear.next()
    assert heard is not None
    assert (heard.data["question_id"], heard.data["product"]) == (inside.id, "printers")


def test_a_listener_who_comes_back_is_told_what_it_missed_and_nothing_twice(
    db: Session, forum: str, post_answer: Post
) -> None:
    question = make_question(db)
    with Ear(f"{forum}/api/v1/events") as ear:
        ear.is_open()
        post_answer(question)
        first = ear.next()
    missed = post_answer(question)
    assert first is not None
    with Ear(f"{forum}/api/v1/events", {"Last-Event-ID": first.id}) as ear:
        second = ear.next()
        last = post_answer(question)
        third = ear.next()
    assert second is not None
    assert third is not None
    assert [second.data["answer_id"], third.data["answer_id"]] == [missed.id, last.id]


def test_what_was_hidden_meanwhile_is_not_sent_to_who_comes_back(
    db: Session, forum: str, post_answer: Post, clock: Clock
) -> None:
    moderator = make_user(db, moderation_role="moderator")
    hidden, open_one = make_question(db), make_question(db)
    post_answer(hidden)
    answer = post_answer(open_one)
    comments.post(
        db, post=answer, author=make_user(db, reputation=500), body="And a remark on it.", now=clock.now
    )
    answers.remove(db, answer=answer, by=moderator, reason="rude", now=clock.now)
    questions.remove(db, question=hidden, by=moderator, reason="spam", now=clock.now)
    with Ear(f"{forum}/api/v1/events", {"Last-Event-ID": "0:0"}) as ear:
        heard = [ear.next(), ear.next()]
    assert [one.name for one in heard if one] == ["answer.removed", "question.removed"]
    assert [one.data["question_id"] for one in heard if one] == [open_one.id, hidden.id]


def test_whoever_missed_too_much_is_told_to_begin_anew(db: Session, forum: str, clock: Clock) -> None:
    question = make_question(db)
    for _ in range(501):
        event = questions.QuestionEdited(by_id=None, question_id=question.id, revision=1)
        outbox.record(db, event, now=clock.now)
    db.commit()
    with Ear(f"{forum}/api/v1/events", {"Last-Event-ID": "0:0"}) as ear:
        heard = ear.next()
    assert heard is not None
    assert heard.name == "reset"
    assert heard.id


@pytest.mark.parametrize("filters", ["question=999999", "product=nothing"])
def test_nobody_listens_for_what_is_not_there(forum: str, filters: str) -> None:
    with Ear(f"{forum}/api/v1/events?{filters}") as ear:
        assert ear.status == 404


def test_nobody_listens_for_a_hidden_question(db: Session, forum: str, clock: Clock) -> None:
    hidden = make_question(db, removed_at=clock.now, removal="hidden")
    with Ear(f"{forum}/api/v1/events?question={hidden.id}") as ear:
        assert ear.status == 404


def test_an_address_can_hold_so_many_streams_and_no_more(forum: str) -> None:
    with ExitStack() as held:
        for _ in range(PER_ADDRESS):
            held.enter_context(Ear(f"{forum}/api/v1/events")).is_open()
        with Ear(f"{forum}/api/v1/events") as refused:
            assert refused.status == 429


@pytest.mark.parametrize("topic", ["queue", "case:1"])
def test_strangers_find_no_stream_of_the_desk(forum: str, topic: str) -> None:
    with Ear(f"{forum}/desk/events?topic={topic}") as ear:
        assert ear.status == 404


def test_staff_find_no_stream_of_an_unknown_topic(forum: str, of_agent: dict[str, str]) -> None:
    with Ear(f"{forum}/desk/events?topic=public", of_agent) as ear:
        assert ear.status == 404


def test_a_stream_of_the_desk_ends_with_the_session(
    db: Session, forum: str, of_agent: dict[str, str]
) -> None:
    with Ear(f"{forum}/desk/events?topic=queue", of_agent) as ear:
        ear.is_open()
        db.execute(delete(LoginSession))
        db.commit()
        assert ear.next() is None


def test_a_public_stream_is_told_of_no_case(db: Session, forum: str, post_answer: Post) -> None:
    question = make_question(db)
    with Ear(f"{forum}/api/v1/events?question={question.id}&topic=queue") as ear:
        assert ear.next()
        make_answer(db, question=question, author=make_user(db))  # no event, so nothing is heard of it
        post_answer(question)
        heard = ear.next()
    assert heard is not None
    assert heard.data["answer_count"] == 2


def test_staff_are_told_what_happens_to_a_case_and_who_has_it_open(
    db: Session, forum: str, of_agent: dict[str, str], clock: Clock
) -> None:
    other = make_user(db, handle="other", support_role="agent", display_name="Ines")
    case = open_case(db, now=clock.now)
    with Ear(f"{forum}/desk/events?topic=case:{case.id}", of_agent) as ear:
        nobody = ear.next()
        escalations.claim(db, escalation=case, by=other, now=clock.now)
        claimed = ear.next()
        db.add(EscalationPresence(escalation_id=case.id or 0, user_id=other.id or 0, seen_at=clock.now))
        db.commit()
        present = ear.next()
    assert nobody is not None
    assert nobody.data == {"case_id": case.id, "people": []}
    assert claimed is not None
    assert (claimed.name, claimed.data["event"]) == ("case", "EscalationAssigned")
    assert present is not None
    assert present.data["people"] == [{"id": other.id, "name": "Ines", "doing": "viewing"}]
