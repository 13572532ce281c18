"""What brings questions to staff, and what the public is promised until then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from app.core.errors import NotAllowed, TooMany
from app.domain import answers, comments, entry_rules, escalations, me_too, questions, votes
from app.models import EntryWatch, Escalation, Question, User
from tests.factories.escalations import let_rules_count
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.clock import Clock

BODY = "Reset the mixer to its defaults, then restart the speaker."


@pytest.fixture(autouse=True)
def counting(db: Session) -> None:
    let_rules_count(db)


@pytest.fixture
def work(db: Session, drain: Callable[[Session], None], clock: Clock) -> Callable[..., None]:
    """Lets time pass and the worker do what is due: `work(hours=8)`."""

    def go_on(**amount: float) -> None:
        clock.advance(**amount)
        drain(db)

    return go_on


def ask(
    db: Session,
    by: User,
    clock: Clock,
    product_id: int | None = None,
    title: str = "No sound after the update",
) -> Question:
    parts: dict[str, Any] = {"tags": "wifi", "product_id": product_id, "environment": {}}
    return questions.ask(db, author=by, title=title, body=BODY, now=clock.now, **parts)


def case_of(db: Session, question: Question) -> Escalation | None:
    return db.exec(select(Escalation).where(Escalation.question_id == question.id)).first()


def codes(db: Session, question: Question, agent: User) -> list[str]:
    case = case_of(db, question)
    return [row.code for row in escalations.reasons(db, agent, case.id or 0)] if case else []


def test_a_question_nobody_answers_comes_after_eight_business_hours(
    db: Session, asker: User, agent: User, clock: Clock, work: Callable[..., None]
) -> None:
    clock.advance(days=4, hours=7, minutes=30)  # Friday 16:30
    question = ask(db, asker, clock)
    work(days=3, hours=-1)  # Monday 15:30: seven hours of the calendar
    assert case_of(db, question) is None
    promise = escalations.promise_of(db, question.id)
    assert promise is not None
    assert promise.due_at == clock.now + timedelta(days=1, hours=1)  # entry Monday 16:30, then eight hours
    work(hours=1)
    assert codes(db, question, agent) == ["unanswered"]
    assert escalations.promise_of(db, question.id) == promise


def test_an_answer_by_somebody_else_ends_the_watch_and_the_promise(
    db: Session, asker: User, answerer: User, clock: Clock, work: Callable[..., None]
) -> None:
    question = ask(db, asker, clock)
    work(minutes=1)
    assert escalations.promise_of(db, question.id) is not None
    answer = answers.post(db, question=question, author=answerer, body=BODY, now=clock.now)
    votes.cast(db, post=answer, by=asker, value=1, now=clock.now)
    work(days=2)
    assert case_of(db, question) is None
    assert escalations.promise_of(db, question.id) is None
    assert db.exec(select(EntryWatch)).all() == []


def test_the_askers_own_answer_is_none(
    db: Session, asker: User, agent: User, clock: Clock, work: Callable[..., None]
) -> None:
    question = ask(db, asker, clock)
    answers.post(db, question=question, author=asker, body=BODY, now=clock.now)
    work(hours=8)
    assert codes(db, question, agent) == ["unanswered"]


def test_an_asker_who_spoke_last_waits_from_the_first_unanswered_word(
    db: Session, asker: User, answerer: User, agent: User, clock: Clock, work: Callable[..., None]
) -> None:
    question = ask(db, asker, clock)
    answer = answers.post(db, question=question, author=answerer, body=BODY, now=clock.now)
    votes.cast(db, post=answer, by=make_user(db), value=1, now=clock.now)
    work(hours=1)
    for _ in range(2):  # bumping does not begin it anew
        comments.post(db, post=answer, author=asker, body="It did not work.", now=clock.now)
        work(hours=1)
    work(days=2, hours=-3)  # 16 hours of the calendar after the first word, less an hour
    assert case_of(db, question) is None
    work(hours=1)
    assert codes(db, question, agent) == ["asker_waiting"]


@pytest.mark.parametrize(("voted", "comes"), [(0, True), (-1, True), (1, False)])
def test_answers_that_nobody_votes_up_within_a_day_have_not_helped(
    db: Session, asker: User, answerer: User, clock: Clock, work: Callable[..., None], voted: int, comes: bool
) -> None:
    question = ask(db, asker, clock)
    answer = answers.post(db, question=question, author=answerer, body=BODY, now=clock.now)
    if voted:
        votes.cast(db, post=answer, by=make_user(db), value=voted, now=clock.now)
    work(hours=23)
    assert case_of(db, question) is None
    work(hours=1)
    assert (case_of(db, question) is not None) == comes


def test_the_asker_says_that_nothing_helped(
    db: Session, asker: User, answerer: User, agent: User, clock: Clock
) -> None:
    question = ask(db, asker, clock)
    with pytest.raises(NotAllowed):
        escalations.report_unhelpful(db, question=question, by=asker, now=clock.now)
    answers.post(db, question=question, author=answerer, body=BODY, now=clock.now)
    with pytest.raises(NotAllowed):
        escalations.report_unhelpful(db, question=question, by=answerer, now=clock.now)
    for _ in range(2):
        escalations.report_unhelpful(db, question=question, by=asker, now=clock.now)
    assert codes(db, question, agent) == ["not_helpful"]


def test_a_withdrawn_acceptance_comes_at_once_but_not_one_that_moved(
    db: Session, asker: User, answerer: User, agent: User, clock: Clock, work: Callable[..., None]
) -> None:
    question = ask(db, asker, clock)
    first = answers.post(db, question=question, author=answerer, body=BODY, now=clock.now)
    second = answers.post(db, question=question, author=answerer, body=BODY + " Twice.", now=clock.now)
    answers.accept(db, answer=first, by=asker, now=clock.now)
    answers.accept(db, answer=second, by=asker, now=clock.now)
    work(minutes=1)
    assert case_of(db, question) is None
    answers.unaccept(db, question=question, by=asker, now=clock.now)
    work(minutes=1)
    assert codes(db, question, agent) == ["acceptance_withdrawn"]


def test_many_affected_within_a_week_bring_it(
    db: Session, asker: User, agent: User, clock: Clock, work: Callable[..., None]
) -> None:
    question = ask(db, asker, clock)
    answer = answers.post(db, question=question, author=make_user(db), body=BODY, now=clock.now)
    votes.cast(db, post=answer, by=asker, value=1, now=clock.now)
    for _ in range(4):
        me_too.add(db, question=question, by=make_user(db), now=clock.now)
    work(days=8)
    me_too.add(db, question=question, by=make_user(db), now=clock.now)
    work()
    assert case_of(db, question) is None
    for _ in range(4):
        me_too.add(db, question=question, by=make_user(db), now=clock.now)
    work()
    assert codes(db, question, agent) == ["many_affected"]


def test_trusted_members_ask_staff_a_few_times_a_day(
    db: Session, asker: User, agent: User, clock: Clock
) -> None:
    trusted = make_user(db, reputation=300)
    several = [ask(db, asker, clock, title=f"No sound after update {number}") for number in range(4)]
    with pytest.raises(NotAllowed):
        escalations.request_staff(db, question=several[0], by=make_user(db), now=clock.now)
    for question in several[:3]:
        escalations.request_staff(db, question=question, by=trusted, now=clock.now)
    assert codes(db, several[0], agent) == ["trusted_request"]
    with pytest.raises(TooMany):
        escalations.request_staff(db, question=several[3], by=trusted, now=clock.now)
    escalations.request_staff(db, question=several[3], by=trusted, now=clock.advance(days=1, seconds=1))


@pytest.mark.parametrize("how", ["closed", "removed", "solved"])
def test_what_is_closed_removed_or_solved_does_not_come_until_it_is_open_again(
    db: Session,
    asker: User,
    answerer: User,
    moderator: User,
    clock: Clock,
    work: Callable[..., None],
    how: str,
) -> None:
    question = ask(db, asker, clock)
    work(minutes=1)
    if how == "closed":
        questions.close(db, question=question, by=moderator, reason="off_topic", now=clock.now)
    elif how == "removed":
        questions.remove(db, question=question, by=moderator, reason="Not ours.", now=clock.now)
    else:
        answer = answers.post(db, question=question, author=answerer, body=BODY, now=clock.now)
        answers.accept(db, answer=answer, by=asker, now=clock.now)
    work(days=2)
    assert case_of(db, question) is None
    assert escalations.promise_of(db, question.id) is None
    if how == "solved":
        return
    again = questions.reopen if how == "closed" else questions.restore
    again(db, question=question, by=moderator, now=clock.now)
    work()
    assert case_of(db, question) is not None


def test_what_was_asked_before_the_starting_day_stays_out(
    db: Session, asker: User, clock: Clock, work: Callable[..., None]
) -> None:
    let_rules_count(db, since=clock.now + timedelta(days=1))
    question = ask(db, asker, clock)
    work(days=3)
    assert case_of(db, question) is None
    assert escalations.promise_of(db, question.id) is None


def test_a_product_has_rules_of_its_own_and_changes_take_effect_on_what_waits(
    db: Session, asker: User, lead: User, clock: Clock, work: Callable[..., None]
) -> None:
    brand = make_product(db, slug="norvane")
    line = make_product(db, slug="kestrel", parent=brand)
    question, other = ask(db, asker, clock, line.id), ask(db, asker, clock)
    work(minutes=1)
    entry_rules.set_rule(
        db, product=brand, code="unanswered", is_enabled=True, amount=60, by=lead, now=clock.now
    )
    work(hours=1)
    assert case_of(db, question) is not None
    assert case_of(db, other) is None
    entry_rules.set_rule(
        db, product=None, code="unanswered", is_enabled=False, amount=60, by=lead, now=clock.now
    )
    work(days=1)
    assert case_of(db, other) is None
    assert escalations.promise_of(db, other.id) is None


def test_what_ended_by_hand_comes_again_only_for_something_new(
    db: Session, asker: User, answerer: User, agent: User, clock: Clock, work: Callable[..., None]
) -> None:
    question = ask(db, asker, clock)
    work(hours=8)
    case = case_of(db, question)
    assert case is not None
    escalations.cancel(db, escalation=case, reason="A test.", by=agent, now=clock.now)
    work(days=3)
    assert len(db.exec(select(Escalation)).all()) == 1
    comments.post(db, post=question, author=answerer, body="Which one is it?", now=clock.now)
    comments.post(
        db, post=question, author=asker, body="The red one, of course.", now=clock.advance(minutes=1)
    )
    work(days=5)
    second = db.exec(select(Escalation).where(Escalation.previous_id == case.id)).one()
    assert [row.code for row in escalations.reasons(db, agent, second.id or 0)] == ["asker_waiting"]


def test_a_case_of_a_question_that_is_gone_ends_and_comes_back_with_it(
    db: Session, asker: User, moderator: User, clock: Clock, work: Callable[..., None]
) -> None:
    question = ask(db, asker, clock)
    work(hours=8)
    questions.remove(db, question=question, by=moderator, reason="Not ours.", now=clock.now)
    work()
    case = case_of(db, question)
    assert case is not None
    assert case.state == "cancelled"
    questions.restore(db, question=question, by=moderator, now=clock.now)
    work()
    assert [row.state for row in db.exec(select(Escalation).order_by("id"))] == ["cancelled", "queued"]


def test_a_backlog_is_taken_in_on_purpose_in_batches(
    db: Session, asker: User, agent: User, lead: User, clock: Clock, work: Callable[..., None]
) -> None:
    brand = make_product(db, slug="norvane")
    line = make_product(db, slug="kestrel", parent=brand)
    old = clock.now - timedelta(days=900)
    for _ in range(3):
        make_question(db, author=asker, product_id=line.id, created_at=old)
    make_question(
        db, author=asker, product_id=line.id, created_at=old, removed_at=clock.now, removal="hidden"
    )
    make_question(db, author=asker, created_at=old)
    work()
    assert db.exec(select(Escalation)).all() == []
    assert escalations.preview_backlog(db, product=brand) == 3
    assert escalations.preview_backlog(db, product=None) == 4
    with pytest.raises(NotAllowed):
        escalations.take_in_backlog(db, product=brand, by=agent, now=clock.now)
    assert escalations.take_in_backlog(db, product=brand, by=lead, limit=2, now=clock.now) == 2
    assert escalations.take_in_backlog(db, product=brand, by=lead, limit=2, now=clock.now) == 1
    assert escalations.take_in_backlog(db, product=brand, by=lead, limit=2, now=clock.now) == 0
    escalations.want_backlog(db, product=None, by=lead, now=clock.now)
    work()
    assert escalations.preview_backlog(db, product=None) == 0
    assert len(db.exec(select(Escalation)).all()) == 4
