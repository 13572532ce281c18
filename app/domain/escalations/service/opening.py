"""Open a case, or add another reason to the one that is open."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from app.core.db import atomic
from app.core.errors import Conflict, Invalid
from app.core.i18n import gettext as _
from app.domain import teams
from app.domain.escalations import planning, ticking
from app.domain.escalations.events import EscalationAssigned, EscalationOpened, EscalationReasonAdded
from app.domain.escalations.policy import is_for_staff, require_work
from app.domain.escalations.service.acting import (
    Case,
    locked_question,
    move,
    new_case,
    open_one,
    reopen_now,
    write,
)
from app.domain.escalations.terms import terms_for
from app.models import ENTRY_REASONS, PRIORITIES, Escalation, EscalationReason, Question, Team, User

LONGEST_DETAIL = 500


@atomic
def open_case(
    db: Session,
    *,
    question: Question,
    code: str,
    by: User | None = None,
    detail: str = "",
    priority: str = "normal",
    now: datetime,
) -> Escalation:
    """Bring a question to staff; where a case of it is open already, it gets the reason added.

    A resolved one is reopened. `code` is one of ENTRY_REASONS; only who works on cases escalates by
    hand ("by_staff"). Raises Conflict for questions that are closed or removed.
    """
    if code not in ENTRY_REASONS or priority not in PRIORITIES:
        raise Invalid("priority", _("Choose a priority."))
    if code == "by_staff":
        require_work(by)
    question = locked_question(db, question.id)
    if not is_for_staff(question):
        raise Conflict(_("This question is closed or removed, so it can't be in the queue."))
    case = open_one(db, question)
    detail = detail.strip()[:LONGEST_DETAIL]
    if case is not None:
        _add_reason(db, case, code=code, by=by, detail=detail, now=now)
        return case.row
    return _open(db, question, code=code, by=by, detail=detail, priority=priority, now=now)


def assign_turn(db: Session, case: Case, *, now: datetime) -> bool:
    """Give an unowned case to whose turn it is in its team, if the team assigns; say whether somebody got it."""
    if case.row.team_id is None or case.row.owner_id is not None:
        return False
    team = db.get_one(Team, case.row.team_id)
    if team.retired_at is not None:
        return False
    owner = teams.candidate(db, team=team, question=case.question, now=now, priority=case.row.priority)
    if owner is None:
        return False
    case.row.owner_id = owner.id
    case.row.touched_at = now
    move(case, "assign", now=now)
    event = EscalationAssigned(
        by_id=None, question_id=case.question.id, escalation_id=case.id, owner_id=owner.id or 0
    )
    write(db, case, "assigned", event, by=None, data={"to": owner.id}, now=now)
    return True


def _open(
    db: Session,
    question: Question,
    *,
    code: str,
    by: User | None,
    detail: str,
    priority: str,
    now: datetime,
) -> Escalation:
    terms = terms_for(db, question=question, priority=priority)
    last = select(Escalation.id).where(Escalation.question_id == question.id)
    row = Escalation(
        question_id=question.id,
        previous_id=db.exec(last.order_by(col(Escalation.id).desc()).limit(1)).first(),
        priority=priority,
        team_id=teams.team_for(db, question).id,
        policy_version_id=terms.policy_version_id,
        state_since=now,
        opened_at=now,
        touched_at=now,
    )
    db.add(row)
    db.flush()
    case = new_case(row, question)
    db.add(_reason(case, code, by, detail, now=now))
    planning.forget(db, question)
    for metric in ("first_response", "resolution"):
        ticking.start(db, row, metric, terms=terms, at=now)
    event = EscalationOpened(
        by_id=by.id if by else None, question_id=question.id, escalation_id=case.id, code=code
    )
    write(db, case, "opened", event, by=by, data={"code": code}, now=now)
    assign_turn(db, case, now=now)
    return row


def _add_reason(db: Session, case: Case, *, code: str, by: User | None, detail: str, now: datetime) -> None:
    if case.row.state == "resolved":
        reopen_now(db, case, by=by, now=now)
        assign_turn(db, case, now=now)
    present = db.exec(
        select(EscalationReason.code, EscalationReason.by_id).where(EscalationReason.escalation_id == case.id)
    ).all()
    if (code, by.id if by else None) in present:
        return
    db.add(_reason(case, code, by, detail, now=now))
    event = EscalationReasonAdded(
        by_id=by.id if by else None, question_id=case.question.id, escalation_id=case.id, code=code
    )
    write(db, case, "reason", event, by=by, data={"code": code}, now=now)


def _reason(case: Case, code: str, by: User | None, detail: str, *, now: datetime) -> EscalationReason:
    return EscalationReason(
        escalation_id=case.id, code=code, detail=detail, by_id=by.id if by else None, at=now
    )
