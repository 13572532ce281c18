"""When rules of time will bring a question to staff: planned from what is true now, as often as one likes.

Nothing here depends on what was planned before, so events may come late, twice, or in another order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.domain import entry_rules
from app.domain.calendars import NeverOpen, advance
from app.domain.escalations import promising, thread
from app.domain.escalations.policy import is_for_staff
from app.domain.escalations.terms import Terms, terms_for
from app.models import EntryWatch, Escalation, EscalationEvent, Question

JUDGED_AFTER = timedelta(days=1)
"""An answer that nobody has voted up for so long has not helped."""


@dataclass(frozen=True)
class Plan:
    """A rule that will bring the question to staff: from when it counts, and when."""

    since: datetime
    due_at: datetime


def plan(db: Session, question: Question, *, now: datetime) -> None:
    """Write down when the question will come to staff, and what that promises; the question is locked.

    To be called when there is no case of it that has not ended.
    """
    if question.is_solved or not counts(db, question):
        forget(db, question)
        promising.withdraw(db, question.id, now=now)
        return
    terms = terms_for(db, question=question)
    plans = plans_for(db, question, terms=terms)
    rows = {row.code: row for row in db.exec(select(EntryWatch).where(EntryWatch.question_id == question.id))}
    for code in rows.keys() - plans.keys():
        db.delete(rows[code])
    for code, wanted in plans.items():
        row = rows.get(code) or EntryWatch(question_id=question.id, code=code)
        row.since = wanted.since
        row.due_at = wanted.due_at
        db.add(row)
    db.flush()
    _promise(db, question, plans.get("unanswered"), terms, now=now)


def forget(db: Session, question: Question) -> None:
    """Watch the question no more."""
    for row in db.exec(select(EntryWatch).where(EntryWatch.question_id == question.id)).all():
        db.delete(row)
    db.flush()


def plans_for(db: Session, question: Question, *, terms: Terms) -> Mapping[str, Plan]:
    """Return which rules of time hold for a question as it is now, and when each will bring it to staff."""
    if question.is_solved or not counts(db, question):
        return {}
    rules = entry_rules.rules_for(db, question.product_id)
    seen_until = staff_saw_until(db, question)
    said = thread.read(db, question)
    found = {
        "unanswered": None if said.answers else _after(rules["unanswered"], question.created_at, terms),
        "asker_waiting": _after(rules["asker_waiting"], said.asker_waits_since, terms),
        "not_helpful": _unhelpful(rules["not_helpful"], said),
    }
    return {
        code: plan
        for code, plan in found.items()
        if plan is not None and (seen_until is None or plan.since > seen_until)
    }


def counts(db: Session, question: Question) -> bool:
    """Whether rules hold for a question at all: it can be in the queue, and was asked on or after the starting day."""
    if not is_for_staff(question):
        return False
    return question.created_at >= entry_rules.start_for(db, question.product_id).starts_at


def staff_saw_until(db: Session, question: Question) -> datetime | None:
    """Return when the latest case of the question ended: only what came after it brings the question back.

    A case that ended because its question was closed or removed does not count: nobody had looked.
    """
    last = db.exec(
        select(Escalation)
        .where(Escalation.question_id == question.id, col(Escalation.ended_at).is_not(None))
        .order_by(col(Escalation.id).desc())
        .limit(1)
    ).first()
    if last is None:
        return None
    ending = select(EscalationEvent.kind).where(EscalationEvent.escalation_id == last.id)
    kind = db.exec(ending.order_by(col(EscalationEvent.id).desc()).limit(1)).first()
    return None if kind == "withdrawn" else last.ended_at


def _after(rule: entry_rules.Rule, since: datetime | None, terms: Terms) -> Plan | None:
    if since is None or not rule.is_enabled:
        return None
    try:
        return Plan(since, advance(since, timedelta(minutes=rule.amount or 0), terms.hours))
    except NeverOpen:
        return None


def _unhelpful(rule: entry_rules.Rule, said: thread.Thread) -> Plan | None:
    if not rule.is_enabled or not said.answers or said.has_helped:
        return None
    newest = max(answer.created_at for answer in said.answers)
    return Plan(newest, newest + JUDGED_AFTER)


def _promise(db: Session, question: Question, entry: Plan | None, terms: Terms, *, now: datetime) -> None:
    """Promise a first response: what staff have for it, from when the question will come to them."""
    target = terms.target("first_response", "normal")
    if entry is None or target is None:
        promising.withdraw(db, question.id, now=now)
        return
    try:
        due_at = advance(entry.due_at, target, terms.hours)
    except NeverOpen:
        promising.withdraw(db, question.id, now=now)
        return
    promising.put(db, question.id, state="open", due_at=due_at, now=now)
