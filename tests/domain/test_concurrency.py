"""Several processes act on one thread at once: nothing fails, nothing is counted twice, nothing gets lost."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.core.db import new_session
from app.models import Answer, Flag, MeToo, OutboxEvent, Product, Question, Tag, User, Vote
from tests.factories.answers import make_answer
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.suggestions import make_suggestion
from tests.factories.tags import make_tag
from tests.factories.users import make_user
from tests.support.processes import COUNT, Order, all_do, workers
from tests.support.recount import disagreements

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with workers() as made:
        yield made


@pytest.fixture
def forum(real_engine: Engine) -> Iterator[Session]:
    """A session on a database that other processes use, too."""
    with new_session(real_engine) as session:
        yield session


@pytest.fixture
def url(real_engine: Engine) -> str:
    return real_engine.url.render_as_string(hide_password=False)


def make_thread(db: Session, *, answers: int = 1) -> tuple[Question, list[Answer]]:
    product = make_product(db)
    question = make_question(db, author=make_user(db, handle="asker"), product_id=product.id)
    product.question_count = 1
    db.add(product)
    db.commit()
    return question, [make_answer(db, question=question) for _ in range(answers)]


def make_members(db: Session, count: int) -> list[int]:
    return [make_user(db).id or 0 for _ in range(count)]


def test_votes_of_many_members_on_one_post_are_all_counted(
    pool: ProcessPoolExecutor, forum: Session, url: str, now: datetime
) -> None:
    _, [answer] = make_thread(forum)
    members = make_members(forum, 12)
    orders: list[list[Order]] = [
        [("vote", {"by": member, "post": answer.id, "value": 1}) for member in members[place::COUNT]]
        for place in range(COUNT)
    ]
    assert all_do(pool, url, orders, now=now) == [["done"] * 3] * COUNT
    assert disagreements(forum) == []
    assert forum.get_one(Answer, answer.id).score == 12


def test_one_vote_sent_several_times_at_once_counts_once(
    pool: ProcessPoolExecutor, forum: Session, url: str, now: datetime
) -> None:
    _, [answer] = make_thread(forum)
    members = make_members(forum, 8)
    same: list[Order] = [("vote", {"by": member, "post": answer.id, "value": 1}) for member in members]
    assert all_do(pool, url, [same] * COUNT, now=now) == [["done"] * 8] * COUNT
    assert disagreements(forum) == []
    assert len(forum.exec(select(Vote)).all()) == 8
    assert len(forum.exec(select(OutboxEvent).where(OutboxEvent.name == "VoteCast")).all()) == 8


def test_one_answer_sent_several_times_at_once_is_posted_once(
    pool: ProcessPoolExecutor, forum: Session, url: str, now: datetime
) -> None:
    question, _ = make_thread(forum, answers=0)
    [member] = make_members(forum, 1)
    same: list[Order] = [("answer", {"by": member, "question": question.id})] * 3
    assert all_do(pool, url, [same] * COUNT, now=now) == [["done"] * 3] * COUNT
    assert disagreements(forum) == []
    assert len(forum.exec(select(Answer)).all()) == 1
    assert len(forum.exec(select(OutboxEvent).where(OutboxEvent.name == "AnswerPosted")).all()) == 1


def test_one_question_sent_several_times_at_once_is_asked_once(
    pool: ProcessPoolExecutor, forum: Session, url: str, now: datetime
) -> None:
    product = make_product(forum)
    [member] = make_members(forum, 1)
    same: list[Order] = [("ask", {"by": member, "product": product.id, "tags": "sound"})] * 3
    assert all_do(pool, url, [same] * COUNT, now=now) == [["done"] * 3] * COUNT
    assert disagreements(forum) == []
    assert len(forum.exec(select(Question)).all()) == 1
    assert len(forum.exec(select(OutboxEvent).where(OutboxEvent.name == "QuestionAsked")).all()) == 1


def test_of_several_accepted_at_once_one_answer_is_accepted(
    pool: ProcessPoolExecutor, forum: Session, url: str, now: datetime
) -> None:
    question, answers = make_thread(forum, answers=COUNT)
    by = question.author_id
    orders: list[list[Order]] = [
        [("accept", {"by": by, "answer": answer.id})] * 5
        + [("unaccept", {"by": by, "question": question.id})]
        for answer in answers
    ]
    outcomes = all_do(pool, url, orders, now=now)
    assert {outcome for own in outcomes for outcome in own} <= {"done", "Conflict"}
    all_do(pool, url, [own[:1] for own in orders], now=now)
    assert disagreements(forum) == []
    accepted = forum.get_one(Question, question.id).accepted_answer_id
    assert accepted in {answer.id for answer in answers}
    richer = [answer.id for answer in answers if forum.get_one(User, answer.author_id).reputation > 100]
    assert richer == [accepted]


def test_a_tag_that_several_invent_at_once_is_made_once(
    pool: ProcessPoolExecutor, forum: Session, url: str, now: datetime
) -> None:
    product = make_product(forum)
    members = make_members(forum, COUNT)
    orders: list[list[Order]] = [
        [
            ("ask", {"by": member, "product": product.id, "tags": f"new-{number} common"})
            for number in range(5)
        ]
        for member in members
    ]
    assert all_do(pool, url, orders, now=now) == [["done"] * 5] * COUNT
    assert disagreements(forum) == []
    assert len(forum.exec(select(Tag)).all()) == 6
    assert forum.get_one(Product, product.id).question_count == 5 * COUNT


def test_two_who_say_me_too_in_several_tabs_count_as_two(
    pool: ProcessPoolExecutor, forum: Session, url: str, now: datetime
) -> None:
    question, _ = make_thread(forum)
    same: list[Order] = [("say_me_too", {"by": by, "question": question.id}) for by in make_members(forum, 2)]
    assert all_do(pool, url, [same * 3] * COUNT, now=now) == [["done"] * 6] * COUNT
    assert disagreements(forum) == []
    assert len(forum.exec(select(MeToo)).all()) == 2


@pytest.mark.parametrize("attempt", range(3))
def test_questions_closed_as_duplicates_of_one_another_at_once_make_no_circle(
    pool: ProcessPoolExecutor, forum: Session, url: str, now: datetime, attempt: int
) -> None:
    moderator = make_user(forum, moderation_role="moderator")
    one, other = make_question(forum), make_question(forum)
    orders: list[list[Order]] = [
        [("close", {"by": moderator.id, "question": first.id, "original": second.id})]
        for first, second in ((one, other), (other, one)) * (COUNT // 2)
    ]
    outcomes = all_do(pool, url, orders, now=now)
    assert {outcome for own in outcomes for outcome in own} <= {"done", "Conflict", "Invalid", "NotAllowed"}
    forum.expire_all()
    aliases = forum.exec(select(Question).where(col(Question.duplicate_of_id).is_not(None))).all()
    assert len(aliases) == 1


def test_an_edit_that_several_approve_at_once_is_published_once(
    pool: ProcessPoolExecutor, forum: Session, url: str, now: datetime
) -> None:
    question = make_question(forum, tags=[make_tag(forum, name="printing", question_count=1)])
    suggestion = make_suggestion(forum, post=question, author=make_user(forum, handle="helper"))
    editors = [make_user(forum, reputation=1_000).id for _ in range(COUNT)]
    orders: list[list[Order]] = [
        [("approve", {"by": editor, "suggestion": suggestion.id})] for editor in editors
    ]
    outcomes = sorted(outcome for own in all_do(pool, url, orders, now=now) for outcome in own)
    assert outcomes[-1] == "done"
    assert set(outcomes[:-1]) <= {"AlreadyDecided", "EditConflict"}
    forum.expire_all()
    assert (question.revision, suggestion.decision) == (2, "approved")
    assert disagreements(forum) == []


def test_flags_sent_and_decided_several_times_at_once_count_once(
    pool: ProcessPoolExecutor, forum: Session, url: str, now: datetime
) -> None:
    _, [answer] = make_thread(forum)
    [member] = make_members(forum, 1)
    moderators = [make_user(forum, moderation_role="moderator").id for _ in range(COUNT)]
    same: list[Order] = [("flag", {"by": member, "post": answer.id})]
    sent = sorted(outcome for own in all_do(pool, url, [same] * COUNT, now=now) for outcome in own)
    assert sent == ["AlreadyFlagged"] * (COUNT - 1) + ["done"]
    [flag] = forum.exec(select(Flag)).all()
    orders: list[list[Order]] = [[("decide", {"by": by, "flag": flag.id})] for by in moderators]
    decided = sorted(outcome for own in all_do(pool, url, orders, now=now) for outcome in own)
    assert decided == ["Conflict"] * (COUNT - 1) + ["done"]
    assert disagreements(forum) == []


@pytest.mark.parametrize("seed", range(2))
def test_a_busy_thread_keeps_its_counts(
    pool: ProcessPoolExecutor, forum: Session, url: str, now: datetime, seed: int
) -> None:
    question, answers = make_thread(forum, answers=3)
    moderator = make_user(forum, moderation_role="moderator").id
    members = make_members(forum, 6)
    chance = random.Random(seed)

    def order() -> Order:
        answer, member = chance.choice(answers).id, chance.choice(members)
        orders: list[Order] = [
            ("vote", {"by": member, "post": answer, "value": chance.choice([1, 0, -1])}),
            ("vote", {"by": member, "post": question.id, "value": chance.choice([1, 0, -1])}),
            ("accept", {"by": question.author_id, "answer": answer}),
            ("unaccept", {"by": question.author_id, "question": question.id}),
            ("comment", {"by": member, "post": answer}),
            ("answer", {"by": member, "question": question.id}),
            ("remove", {"by": moderator, "answer": answer}),
            ("restore", {"by": moderator, "answer": answer}),
        ]
        return chance.choice(orders)

    outcomes = all_do(pool, url, [[order() for _ in range(15)] for _ in range(COUNT)], now=now)
    assert sum(own.count("done") for own in outcomes) > 15
    assert disagreements(forum) == []
