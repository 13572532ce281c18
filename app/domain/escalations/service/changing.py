"""Priority, team and references of a case; and the terms it is measured by."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.core.db import atomic
from app.core.errors import Conflict, Invalid
from app.core.i18n import gettext as _
from app.core.text import clean_text
from app.domain.escalations import ticking
from app.domain.escalations.events import EscalationChanged
from app.domain.escalations.policy import require_work
from app.domain.escalations.service.acting import Case, move, taken, write
from app.domain.escalations.terms import terms_for
from app.models import PRIORITIES, Escalation, Team, User

LONGEST_REFERENCE = 200
MOST_REFERENCES = 20


@atomic
def set_priority(
    db: Session, *, escalation: Escalation, priority: str, by: User, now: datetime
) -> Escalation:
    """Change the priority; clocks go on under its targets with what they have consumed."""
    require_work(by)
    if priority not in PRIORITIES:
        raise Invalid("priority", _("Choose a priority."))
    case = taken(db, escalation)
    row = case.row
    if row.priority == priority:
        return row
    move(case, "change", now=now)
    row.priority = priority
    terms = terms_for(db, question=case.question, priority=priority)
    ticking.rebase(db, row, terms=terms, at=now, reason="priority")
    _write(db, case, "priority", {"to": priority}, by=by, now=now)
    return row


@atomic
def set_team(db: Session, *, escalation: Escalation, team: Team, by: User, now: datetime) -> Escalation:
    """Let another team take care of it; its owner stays."""
    require_work(by)
    case = taken(db, escalation)
    if case.row.team_id == team.id:
        return case.row
    if team.retired_at is not None:
        raise Conflict(_("This team has been retired."))
    move(case, "change", now=now)
    case.row.team_id = team.id
    _write(db, case, "team", {"to": team.id}, by=by, now=now)
    return case.row


@atomic
def add_reference(
    db: Session, *, escalation: Escalation, reference: str, by: User, now: datetime
) -> Escalation:
    """Note where else this is dealt with: an address, or the number in another system."""
    require_work(by)
    text = " ".join(clean_text(reference).split())
    if not text or len(text) > LONGEST_REFERENCE:
        raise Invalid("reference", _("Write an address or number of at most 200 characters."))
    case = taken(db, escalation)
    present = case.row.external_references
    if text in present:
        return case.row
    if len(present) >= MOST_REFERENCES:
        raise Conflict(_("A case has at most 20 references."))
    move(case, "change", now=now)
    case.row.external_references = [*present, text]
    _write(db, case, "reference", {"added": text}, by=by, now=now)
    return case.row


@atomic
def remove_reference(
    db: Session, *, escalation: Escalation, reference: str, by: User, now: datetime
) -> Escalation:
    """Take a reference away."""
    require_work(by)
    case = taken(db, escalation)
    if reference not in case.row.external_references:
        return case.row
    move(case, "change", now=now)
    case.row.external_references = [each for each in case.row.external_references if each != reference]
    _write(db, case, "reference", {"removed": reference}, by=by, now=now)
    return case.row


def take_along(db: Session, case: Case, *, reason: str, now: datetime) -> bool:
    """Bring the clocks under the terms in force now, within the caller's act; say whether anything changed."""
    if not case.row.is_at_work:
        return False
    terms = terms_for(db, question=case.question, priority=case.row.priority)
    if not ticking.rebase(db, case.row, terms=terms, at=now, reason=reason):
        return False
    _write(db, case, "terms", {"policy": terms.policy_version_id}, by=None, now=now, reason=reason)
    return True


def _write(
    db: Session,
    case: Case,
    what: str,
    data: dict[str, object],
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
) -> None:
    event = EscalationChanged(
        by_id=by.id if by else None, question_id=case.question.id, escalation_id=case.id, what=what
    )
    write(db, case, what, event, by=by, data=data, now=now, reason=reason)
