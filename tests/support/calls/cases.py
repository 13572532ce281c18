"""Calls about cases: how they come to staff, what is done with them, and what time does."""

from __future__ import annotations

from typing import Any

from sqlmodel import col, select

from app.domain import escalations, macros, queue
from app.domain.escalations.service import backlog, entering, sweeping
from app.models import Absence, Escalation, EscalationNote, Question, SavedView, SlaClock, User
from tests.factories.escalations import let_rules_count, open_case
from tests.factories.me_toos import make_me_too
from tests.factories.teams import make_absence, make_team
from tests.support.calls.posts import BODY, answered, asked
from tests.support.calls.scene import HOUR, Calls, Scene


def case_of(s: Scene, owner: User | None = None) -> Escalation:
    """Return a new case, claimed by `owner` if one is given."""
    return open_case(s.db, question=asked(s), owner=owner, now=s.now)


def _acted(s: Scene, service: Any, **said: Any) -> Any:
    """Let an agent act on a case of theirs."""
    by = s.agent()
    return service(s.db, escalation=case_of(s, by), by=by, now=s.now, **said)


def _after(s: Scene, first: Any, service: Any, *, before: dict[str, Any], **said: Any) -> object:
    """Let an agent act on a case to which they did something else before."""
    by = s.agent()
    case = first(s.db, escalation=case_of(s, by), by=by, now=s.now, **before)
    return service(s.db, escalation=case, by=by, now=s.now, **said)


def _replied(s: Scene, service: Any) -> object:
    by = s.agent()
    case = case_of(s, by)
    return service(
        s.db, escalation=case, body=BODY, by=by, seen=escalations.token(s.db, case.question_id), now=s.now
    )


def _note(s: Scene, by: User) -> EscalationNote:
    return escalations.add_note(s.db, escalation=case_of(s, by), body="They called us.", by=by, now=s.now)


def _edit_note(s: Scene) -> object:
    by = s.agent()
    return escalations.edit_note(s.db, note=_note(s, by), body="They called twice.", by=by, now=s.now)


def _remove_note(s: Scene) -> None:
    by = s.agent()
    escalations.remove_note(s.db, note=_note(s, by), by=by, now=s.now)


def _unhelpful(s: Scene) -> None:
    question = s.db.get_one(Question, answered(s).question_id)
    asker = s.db.get_one(User, question.author_id)
    escalations.report_unhelpful(s.db, question=question, by=asker, now=s.now)


def _replan(s: Scene) -> None:
    let_rules_count(s.db)
    entering.replan(s.db, question_id=asked(s).id, now=s.now)


def _enter_if_due(s: Scene) -> object:
    let_rules_count(s.db)
    question = asked(s)
    entering.replan(s.db, question_id=question.id, now=s.now)
    return entering.enter_if_due(s.db, question_id=question.id, now=s.later)


def _enter_affected(s: Scene) -> None:
    let_rules_count(s.db)
    question = s.question(created_at=s.now - HOUR / 2)
    for _ in range(12):
        make_me_too(s.db, question=question).created_at = s.now
    s.db.commit()
    entering.enter_affected(s.db, question_id=question.id, now=s.now)


def _enter_unaccepted(s: Scene) -> None:
    let_rules_count(s.db)
    entering.enter_unaccepted(s.db, question_id=answered(s).question_id, now=s.later)


def _take_in(s: Scene) -> object:
    s.question(created_at=s.now - 2 * HOUR)
    return escalations.take_in_backlog(s.db, product=None, before=s.now - HOUR, limit=1, now=s.now)


def _take_steps(s: Scene) -> None:
    case = case_of(s)
    clock = s.db.exec(
        select(SlaClock.id).where(SlaClock.escalation_id == case.id, col(SlaClock.next_step_at).is_not(None))
    ).first()
    sweeping.take_steps(s.db, clock_id=clock or 0, now=s.later)


def _wake_if_due(s: Scene) -> None:
    case = _acted(s, escalations.snooze, until=s.now + HOUR)
    sweeping.wake_if_due(s.db, escalation_id=case.id, now=s.later)


def _silent(s: Scene) -> None:
    by = s.agent()
    case = case_of(s, by)
    seen = escalations.token(s.db, case.question_id)
    escalations.ask_customer(s.db, escalation=case, body=BODY, by=by, seen=seen, now=s.now)
    sweeping.resolve_if_silent(s.db, escalation_id=case.id or 0, now=s.later)


def _close(s: Scene) -> None:
    case = _acted(s, escalations.resolve)
    sweeping.close_if_due(s.db, escalation_id=case.id, now=s.later)


def _untouched(s: Scene) -> None:
    by = s.agent()
    case = case_of(s, by)
    case.team_id = make_team(s.db, by, returns_after=60).id
    s.db.add(case)
    s.db.commit()
    sweeping.return_if_untouched(s.db, escalation_id=case.id or 0, now=s.later)


def _absent(s: Scene) -> None:
    by = s.agent()
    case = case_of(s, by)
    sweeping.return_from_absent(s.db, escalation_id=case.id or 0, owner_id=by.id or 0, now=s.later)


