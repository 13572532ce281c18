"""Writing suggested edits."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from app.core.db import atomic
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.domain import answers, catalog, questions, reputation
from app.models import Answer, Question, SuggestedEdit, User


class AlreadySuggested(Conflict):
    """Another suggestion for the post waits for a decision."""

    def __init__(self) -> None:
        super().__init__(
            _("Another edit of this post waits for review; please come back when it is decided.")
        )


@atomic
def suggest_for_question(
    db: Session,
    *,
    question: Question,
    by: User,
    base: int,
    title: str,
    body: str,
    tags: str,
    environment: dict[str, str],
    summary: str,
    now: datetime,
) -> SuggestedEdit:
    """Suggest an edit of a question that was at revision `base`."""
    reputation.require(by, "suggest_edit", now=now)
    if not questions.may_suggest_edit(by, question):
        raise NotAllowed(_("You can't edit this question."))
    _check_base(question, base)
    errors: dict[str, str] = {}
    kept_title = questions.check_title(title, errors)
    questions.check_body(body, by, errors)
    try:
        tag_names = catalog.parse_tags(tags)
    except Invalid as error:
        tag_names = []
        errors.update(error.errors)
    _require_summary(summary, errors)
    Invalid.raise_if(errors)
    suggestion = SuggestedEdit(
        post_id=question.id,
        base=base,
        author_id=by.id or 0,
        title=kept_title,
        body=body,
        tags=tag_names,
        environment=environment,
        summary=summary.strip(),
        created_at=now,
    )
    return _add(db, suggestion)


@atomic
def suggest_for_answer(
    db: Session, *, answer: Answer, by: User, base: int, body: str, summary: str, now: datetime
) -> SuggestedEdit:
    """Suggest an edit of an answer that was at revision `base`."""
    reputation.require(by, "suggest_edit", now=now)
    question = questions.visible(db, viewer=by, question_id=answer.question_id)
    if not answers.may_suggest_edit(by, answer, question):
        raise NotAllowed(_("You can't edit this answer."))
    _check_base(answer, base)
    errors: dict[str, str] = {}
    questions.check_body(body, by, errors)
    _require_summary(summary, errors)
    Invalid.raise_if(errors)
    suggestion = SuggestedEdit(
        post_id=answer.id, base=base, author_id=by.id or 0, body=body, summary=summary.strip(), created_at=now
    )
    return _add(db, suggestion)


def _add(db: Session, suggestion: SuggestedEdit) -> SuggestedEdit:
    waiting = select(SuggestedEdit.id).where(
        SuggestedEdit.post_id == suggestion.post_id, SuggestedEdit.decision == ""
    )
    if db.exec(waiting).first() is not None:
        raise AlreadySuggested
    db.add(suggestion)
    db.flush()
    return suggestion


def _check_base(post: Question | Answer, base: int) -> None:
    if post.revision != base:
        raise questions.EditConflict(post.revision)


def _require_summary(summary: str, errors: dict[str, str]) -> None:
    if not summary.strip():
        errors["summary"] = _(
            "Say in a few words what you changed: whoever approves it will read that first."
        )
