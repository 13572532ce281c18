"""Working on cases: the services, one after another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from app.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from app.domain import comments, escalations, questions
from app.domain.escalations import ticking
from app.models import AuditEntry, Escalation, Question, Team, TeamMember, User
from tests.factories.escalations import clock_of, open_case
from tests.factories.questions import make_question
from tests.factories.teams import make_team
from tests.factories.users import make_user
from tests.support.clock import Clock

BODY = "Reset the mixer to its defaults, then restart the speaker."


@pytest.fixture
def question(db: Session, asker: User) -> Question:
    return make_question(db, author=asker)


@pytest.fixture
def case(db: Session, question: Question) -> Escalation:
    return open_case(db, question=question)


def test_a_case_begins_with_two_clocks_and_the_earliest_deadline(
    db: Session, case: Escalation, clock: Clock
) -> None:
    assert (case.state, case.level, case.reopen_count) == ("queued", 0, 0)
    assert {row.metric for row in ticking.of(db, case.id)} == {"first_response", "resolution"}
    assert case.next_metric == "first_response"
    assert case.next_due_at == clock.now + timedelta(hours=8)


def test_a_question_has_one_open_case_which_gets_further_reasons(
    db: Session, case: Escalation, question: Question, agent: User, clock: Clock
) -> None:
    again = escalations.open_case(
        db, question=question, code="by_staff", by=agent, detail="A big customer.", now=clock.now
    )
    assert again.id == case.id
    assert [row.code for row in escalations.reasons(db, agent, case.id or 0)] == ["unanswered", "by_staff"]
    escalations.open_case(db, question=question, code="by_staff", by=agent, now=clock.now)
    assert len(escalations.reasons(db, agent, case.id or 0)) == 2


def test_only_who_works_on_cases_escalates_by_hand(
    db: Session, question: Question, asker: User, moderator: User, clock: Clock
) -> None:
    for nobody in (asker, moderator, None):
        with pytest.raises(NotFound):
            escalations.open_case(db, question=question, code="by_staff", by=nobody, now=clock.now)


@pytest.mark.parametrize("how", ["closed", "removed"])
def test_what_is_closed_or_removed_does_not_enter(
    db: Session, question: Question, moderator: User, clock: Clock, how: str
) -> None:
    if how == "closed":
        questions.close(db, question=question, by=moderator, reason="off_topic", now=clock.now)
    else:
        questions.remove(db, question=question, by=moderator, reason="Spam.", as_spam=True, now=clock.now)
    with pytest.raises(Conflict, match="closed or removed"):
        open_case(db, question=question)


def test_of_two_claims_one_wins_and_the_other_is_told_who(
    db: Session, case: Escalation, agent: User, lead: User, clock: Clock
) -> None:
    escalations.claim(db, escalation=case, by=agent, now=clock.now)
    assert (case.state, case.owner_id) == ("claimed", agent.id)
    with pytest.raises(escalations.AlreadyClaimed, match="Agent has this case") as refusal:
        escalations.claim(db, escalation=case, by=lead, now=clock.now)
    assert refusal.value.owner.id == agent.id
    before = len(escalations.timeline(db, agent, case.id or 0))
    escalations.claim(db, escalation=case, by=agent, now=clock.now)
    assert len(escalations.timeline(db, agent, case.id or 0)) == before


def test_nobody_works_on_their_own_question(db: Session, agent: User, lead: User, clock: Clock) -> None:
    case = open_case(db, question=make_question(db, author=agent))
    with pytest.raises(NotAllowed, match="own question"):
        escalations.claim(db, escalation=case, by=agent, now=clock.now)
    with pytest.raises(NotAllowed, match="own question"):
        escalations.assign(db, escalation=case, to=agent, by=lead, now=clock.now)


def test_only_leads_give_away_what_somebody_else_has(
    db: Session, case: Escalation, agent: User, lead: User, clock: Clock
) -> None:
    other = make_user(db, handle="other", support_role="agent")
    escalations.claim(db, escalation=case, by=agent, now=clock.now)
    with pytest.raises(NotAllowed):
        escalations.release(db, escalation=case, by=other, now=clock.now)
    with pytest.raises(NotAllowed):
        escalations.hand_over(db, escalation=case, to=lead, note="Yours.", by=other, now=clock.now)
    escalations.assign(db, escalation=case, to=other, by=lead, now=clock.now)
    assert case.owner_id == other.id
    escalations.release(db, escalation=case, by=other, now=clock.now)
    assert (case.state, case.owner_id) == ("queued", None)


def test_a_customer_is_not_given_cases(
    db: Session, case: Escalation, asker: User, agent: User, clock: Clock
) -> None:
    with pytest.raises(Invalid, match="does not answer for the company"):
        escalations.assign(db, escalation=case, to=make_user(db), by=agent, now=clock.now)


def test_handing_over_needs_a_note_and_ends_with_an_update(
    db: Session, case: Escalation, agent: User, lead: User, clock: Clock
) -> None:
    team = make_team(db, lead, slug="firmware")
    escalations.claim(db, escalation=case, by=agent, now=clock.now)
    with pytest.raises(Invalid):
        escalations.hand_over(db, escalation=case, team=team, note=" ", by=agent, now=clock.now)
    escalations.hand_over(
        db, escalation=case, team=team, note="Looks like firmware.", by=agent, now=clock.now
    )
    assert (case.state, case.owner_id, case.team_id) == ("waiting_internal", None, team.id)
    assert clock_of(db, case, "resolution").state == "running"
    escalations.claim(db, escalation=case, by=lead, now=clock.now)
    escalations.hand_over(db, escalation=case, to=agent, note="It is not.", by=lead, now=clock.now)
    assert (case.state, case.owner_id) == ("waiting_internal", agent.id)
    escalations.add_note(db, escalation=case, body="Then I look again.", by=agent, now=clock.now)
    assert case.state == "claimed"


def test_a_snoozed_case_ticks_on_and_wakes(db: Session, case: Escalation, agent: User, clock: Clock) -> None:
    with pytest.raises(Invalid):
        escalations.snooze(db, escalation=case, until=clock.now, by=agent, now=clock.now)
    until = clock.now + timedelta(days=2)
    escalations.snooze(db, escalation=case, until=until, by=agent, now=clock.now)
    assert (case.state, case.snoozed_until) == ("snoozed", until)
    assert clock_of(db, case, "first_response").state == "running"
    escalations.wake(db, escalation=case, by=agent, now=clock.advance(hours=1))
    assert (case.state, case.snoozed_until) == ("queued", None)


def test_a_reply_meets_the_first_response_and_claims(
    db: Session, case: Escalation, agent: User, clock: Clock
) -> None:
    seen = escalations.token(db, case.question_id)
    now = clock.advance(hours=3)
    answer = escalations.reply(db, escalation=case, body=BODY, by=agent, seen=seen, now=now)
    assert answer.author_id == agent.id
    first = clock_of(db, case, "first_response")
    assert (first.state, first.ended_at, first.consumed) == ("satisfied", now, timedelta(hours=3))
    assert (case.state, case.owner_id, case.next_metric) == ("claimed", agent.id, "resolution")


def test_waiting_for_the_customer_pauses_and_their_reply_resumes(
    db: Session, case: Escalation, question: Question, agent: User, clock: Clock
) -> None:
    escalations.ask_customer(
        db,
        escalation=case,
        body="Which firmware is it?",
        as_comment_on=question,
        by=agent,
        seen=0,
        now=clock.advance(hours=1),
    )
    assert case.state == "waiting_customer"
    assert clock_of(db, case, "resolution").state == "paused"
    assert case.next_due_at is None
    clock.advance(hours=2)
    assert clock_of(db, case, "resolution").consumed == timedelta(hours=1)


def test_a_reply_to_an_older_thread_is_held_back_with_what_is_new(
    db: Session, case: Escalation, question: Question, asker: User, agent: User, clock: Clock
) -> None:
    seen = escalations.token(db, question.id)
    comment = comments.post(db, post=question, author=asker, body="It is 1.2.0 by the way.", now=clock.now)
    with pytest.raises(escalations.StaleThread) as refusal:
        escalations.reply(db, escalation=case, body=BODY, by=agent, seen=seen, now=clock.now)
    assert [(news.by and news.by.id, news.comment_id) for news in refusal.value.news] == [
        (asker.id, comment.id)
    ]
    assert clock_of(db, case, "first_response").state == "running"
    escalations.reply(db, escalation=case, body=BODY, by=agent, seen=seen, send_anyway=True, now=clock.now)
    assert clock_of(db, case, "first_response").state == "satisfied"


def test_ones_own_words_are_no_news(
    db: Session, case: Escalation, question: Question, agent: User, clock: Clock
) -> None:
    seen = escalations.token(db, question.id)
    for body in (BODY, "And which firmware is it?"):
        escalations.reply(
            db, escalation=case, body=body, as_comment_on=question, by=agent, seen=seen, now=clock.now
        )
    assert question.comment_count == 2


def test_a_reply_can_resolve(db: Session, case: Escalation, agent: User, clock: Clock) -> None:
    escalations.reply(db, escalation=case, body=BODY, by=agent, seen=0, then="resolve", now=clock.now)
    assert (case.state, case.resolved_by, case.resolved_by_id) == ("resolved", "staff", agent.id)
    assert {row.state for row in ticking.of(db, case.id)} == {"satisfied"}
    assert case.next_due_at is None


def test_resolving_without_a_word_meets_no_first_response(
    db: Session, case: Escalation, agent: User, clock: Clock
) -> None:
    escalations.resolve(db, escalation=case, by=agent, now=clock.advance(hours=1))
    assert clock_of(db, case, "first_response").state == "cancelled"
    now = clock.advance(hours=5)
    escalations.reopen(db, escalation=case, by=agent, now=now)
    first, resolution = clock_of(db, case, "first_response"), clock_of(db, case, "resolution")
    assert (first.state, first.consumed) == ("running", timedelta(hours=1))
    assert (resolution.state, resolution.consumed) == ("running", timedelta(hours=1))
    assert case.reopen_count == 1


def test_cancelling_says_why_and_is_for_good(
    db: Session, case: Escalation, agent: User, clock: Clock
) -> None:
    with pytest.raises(Invalid):
        escalations.cancel(db, escalation=case, reason="", by=agent, now=clock.now)
    escalations.cancel(db, escalation=case, reason="Opened by mistake.", by=agent, now=clock.now)
    assert (case.state, case.ended_at) == ("cancelled", clock.now)
    with pytest.raises(Conflict, match="cancelled"):
        escalations.claim(db, escalation=case, by=agent, now=clock.now)


def test_a_re_entry_opens_a_new_case_linked_to_the_earlier_one(
    db: Session, case: Escalation, question: Question, agent: User, clock: Clock
) -> None:
    escalations.cancel(db, escalation=case, reason="Opened by mistake.", by=agent, now=clock.now)
    again = open_case(db, question=question)
    assert (again.id != case.id, again.previous_id) == (True, case.id)


def test_priority_keeps_what_was_consumed(db: Session, case: Escalation, agent: User, clock: Clock) -> None:
    now = clock.advance(hours=3)
    escalations.set_priority(db, escalation=case, priority="high", by=agent, now=now)
    first = clock_of(db, case, "first_response")
    assert (first.target, first.due_at) == (timedelta(hours=4), now + timedelta(hours=1))


def test_notes_are_changed_by_their_author_and_leads(
    db: Session, case: Escalation, agent: User, lead: User, clock: Clock
) -> None:
    other = make_user(db, handle="other", support_role="agent")
    note = escalations.add_note(db, escalation=case, body="Asked *firmware*.", by=agent, now=clock.now)
    with pytest.raises(NotAllowed):
        escalations.edit_note(db, note=note, body="Hm.", by=other, now=clock.now)
    escalations.edit_note(db, note=note, body="Asked them twice.", by=lead, now=clock.now)
    assert [row.body for row in escalations.notes(db, other, case.id or 0)] == ["Asked them twice."]
    escalations.remove_note(db, note=note, by=agent, now=clock.now)
    assert not escalations.notes(db, agent, case.id or 0)


def test_references_are_kept_once(db: Session, case: Escalation, agent: User, clock: Clock) -> None:
    for _ in range(2):
        escalations.add_reference(db, escalation=case, reference=" JIRA-1 ", by=agent, now=clock.now)
    assert case.external_references == ["JIRA-1"]
    escalations.remove_reference(db, escalation=case, reference="JIRA-1", by=agent, now=clock.now)
    assert case.external_references == []


def test_every_act_is_in_the_timeline_the_outbox_and_the_audit_log(
    db: Session, case: Escalation, agent: User, clock: Clock
) -> None:
    escalations.claim(db, escalation=case, by=agent, now=clock.now)
    assert [row.kind for row in escalations.timeline(db, agent, case.id or 0)] == ["opened", "claimed"]
    entry = db.exec(select(AuditEntry).order_by(col(AuditEntry.id).desc())).first()
    assert entry is not None
    assert (entry.action, entry.before["state"], entry.after["state"]) == (
        "escalation.claimed",
        "queued",
        "claimed",
    )


def test_a_team_that_assigns_gives_the_case_to_whose_turn_it_is(db: Session, agent: User) -> None:
    team = db.exec(select(Team).where(col(Team.is_default))).one()
    team.assignment = "round_robin"
    db.add(team)
    make_team_member(db, team, agent)
    case = open_case(db)
    assert (case.state, case.owner_id, case.team_id) == ("claimed", agent.id, team.id)


def test_for_everybody_else_cases_do_not_exist(
    db: Session, case: Escalation, asker: User, moderator: User, clock: Clock
) -> None:
    number = case.id or 0
    reads = [
        escalations.case,
        escalations.timeline,
        escalations.clocks,
        escalations.notes,
        escalations.reasons,
    ]
    for viewer in (None, asker, moderator):
        for read in reads:
            with pytest.raises(NotFound):
                read(db, viewer, number)
    writes: list[tuple[Any, dict[str, object]]] = [
        (escalations.claim, {}),
        (escalations.release, {}),
        (escalations.resolve, {}),
        (escalations.add_note, {"body": "Hello."}),
        (escalations.snooze, {"until": clock.now + timedelta(days=1)}),
        (escalations.set_priority, {"priority": "high"}),
    ]
    for write, more in writes:
        with pytest.raises(DomainError) as refusal:
            write(db, escalation=case, by=asker, now=clock.now, **more)
        assert isinstance(refusal.value, NotFound)


def make_team_member(db: Session, team: Team, user: User) -> None:
    db.add(TeamMember(team_id=team.id or 0, user_id=user.id or 0))
    db.commit()
