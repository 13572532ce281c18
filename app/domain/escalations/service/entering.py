"""How questions come to staff: by rules of time, by what happens to them, and because somebody asks for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.core.db import atomic
from app.core.errors import NotAllowed, TooMany
from app.core.i18n import gettext as _
from app.domain import entry_rules, reputation
from app.domain.escalations import planning, promising
from app.domain.escalations.policy import (
    is_for_staff,
    may_report_unhelpful,
    may_request_staff,
    require_work,
)
from app.domain.escalations.service.acting import locked_question, open_one
from app.domain.escalations.service.opening import open_case
from app.models import EntryWatch, Escalation, EscalationReason, MeToo, Question, User

AFFECTED_WITHIN = timedelta(days=7)
A_DAY = timedelta(days=1)


@atomic
def replan(db: Session, *, question_id: int, now: datetime) -> None:
    """Plan anew when a question will come to staff, after anything has happened to it. Twice is the same as once."""
    question = locked_question(db, question_id)
    case = open_one(db, question)
    if case is None:
        planning.plan(db, question, now=now)
    else:
        planning.forget(db, question)
        promising.follow_case(db, case.row, now=now)


@atomic
def enter_if_due(db: Session, *, question_id: int, now: datetime) -> bool:
    """Bring a question to staff if a rule of time is due by what is true now; say whether it came."""
    question = locked_question(db, question_id)
    if open_one(db, question) is not None:
        planning.forget(db, question)
        return False
    planning.plan(db, question, now=now)
    due = db.exec(
        select(EntryWatch.code)
        .where(EntryWatch.question_id == question.id, EntryWatch.due_at <= now)
        .order_by(col(EntryWatch.due_at), col(EntryWatch.code))
    ).all()
    for code in due:
        open_case(db, question=question, code=code, now=now)
    return bool(due)


@atomic
def enter_affected(db: Session, *, question_id: int, now: datetime) -> None:
    """Bring a question to staff that many have found themselves in within a week."""
    question = locked_question(db, question_id)
    rule = _rule(db, question, "many_affected")
    if rule is None or question.is_solved or open_one(db, question) is not None:
        return
    since = max(now - AFFECTED_WITHIN, planning.staff_saw_until(db, question) or question.created_at)
    counted = db.exec(
        select(func.count())
        .select_from(MeToo)
        .where(MeToo.question_id == question.id, col(MeToo.created_at) > since)
    ).one()
    if counted >= (rule.amount or 1):
        detail = _("%(n)s members within a week") % {"n": counted}
        open_case(db, question=question, code="many_affected", detail=detail, now=now)


@atomic
def enter_unaccepted(db: Session, *, question_id: int, now: datetime) -> None:
    """Bring a question (back) to staff whose accepted answer was un-accepted."""
    question = locked_question(db, question_id)
    if question.is_solved or not is_for_staff(question):
        return
    seen_until = planning.staff_saw_until(db, question)
    is_news = seen_until is None or now > seen_until
    rule = _rule(db, question, "acceptance_withdrawn")
    if open_one(db, question) is not None or (rule is not None and is_news):
        open_case(db, question=question, code="acceptance_withdrawn", now=now)


@atomic
def request_staff(db: Session, *, question: Question, by: User, now: datetime) -> None:
    """Ask staff to look at a question nobody could solve: trusted members, a few times a day.

    Asking twice is the same as once. Raises NotAllowed or TooMany; says nothing of the queue.
    """
    reputation.require(by, "request_staff", now=now)
    question = locked_question(db, question.id)
    rule = entry_rules.rules_for(db, question.product_id)["trusted_request"]
    if not rule.is_enabled or not may_request_staff(by, question):
        raise NotAllowed(_("Staff can't be asked about this question: it is solved, closed or locked."))
    today = db.exec(
        select(func.count())
        .select_from(EscalationReason)
        .where(
            EscalationReason.by_id == by.id,
            EscalationReason.code == "trusted_request",
            col(EscalationReason.at) > now - A_DAY,
        )
    ).one()
    if today >= (rule.amount or 0):
        text = _("You have asked staff often enough for today; try again tomorrow.")
        raise TooMany(text, retry_after=int(A_DAY.total_seconds()))
    open_case(db, question=question, code="trusted_request", by=by, now=now)


@atomic
def report_unhelpful(db: Session, *, question: Question, by: User, now: datetime) -> None:
    """Say that no answer helped: the asker. Saying it twice is the same as once."""
    reputation.require_active(by, now=now)
    question = locked_question(db, question.id)
    rule = entry_rules.rules_for(db, question.product_id)["not_helpful"]
    if not rule.is_enabled or not may_report_unhelpful(by, question):
        raise NotAllowed(_("Only the asker of an unsolved question says that its answers did not help."))
    open_case(db, question=question, code="not_helpful", by=by, now=now)


@atomic
def escalate_for_site(
    db: Session, *, question: Question, by: User, detail: str, priority: str, now: datetime
) -> Escalation:
    """Bring a question to staff for a product site, which acts with a key of somebody who works on cases.

    Raises NotAllowed where the product's rules say that sites do not.
    """
    require_work(by)
    question = locked_question(db, question.id)
    if not entry_rules.rules_for(db, question.product_id)["by_api"].is_enabled:
        raise NotAllowed(_("The rules say that product sites bring no questions about this to staff."))
    return open_case(db, question=question, code="by_api", by=by, detail=detail, priority=priority, now=now)


def _rule(db: Session, question: Question, code: str) -> entry_rules.Rule | None:
    """Return the rule if it holds for the question."""
    if not planning.counts(db, question):
        return None
    rule = entry_rules.rules_for(db, question.product_id)[code]
    return rule if rule.is_enabled else None
