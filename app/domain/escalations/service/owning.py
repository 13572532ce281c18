"""Who has a case: claim, assign, release, hand over, and go back to the queue."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.core.db import atomic
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.domain.escalations.events import EscalationAssigned, EscalationHandedOver, EscalationReturned
from app.domain.escalations.policy import may_assign, may_lead, require_work
from app.domain.escalations.service.acting import Case, move, taken, write
from app.domain.escalations.service.noting import write_note
from app.domain.escalations.service.opening import assign_turn
from app.models import Escalation, Team, User


class AlreadyClaimed(Conflict):
    """Somebody else has the case: `owner`."""

    def __init__(self, owner: User) -> None:
        super().__init__(_("%(name)s has this case already.") % {"name": owner.display_name})
        self.owner = owner


@atomic
def claim(db: Session, *, escalation: Escalation, by: User, now: datetime) -> Escalation:
    """Take a case that nobody has; of two at once one wins, the other is told who. Doing it twice is the same as once.

    Claiming what is one's own wakes it, or takes it up again after it was handed over.
    """
    require_work(by)
    case = taken(db, escalation)
    row = case.row
    if row.owner_id not in {None, by.id}:
        raise AlreadyClaimed(db.get_one(User, row.owner_id))
    _refuse_asker(case, by)
    if row.owner_id == by.id and row.state in ("claimed", "waiting_customer"):
        return row
    row.owner_id = by.id
    row.touched_at = now
    move(case, "claim", now=now)
    _tell_of_owner(db, case, "claimed", by=by, now=now)
    return row


@atomic
def assign(db: Session, *, escalation: Escalation, to: User, by: User, now: datetime) -> Escalation:
    """Give a case to somebody. What belongs to a third person only leads give away."""
    require_work(by)
    case = taken(db, escalation)
    row = case.row
    if not may_assign(by, row, to):
        raise NotAllowed(_("Only leads give away what somebody else has."))
    _check_owner(to, now=now)
    _refuse_asker(case, to)
    if row.owner_id == to.id and row.state == "claimed":
        return row
    row.owner_id = to.id
    row.touched_at = now
    move(case, "assign", now=now)
    _tell_of_owner(db, case, "assigned", by=by, now=now)
    return row


@atomic
def release(db: Session, *, escalation: Escalation, by: User, now: datetime) -> Escalation:
    """Put a case back into the queue: one's own, or as a lead anybody's."""
    require_work(by)
    case = taken(db, escalation)
    if case.row.owner_id is None:
        raise Conflict(_("Nobody has this case."))
    if case.row.owner_id != by.id and not may_lead(by):
        raise NotAllowed(_("Only its owner or a lead puts it back."))
    put_back(db, case, kind="released", by=by, now=now)
    return case.row


@atomic
def hand_over(
    db: Session,
    *,
    escalation: Escalation,
    team: Team | None = None,
    to: User | None = None,
    note: str,
    by: User,
    now: datetime,
) -> Escalation:
    """Ask others inside to go on with a case: a team, or a person; `note` tells them why and is required."""
    require_work(by)
    if team is None and to is None:
        raise Invalid("to", _("Choose a team or a person."))
    case = taken(db, escalation)
    row = case.row
    if to is not None:
        _check_owner(to, now=now)
        _refuse_asker(case, to)
        if to.id == by.id:
            raise Invalid("to", _("Choose somebody else than yourself."))
    if row.owner_id not in {None, by.id} and not may_lead(by):
        raise NotAllowed(_("Only leads give away what somebody else has."))
    row.owner_id = to.id if to else None
    row.team_id = team.id if team else row.team_id
    row.touched_at = now
    move(case, "hand_over", now=now)
    event = EscalationHandedOver(
        by_id=by.id,
        question_id=case.question.id,
        escalation_id=case.id,
        owner_id=row.owner_id,
        team_id=team.id if team else None,
    )
    data: dict[str, object] = {"to": row.owner_id, "team": row.team_id if team else None}
    write(db, case, "handed_over", event, by=by, data=data, now=now)
    write_note(db, case, body=note, by=by, now=now)
    return row


def put_back(db: Session, case: Case, *, kind: str, by: User | None, now: datetime, reason: str = "") -> None:
    """Take the case from its owner; where its team assigns, somebody else gets it at once."""
    row = case.row
    was_owner_id, row.owner_id = row.owner_id, None
    row.touched_at = now
    move(case, "release", now=now)
    event = EscalationReturned(
        by_id=by.id if by else None,
        question_id=case.question.id,
        escalation_id=case.id,
        was_owner_id=was_owner_id,
    )
    write(db, case, kind, event, by=by, data={"from": was_owner_id}, reason=reason, now=now)
    if by is None and row.state == "queued":
        assign_turn(db, case, now=now)


def take_up(db: Session, case: Case, *, by: User, now: datetime) -> None:
    """Make who acts on an unowned case its owner: who answers first has it."""
    if case.row.owner_id is None and case.row.is_at_work and by.id != case.question.author_id:
        case.row.owner_id = by.id
        case.row.touched_at = now
        move(case, "claim", now=now)
        _tell_of_owner(db, case, "claimed", by=by, now=now)


def _tell_of_owner(db: Session, case: Case, kind: str, *, by: User, now: datetime) -> None:
    owner_id = case.row.owner_id or 0
    event = EscalationAssigned(
        by_id=by.id, question_id=case.question.id, escalation_id=case.id, owner_id=owner_id
    )
    write(db, case, kind, event, by=by, data={"to": owner_id}, now=now)


def _check_owner(to: User, *, now: datetime) -> None:
    if not to.is_agent or to.deleted_at is not None or to.is_suspended(now):
        raise Invalid("to", _("%(name)s does not answer for the company.") % {"name": to.display_name})


def _refuse_asker(case: Case, owner: User) -> None:
    if owner.id == case.question.author_id:
        raise NotAllowed(_("Nobody works on a case of their own question."))