def _away(s: Scene) -> Absence:
    return make_absence(s.db, user=s.agent(), starts_at=s.now - HOUR, ends_at=s.now + HOUR)


def _macro(s: Scene) -> Any:
    acts = [
        macros.Action("reply", text="Hello {{asker_name}}! Please send the log."),
        macros.Action("state", "wait"),
    ]
    return macros.create(s.db, by=s.lead(), name=f"Macro of {s.lead().handle}", actions=acts, now=s.now)


def _run_macro(s: Scene) -> object:
    by = s.agent()
    case = case_of(s, by)
    seen = escalations.token(s.db, case.question_id)
    return macros.run(
        s.db, macro=_macro(s), escalation=case, by=by, site="https://x.example", seen=seen, now=s.now
    )


def _change_macro(s: Scene) -> object:
    acts = [macros.Action("note", text="Looked at it.")]
    return macros.change(s.db, macro=_macro(s), by=s.lead(), name=s.lead().handle, actions=acts, now=s.now)


def _view(s: Scene, by: User) -> SavedView:
    return queue.save_view(s.db, by=by, name="Urgent", listing=queue.read({"view": "mine"}), now=s.now)


def _remove_view(s: Scene) -> None:
    by = s.agent()
    queue.remove_view(s.db, view=_view(s, by), by=by)


def _seen(s: Scene) -> tuple[int, User]:
    by = s.agent()
    number = case_of(s, by).id or 0
    queue.seen(s.db, escalation_id=number, by=by, now=s.now)
    return number, by


def _left(s: Scene) -> None:
    number, by = _seen(s)
    queue.left(s.db, escalation_id=number, by=by)


def _forget_absent(s: Scene) -> None:
    _seen(s)
    queue.forget_absent(s.db, now=s.later)


CALLS: Calls = {
    escalations.open_case: case_of,
    escalations.claim: lambda s: case_of(s, s.agent()),
    escalations.assign: lambda s: _acted(s, escalations.assign, to=s.agent()),
    escalations.release: lambda s: _acted(s, escalations.release),
    escalations.hand_over: lambda s: _acted(s, escalations.hand_over, to=s.agent(), note="Knows scanners."),
    escalations.snooze: lambda s: _acted(s, escalations.snooze, until=s.now + HOUR),
    escalations.wake: lambda s: _after(
        s, escalations.snooze, escalations.wake, before={"until": s.now + HOUR}
    ),
    escalations.reply: lambda s: _replied(s, escalations.reply),
    escalations.ask_customer: lambda s: _replied(s, escalations.ask_customer),
    escalations.resolve: lambda s: _acted(s, escalations.resolve),
    escalations.reopen: lambda s: _after(s, escalations.resolve, escalations.reopen, before={}),
    escalations.cancel: lambda s: _acted(s, escalations.cancel, reason="Opened by mistake."),
    escalations.set_priority: lambda s: _acted(s, escalations.set_priority, priority="urgent"),
    escalations.set_team: lambda s: _acted(s, escalations.set_team, team=make_team(s.db)),
    escalations.add_reference: lambda s: _acted(s, escalations.add_reference, reference="RMA-17"),
    escalations.remove_reference: lambda s: _after(
        s,
        escalations.add_reference,
        escalations.remove_reference,
        before={"reference": "RMA-17"},
        reference="RMA-17",
    ),
    escalations.add_note: lambda s: _note(s, s.agent()),
    escalations.edit_note: _edit_note,
    escalations.remove_note: _remove_note,
    escalations.request_staff: lambda s: escalations.request_staff(
        s.db, question=asked(s), by=s.member(), now=s.now
    ),
    escalations.report_unhelpful: _unhelpful,
    escalations.escalate_for_site: lambda s: escalations.escalate_for_site(
        s.db, question=asked(s), by=s.agent(), detail="Order 17", priority="high", now=s.now
    ),
    entering.replan: _replan,
    entering.enter_if_due: _enter_if_due,
    entering.enter_affected: _enter_affected,
    entering.enter_unaccepted: _enter_unaccepted,
    backlog.take_in_backlog: _take_in,
    backlog.want_backlog: lambda s: escalations.want_backlog(s.db, product=None, by=s.lead(), now=s.now),
    sweeping.take_steps: _take_steps,
    sweeping.wake_if_due: _wake_if_due,
    sweeping.resolve_if_silent: _silent,
    sweeping.close_if_due: _close,
    sweeping.return_if_untouched: _untouched,
    sweeping.return_from_absent: _absent,
    sweeping.end_return: lambda s: sweeping.end_return(s.db, absence_id=_away(s).id or 0, now=s.now),
    macros.create: _macro,
    macros.change: _change_macro,
    macros.retire: lambda s: macros.retire(s.db, macro=_macro(s), by=s.lead(), now=s.now),
    macros.run: _run_macro,
    queue.save_view: lambda s: _view(s, s.agent()),
    queue.remove_view: _remove_view,
    queue.seen: _seen,
    queue.left: _left,
    queue.forget_absent: _forget_absent,
}
