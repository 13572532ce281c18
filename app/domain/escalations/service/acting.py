"""What all acts on a case share: the rows locked, the state moved by the table, and everything written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from app.core.db import LOCK
from app.domain import audit, outbox
from app.domain.escalations import promising, states, ticking
from app.domain.escalations.events import EscalationReopened
from app.domain.outbox import Event
from app.models import Escalation, EscalationEvent, Question, User

_FACTS = ("state", "owner_id", "team_id", "priority", "snoozed_until", "level", "external_references")


@dataclass
class Case:
    """A case under the lock of its transaction: with its question, and as it was when it was taken."""

    row: Escalation
    question: Question
    before: dict[str, object]

    @property
    def id(self) -> int:
        """The id of the escalation."""
        return self.row.id or 0

    def instant(self, now: datetime) -> datetime:
        """Return when an act of now happens: not before what led to it, even if the clock was set back since."""
        return max(now, self.row.opened_at, self.row.state_since)


def locked_question(db: Session, question_id: int) -> Question:
    """Return the question as it is now, locked until the transaction ends; always before its case."""
    statement = select(Question).where(Question.id == question_id).with_for_update(of=Question, **LOCK)
    return db.exec(statement.execution_options(populate_existing=True)).one()


def taken(db: Session, escalation: Escalation) -> Case:
    """Return the case as it is now, locked until the transaction ends."""
    question = locked_question(db, escalation.question_id)
    return _case(db, question, Escalation.id == escalation.id)


def open_one(db: Session, question: Question) -> Case | None:
    """Return the case of a locked question that has not ended, locked too."""
    conditions = col(Escalation.question_id) == question.id, col(Escalation.state).not_in(states.ENDED)
    found = db.exec(select(Escalation.id).where(*conditions)).first()
    return None if found is None else _case(db, question, Escalation.id == found)


def new_case(row: Escalation, question: Question) -> Case:
    """Return a case that has just come into being."""
    return Case(row, question, {})


def move(case: Case, act: str, *, now: datetime) -> None:
    """Do what the act does to the state; raise Impossible where the table does not allow it."""
    row = case.row
    state = states.after(act, row.state, has_owner=row.owner_id is not None)
    if state != row.state:
        row.state = state
        row.state_since = now
    if state != "snoozed":
        row.snoozed_until = None


def reopen_now(db: Session, case: Case, *, by: User | None, now: datetime) -> None:
    """Bring a resolved case back to work: its clocks go on where they stopped."""
    move(case, "reopen", now=now)
    case.row.resolved_at = None
    case.row.resolved_by = ""
    case.row.resolved_by_id = None
    case.row.reopen_count += 1
    case.row.touched_at = now
    ticking.reopen(db, case.row, at=now)
    event = EscalationReopened(
        by_id=by.id if by else None, question_id=case.question.id, escalation_id=case.id
    )
    write(db, case, "reopened", event, by=by, now=now)


def write(
    db: Session,
    case: Case,
    kind: str,
    event: Event,
    *,
    by: User | None,
    now: datetime,
    data: dict[str, object] | None = None,
    reason: str = "",
) -> None:
    """End an act: clocks follow the state, the promise follows the clocks; timeline, outbox and audit log say so.

    `by` None: the system. `now` is when it happened: for a consumer the instant of the event it consumes.
    """
    row = case.row
    if by is not None and by.id == row.owner_id:
        row.touched_at = now
    db.add(row)
    db.flush()
    ticking.follow_state(db, row, at=now)
    ticking.settle(db, row)
    promising.follow_case(db, row, now=now)
    db.add(
        EscalationEvent(
            escalation_id=case.id,
            kind=kind,
            by_id=by.id if by else None,
            data={**(data or {}), **({"reason": reason} if reason else {})},
            at=now,
        )
    )
    outbox.record(db, event, now=now)
    after = _facts(row)
    if by is not None and by.is_staff:
        changed = [name for name in after if case.before.get(name) != after[name]]
        audit.record(
            db,
            by=by,
            action=f"escalation.{kind}",
            subject=row,
            before={name: case.before[name] for name in changed if name in case.before},
            after={**{name: after[name] for name in changed}, **(data or {})},
            reason=reason,
            now=now,
        )
    case.before = after


def _case(db: Session, question: Question, condition: object) -> Case:
    statement = select(Escalation).where(condition).with_for_update(of=Escalation, **LOCK)  # type: ignore[arg-type]
    row = db.exec(statement.execution_options(populate_existing=True)).one()
    return Case(row, question, _facts(row))


def _facts(row: Escalation) -> dict[str, object]:
    facts = {name: getattr(row, name) for name in _FACTS}
    return {name: str(value) if isinstance(value, datetime) else value for name, value in facts.items()}
