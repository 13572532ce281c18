"""Who hears of what in the queue."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from app.domain import comments, escalations, notifications
from app.models import Escalation, Notification, OutgoingEmail, Question, User
from tests.factories.escalations import open_case
from tests.factories.questions import make_question
from tests.factories.teams import make_team
from tests.factories.users import make_user
from tests.support.clock import Clock

Work = Callable[..., None]


@pytest.fixture
def work(db: Session, drain: Callable[[Session], None], clock: Clock) -> Work:
    def go_on(**amount: float) -> None:
        clock.advance(**amount)
        drain(db)

    return go_on


@pytest.fixture
def question(db: Session, asker: User) -> Question:
    return make_question(db, author=asker)


@pytest.fixture
def case(db: Session, question: Question, agent: User) -> Escalation:
    return open_case(db, question=question, owner=agent)


def heard(db: Session, member: User) -> list[str]:
    return list(db.exec(select(Notification.kind).where(Notification.user_id == member.id)))


def test_who_is_given_a_case_is_told_with_a_link_to_it(
    db: Session, case: Escalation, agent: User, lead: User, clock: Clock, work: Work
) -> None:
    escalations.assign(db, escalation=case, to=agent, by=lead, now=clock.now)
    escalations.release(db, escalation=case, by=agent, now=clock.now)
    escalations.assign(db, escalation=case, to=agent, by=lead, now=clock.now)
    work()
    assert heard(db, agent) == ["case_assigned"]
    row = notifications.inbox(db, member=agent).rows[0]
    assert (row.href, row.text) == (f"/desk/cases/{case.id}", "Lead gave you a case")


def test_notes_reach_mentioned_staff_and_nobody_else(
    db: Session,
    case: Escalation,
    asker: User,
    agent: User,
    moderator: User,
    clock: Clock,
    work: Work,
) -> None:
    second = make_user(db, handle="second", support_role="agent")
    body = f"@{second.handle} @{asker.handle} @{moderator.handle} please look."
    escalations.add_note(db, escalation=case, body=body, by=agent, now=clock.now)
    work()
    assert heard(db, second) == ["case_mention"]
    assert heard(db, asker) == heard(db, moderator) == []


def test_a_team_is_told_of_what_is_handed_over_to_it(
    db: Session, case: Escalation, agent: User, lead: User, clock: Clock, work: Work
) -> None:
    team = make_team(db, lead, agent)
    escalations.hand_over(db, escalation=case, team=team, note="Firmware.", by=agent, now=clock.now)
    work()
    assert heard(db, lead) == ["case_handed_over"]
    assert heard(db, agent) == []


def test_the_owner_hears_of_the_customers_reply(
    db: Session, case: Escalation, question: Question, asker: User, agent: User, clock: Clock, work: Work
) -> None:
    comments.post(db, post=question, author=asker, body="It is still silent.", now=clock.now)
    work()
    assert "case_heard" in heard(db, agent)


def test_a_warning_goes_to_the_owner_and_a_breach_to_leads_too(
    db: Session, case: Escalation, agent: User, lead: User, asker: User, work: Work
) -> None:
    work(hours=4)
    assert (heard(db, agent), heard(db, lead)) == (["case_warning"], [])
    work(hours=4)
    assert heard(db, agent).count("case_breach") == heard(db, lead).count("case_breach") == 1
    work(days=2)
    told = heard(db, lead).count("case_breach")
    assert told >= 3
    mailed = db.exec(select(OutgoingEmail.user_id)).all()
    assert mailed.count(lead.id) == told
    assert heard(db, asker) == []


def test_a_worker_that_was_away_warns_of_nothing_that_is_over(
    db: Session, case: Escalation, agent: User, work: Work
) -> None:
    work(hours=8)
    assert heard(db, agent) == ["case_breach"]


def test_who_is_staff_no_more_sees_and_gets_nothing_of_cases(
    db: Session, case: Escalation, agent: User, lead: User, clock: Clock, work: Work
) -> None:
    other = make_user(db, handle="other", support_role="agent")
    escalations.assign(db, escalation=case, to=other, by=lead, now=clock.now)
    work()
    assert notifications.unread_count(db, other) == 1
    other.support_role = ""
    db.add(other)
    db.commit()
    assert notifications.unread_count(db, other) == 0
    assert notifications.inbox(db, member=other).rows == []
    assert not [kind for kind, _ in notifications.choices(db, member=other) if kind.for_staff]
    assert [kind for kind, _ in notifications.choices(db, member=lead) if kind.for_staff]
