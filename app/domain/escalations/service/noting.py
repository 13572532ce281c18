"""Internal notes: what staff write for one another. They never leave the desk."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.core import markdown
from app.core.db import atomic
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.domain.escalations.events import EscalationChanged, EscalationNoted
from app.domain.escalations.policy import may_change_note, require_work
from app.domain.escalations.service.acting import Case, move, taken, write
from app.models import Escalation, EscalationNote, User

LONGEST = 20_000


@atomic
def add_note(db: Session, *, escalation: Escalation, body: str, by: User, now: datetime) -> EscalationNote:
    """Write an internal note. @mentions tell staff only. A note of its owner takes up what was handed over."""
    require_work(by)
    case = taken(db, escalation)
    is_update = case.row.owner_id == by.id
    move(case, "update" if is_update else "note", now=now)
    return write_note(db, case, body=body, by=by, now=now)


@atomic
def edit_note(db: Session, *, note: EscalationNote, body: str, by: User, now: datetime) -> EscalationNote:
    """Change a note: its author, or a lead."""
    case, row = _of_note(db, note, by)
    row.body_html = _checked(body)
    row.body = body.strip()
    row.edited_at = now
    db.add(row)
    event = EscalationChanged(by_id=by.id, question_id=case.question.id, escalation_id=case.id, what="note")
    write(db, case, "note_edited", event, by=by, data={"note": row.id}, now=now)
    return row


@atomic
def remove_note(db: Session, *, note: EscalationNote, by: User, now: datetime) -> None:
    """Take a note away: its author, or a lead. The timeline still says that there was one."""
    case, row = _of_note(db, note, by)
    row.removed_at = now
    db.add(row)
    event = EscalationChanged(by_id=by.id, question_id=case.question.id, escalation_id=case.id, what="note")
    write(db, case, "note_removed", event, by=by, data={"note": row.id}, now=now)


def write_note(db: Session, case: Case, *, body: str, by: User, now: datetime) -> EscalationNote:
    """Add a note within the caller's act."""
    row = EscalationNote(
        escalation_id=case.id,
        author_id=by.id or 0,
        body=body.strip(),
        body_html=_checked(body),
        created_at=now,
    )
    db.add(row)
    db.flush()
    event = EscalationNoted(
        by_id=by.id, question_id=case.question.id, escalation_id=case.id, note_id=row.id or 0
    )
    write(db, case, "noted", event, by=by, data={"note": row.id}, now=now)
    return row


def _of_note(db: Session, note: EscalationNote, by: User) -> tuple[Case, EscalationNote]:
    require_work(by)
    case = taken(db, db.get_one(Escalation, note.escalation_id))
    row = db.get_one(EscalationNote, note.id, populate_existing=True)
    if row.removed_at is not None:
        raise Conflict(_("This note has been removed."))
    if not may_change_note(by, row):
        raise NotAllowed(_("Only its author or a lead changes a note."))
    return case, row


def _checked(body: str) -> str:
    if not body.strip():
        raise Invalid("note", _("Write the note first."))
    if len(body) > LONGEST:
        raise Invalid("note", _("Notes have at most %(n)s characters.") % {"n": LONGEST})
    return markdown.render(body.strip())
