"""Who hears of what in the queue: staff only, in their inbox and by e-mail. What is no longer so is not told."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlmodel import Session, col, select

from app.core import markdown
from app.core.handles import skeleton
from app.domain import notifications
from app.domain.escalations.events import (
    EscalationAssigned,
    EscalationBreached,
    EscalationHandedOver,
    EscalationHeard,
    EscalationNoted,
    EscalationReopened,
    EscalationReturned,
    EscalationWarned,
)
from app.domain.outbox import Recorded
from app.models import Escalation, EscalationNote, SlaClock, TeamMember, User


def tell_of_owner(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell who was given a case."""
    event = cast(EscalationAssigned, about.event)
    case = _case(db, event.escalation_id)
    if case.is_at_work and case.owner_id == event.owner_id:
        notifications.tell(db, about=about, kind="case_assigned", user_ids=[event.owner_id], now=now)


def tell_of_handing_over(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell who is to go on: a person, or a team while nobody of it has taken the case."""
    event = cast(EscalationHandedOver, about.event)
    case = _case(db, event.escalation_id)
    if case.is_at_work and case.owner_id == event.owner_id:
        told = [event.owner_id] if event.owner_id else _team(db, case)
        notifications.tell(db, about=about, kind="case_handed_over", user_ids=told, now=now)


def tell_of_return(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell who had a case that somebody else, or the system, put back."""
    event = cast(EscalationReturned, about.event)
    if event.was_owner_id is not None:
        notifications.tell(db, about=about, kind="case_returned", user_ids=[event.was_owner_id], now=now)


def tell_of_note(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell those who work on cases and are mentioned in a note."""
    note = db.get(EscalationNote, cast(EscalationNoted, about.event).note_id)
    if note is None or note.removed_at is not None:
        return
    handles = {skeleton(handle) for handle in markdown.mentions(note.body)}
    named = select(User.id).where(col(User.handle_key).in_(handles), col(User.support_role) != "")
    told = [user_id for user_id in db.exec(named) if user_id is not None] if handles else []
    notifications.tell(db, about=about, kind="case_mention", user_ids=told, now=now)


def tell_of_customer(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell the owner that the customer has said something."""
    case = _case(db, cast(EscalationHeard, about.event).escalation_id)
    if case.is_at_work and case.owner_id is not None:
        notifications.tell(db, about=about, kind="case_heard", user_ids=[case.owner_id], now=now)


def tell_of_reopening(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell the owner that it is not solved after all."""
    case = _case(db, cast(EscalationReopened, about.event).escalation_id)
    if case.is_at_work and case.owner_id is not None:
        notifications.tell(db, about=about, kind="case_reopened", user_ids=[case.owner_id], now=now)


def tell_of_warning(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell the owner, or the team where there is none, that a clock runs low; not once it has run out."""
    event = cast(EscalationWarned, about.event)
    clock = db.get_one(SlaClock, event.clock_id)
    if clock.state == "running":
        case = _case(db, event.escalation_id)
        told = [case.owner_id] if case.owner_id is not None else _team(db, case)
        notifications.tell(db, about=about, kind="case_warning", user_ids=told, now=now)


def tell_of_breach(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell the owner and all leads that a clock has run out, and again at each level, until it is met."""
    event = cast(EscalationBreached, about.event)
    clock = db.get_one(SlaClock, event.clock_id)
    if clock.ended_at is not None:
        return
    case = _case(db, event.escalation_id)
    leads = db.exec(select(User.id).where(User.support_role == "lead", col(User.deleted_at).is_(None)))
    told = {user_id for user_id in leads if user_id is not None}
    told |= {case.owner_id} if case.owner_id is not None else set(_team(db, case))
    notifications.tell(db, about=about, kind="case_breach", user_ids=told, now=now)


def _case(db: Session, escalation_id: int) -> Escalation:
    return db.get_one(Escalation, escalation_id)


def _team(db: Session, case: Escalation) -> list[int]:
    return list(db.exec(select(TeamMember.user_id).where(TeamMember.team_id == case.team_id)))
