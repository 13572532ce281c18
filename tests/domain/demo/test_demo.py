"""The sample community: loaded once, into SQLite as `make run` does, then looked at from all sides.

It is made of service calls, each of which has its own tests on PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from app.core.db import make_engine, new_session
from app.core.errors import Conflict
from app.core.passwords import verify_password
from app.domain import catalog, demo, moderation, outbox, suggestions, teams
from app.domain.demo import script
from app.domain.demo.schedule import acts
from app.models import (
    Answer,
    EnvironmentValue,
    Escalation,
    EscalationNote,
    Job,
    Notification,
    OutboxEvent,
    OutgoingEmail,
    Question,
    User,
    Vote,
)
from app.worker.consumers import consumers_of
from tests.support import databases
from tests.support.clock import MONDAY_MORNING
from tests.support.recount import disagreements

PASSWORD = "a sample password"


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database of this module's own, with the sample community in it."""
    with databases.server("sqlite", tmp_path_factory.mktemp("demo")) as server:
        own = make_engine(server.migrated())
        with new_session(own) as db:
            demo.load(db, now=MONDAY_MORNING, password=PASSWORD, consumers=consumers_of("escalations"))
        yield own
        own.dispose()


@pytest.fixture
def community(loaded: Engine) -> Iterator[Session]:
    with new_session(loaded) as db:
        yield db


def test_every_state_is_there(community: Session) -> None:
    found = demo.summary(community)

    assert found.people >= 80
    assert found.questions >= 75
    assert found.by_status["unanswered"] >= 12
    assert found.by_status["answered"] >= 12
    assert found.by_status["solved"] >= 30
    assert found.by_status["duplicate"] >= 4
    assert found.by_status["closed"] >= 4
    assert {"deleted", "hidden", "spam"} <= set(found.by_status)
    reasons = set(community.exec(select(Question.close_reason)))
    assert reasons > {"duplicate", "off_topic", "unclear", "too_broad", "not_reproducible", "outdated"}
    assert community.exec(select(Question).where(col(Question.locked_at).is_not(None))).first()


def test_answers_are_of_every_kind(community: Session) -> None:
    answers = community.exec(select(Answer)).all()
    solved = community.exec(select(Question).where(col(Question.accepted_answer_id).is_not(None))).all()
    author_of = {answer.id: answer.author_id for answer in answers}

    assert any(answer.is_official for answer in answers)
    assert any(answer.score < 0 for answer in answers)
    assert {"deleted", "hidden"} <= {answer.removal for answer in answers}
    assert any(question.accepted_by_id != question.author_id for question in solved)
    assert any(author_of[question.accepted_answer_id or 0] == question.author_id for question in solved)
    assert max(Counter(answer.question_id for answer in answers).values()) >= 12


def test_staff_have_something_to_decide(community: Session) -> None:
    admin = community.exec(select(User).where(User.moderation_role == "admin")).first()
    flagged = moderation.flagged(community, viewer=admin).rows
    edits = suggestions.waiting(community, viewer=admin).rows if admin else []

    assert {row.kind for row in flagged} == {"answer", "comment"}
    assert len({flag.reason for row in flagged for flag in row.flags}) >= 4
    assert max(len(row.flags) for row in flagged) == 2
    assert {row.kind for row in edits} == {"question", "answer"}
    assert moderation.silent(community, viewer=admin, now=MONDAY_MORNING).rows


def test_some_eight_people_have_each_role(community: Session) -> None:
    people = community.exec(select(User)).all()
    support = Counter(person.support_role for person in people)
    moderation = Counter(person.moderation_role for person in people)

    assert support["agent"] >= 8
    assert support["lead"] >= 8
    assert moderation["moderator"] >= 8
    assert moderation["admin"] >= 2


def test_times_lie_in_the_past_and_reach_to_the_present(community: Session) -> None:
    newest = community.exec(select(func.max(Question.created_at))).one()
    oldest = community.exec(select(func.min(Question.created_at))).one()
    latest_event = community.exec(select(func.max(OutboxEvent.created_at))).one()

    assert MONDAY_MORNING - timedelta(hours=1) < newest < MONDAY_MORNING
    assert oldest < MONDAY_MORNING - timedelta(days=390)
    assert latest_event <= MONDAY_MORNING


def test_every_count_and_total_equals_a_recount(community: Session) -> None:
    assert disagreements(community) == []


def test_nobody_votes_on_their_own_post(community: Session) -> None:
    posts = [*community.exec(select(Question)), *community.exec(select(Answer))]
    authors = {post.id: post.author_id for post in posts}

    assert all(vote.user_id != authors[vote.post_id] for vote in community.exec(select(Vote)))


def test_every_detail_of_the_environment_is_kept(community: Session) -> None:
    written = sum(len(question.env) for question in script.read().questions)

    assert community.exec(select(func.count()).select_from(EnvironmentValue)).one() == written


def test_nobody_is_told_of_the_past(community: Session) -> None:
    for table in (Job, Notification, OutgoingEmail):
        assert community.exec(select(table)).first() is None
    assert not outbox.has_work(community, now=MONDAY_MORNING)


def test_the_change_feed_shows_all_of_it(community: Session) -> None:
    shown = {
        recorded.event.question_id for recorded in outbox.feed(community, after=outbox.START, limit=10_000)
    }

    assert set(community.exec(select(Question.id))) <= shown


def test_the_sample_accounts_have_the_password(community: Session) -> None:
    sign_ins = demo.sample_sign_ins(community)
    hashes = dict(community.exec(select(User.email, User.password_hash)).all())

    assert len(sign_ins) >= 5
    assert verify_password(PASSWORD, hashes[sign_ins[0].email])
    assert all(hashes[row.email] == hashes[sign_ins[0].email] for row in sign_ins)


def test_a_community_is_never_loaded_over(community: Session) -> None:
    with pytest.raises(Conflict, match="empty database"):
        demo.load(community, now=MONDAY_MORNING, password=PASSWORD, consumers={})


def test_the_catalog_has_several_brands_with_lines_and_models(community: Session) -> None:
    brands = catalog.product_tree(community)

    assert len(brands) >= 3
    assert all(len(brand.children) >= 2 for brand in brands)
    assert all(len(line.children) >= 2 for brand in brands for line in brand.children)


def test_the_same_draw_gives_the_same_history() -> None:
    written = script.read()

    first = acts(written, now=MONDAY_MORNING, chance=Random(7))
    second = acts(written, now=MONDAY_MORNING, chance=Random(7))

    assert first == second


@pytest.mark.parametrize("written", ["", "3", "3w", "3d4h", "-1d"])
def test_a_wrong_age_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not an age"):
        script.parse_age(written)


def test_the_desk_is_alive(community: Session) -> None:
    cases = community.exec(select(Escalation)).all()
    assert len(cases) >= 15
    states = {case.state for case in cases}
    assert {"claimed", "waiting_customer", "waiting_internal", "snoozed", "closed", "cancelled"} <= states
    assert any(case.level for case in cases), "something is late"
    assert len({case.owner_id for case in cases if case.is_at_work}) >= 4
    assert community.exec(select(func.count()).select_from(EscalationNote)).one() >= 5
    assert len(teams.listing(community)) == 4
    assert not community.exec(select(Notification)).first(), "nobody is told of the past"
