"""Edit a question, or bring an earlier revision back."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.core.db import atomic
from app.core.errors import Conflict, NotAllowed
from app.core.i18n import gettext as _
from app.domain import catalog, outbox, reputation, revisions
from app.domain.questions.events import QuestionEdited
from app.domain.questions.policy import may_edit
from app.domain.questions.service.writing import (
    check_parts,
    locked_for_change,
    record_revision,
    write_environment,
    write_tags,
)
from app.models import Question, User


class EditConflict(Conflict):
    """Somebody else edited the post meanwhile; `present` is the number of its revision now."""

    def __init__(self, present: int) -> None:
        super().__init__(
            _(
                "Someone else edited this while you were writing. Your text is kept below; compare, then save again."
            )
        )
        self.present = present


@atomic
def edit(
    db: Session,
    *,
    question: Question,
    by: User,
    base: int,
    title: str,
    body: str,
    tags: str,
    product_id: int | None,
    environment: dict[str, str],
    summary: str,
    now: datetime,
    restores: int | None = None,
    approved_by: User | None = None,
) -> Question:
    """Change a question that was at revision `base` when its text was loaded.

    For a suggested edit `approved_by` is who answers for it, and has to be allowed to edit.
    Raises EditConflict when it has moved on, NotAllowed, or Invalid for everything wrong at once.
    """
    allowed = approved_by or by
    reputation.require_active(allowed, now=now)
    question = locked_for_change(db, question.id)
    if not may_edit(allowed, question):
        raise NotAllowed(_("You can't edit this question directly."), required_privilege="edit")
    if question.revision != base:
        raise EditConflict(question.revision)
    parts = check_parts(
        db, author=allowed, title=title, body=body, tags=tags, product_id=product_id, environment=environment
    )
    with catalog.counting(db, question):
        question.title = parts.title
        question.body = parts.body
        question.body_html = parts.body_html
        question.product_id = parts.product_id
        question.revision += 1
        question.edited_at = now
        question.edited_by_id = by.id
        question.last_activity_at = now
        question.last_activity_by_id = by.id
        db.add(question)
        db.flush()
        write_tags(db, question, parts.tag_names, now=now)
        write_environment(db, question, parts.environment)
    record_revision(db, question, parts, editor=by, summary=summary, restores=restores, now=now)
    event = QuestionEdited(by_id=by.id, question_id=question.id, revision=question.revision)
    outbox.record(db, event, now=now)
    return question


@atomic
def roll_back(db: Session, *, question: Question, by: User, to: int, base: int, now: datetime) -> Question:
    """Make revision `to` the present text again, as a new revision."""
    old = revisions.numbered(db, post_id=question.id, number=to)
    return edit(
        db,
        question=question,
        by=by,
        base=base,
        title=old.title or question.title,
        body=old.body,
        tags=" ".join(old.tags or []),
        product_id=question.product_id,
        environment=old.environment or {},
        summary=_("Brought back revision %(number)s") % {"number": to},
        restores=to,
        now=now,
    )
