"""Writing suggested edits, and deciding on them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.core.db import LOCK, atomic
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.domain import answers, audit, catalog, outbox, questions, reputation
from app.domain.suggestions.events import EditDecided, EditSuggested
from app.domain.suggestions.policy import may_decide
from app.domain.suggestions.queries import is_open
from app.models import Answer, Question, SuggestedEdit, User

OPEN_AT_MOST = 10
"""So many suggestions of one member may wait at a time."""


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
    return _add(db, suggestion, question_id=question.id, by=by, now=now)


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
    return _add(db, suggestion, question_id=answer.question_id, by=by, now=now)


@atomic
def approve(db: Session, *, suggestion: SuggestedEdit, by: User, now: datetime) -> SuggestedEdit:
    """Publish the edit as its author's, who gets points for it.

    When the post has moved on since the edit was made, the suggestion is marked as outdated instead:
    look at `decision` of what is returned.
    """
    suggestion, post = _to_decide(db, suggestion, by=by, now=now)
    if post.revision != suggestion.base:
        return _decide(db, suggestion, post, decision="outdated", by=by, now=now)
    editor = db.get_one(User, suggestion.author_id)
    if isinstance(post, Question):
        questions.edit(
            db,
            question=post,
            by=editor,
            approved_by=by,
            base=suggestion.base,
            title=suggestion.title or post.title,
            body=suggestion.body,
            tags=" ".join(suggestion.tags or []),
            product_id=post.product_id,
            environment=suggestion.environment or {},
            summary=suggestion.summary,
            now=now,
        )
    else:
        answers.edit(
            db,
            answer=post,
            by=editor,
            approved_by=by,
            base=suggestion.base,
            body=suggestion.body,
            summary=suggestion.summary,
            now=now,
        )
    reputation.settle(
        db,
        user_id=suggestion.author_id,
        cause=f"edit:{suggestion.id}",
        kind="edit_approved",
        worth=reputation.POINTS["edit_approved"],
        post_id=post.id,
        now=now,
    )
    return _decide(db, suggestion, post, decision="approved", by=by, now=now)


@atomic
def reject(db: Session, *, suggestion: SuggestedEdit, by: User, now: datetime, reason: str) -> SuggestedEdit:
    """Leave the post as it is. Who suggested the edit reads the `reason`; staff find it in their log, too."""
    suggestion, post = _to_decide(db, suggestion, by=by, now=now)
    suggestion.reason = _checked_reason(reason)
    return _decide(db, suggestion, post, decision="rejected", by=by, reason=reason, now=now)


@atomic
def withdraw(db: Session, *, suggestion: SuggestedEdit, by: User) -> None:
    """Take one's own suggestion back before it is decided."""
    row = _locked(db, suggestion)
    if row.author_id != by.id:
        raise NotAllowed(_("Only who made a suggestion takes it back."))
    if row.decision:
        raise AlreadyDecided
    db.delete(row)
    db.flush()


def outdate(db: Session, *, post: Question | Answer, by_id: int, now: datetime) -> None:
    """Mark the suggestion that waits for the post as outdated if the post has moved on or is gone."""
    suggestion = db.exec(
        select(SuggestedEdit).where(SuggestedEdit.post_id == post.id, is_open()).with_for_update(**LOCK)
    ).first()
    if suggestion is None or (suggestion.base == post.revision and not post.is_removed):
        return
    _close(db, suggestion, post, decision="outdated", by_id=by_id, now=now)


class AlreadyDecided(Conflict):
    """Somebody else was faster."""

    def __init__(self) -> None:
        super().__init__(_("This suggestion was decided on already."))


def _to_decide(
    db: Session, suggestion: SuggestedEdit, *, by: User, now: datetime
) -> tuple[SuggestedEdit, Question | Answer]:
    """Return the suggestion, locked, and its post, once `by` may decide on it and nobody has."""
    reputation.require_active(by, now=now)
    post = answers.visible_post(db, viewer=by, post_id=suggestion.post_id)
    if not may_decide(by, suggestion, post):
        raise NotAllowed(_("You can't decide on this suggestion."), required_privilege="edit")
    row = _locked(db, suggestion)
    if row.decision:
        raise AlreadyDecided
    return row, post


def _decide(
    db: Session,
    suggestion: SuggestedEdit,
    post: Question | Answer,
    *,
    decision: str,
    by: User,
    now: datetime,
    reason: str = "",
) -> SuggestedEdit:
    _close(db, suggestion, post, decision=decision, by_id=by.id or 0, now=now)
    if by.is_staff:
        audit.record(db, by=by, action=f"edit.{decision}", subject=suggestion, reason=reason, now=now)
    return suggestion


def _close(
    db: Session,
    suggestion: SuggestedEdit,
    post: Question | Answer,
    *,
    decision: str,
    by_id: int,
    now: datetime,
) -> None:
    suggestion.decision = decision
    suggestion.decided_at = now
    suggestion.decided_by_id = by_id
    db.add(suggestion)
    db.flush()
    event = EditDecided(
        by_id=by_id,
        question_id=post.question_id,
        suggestion_id=suggestion.id or 0,
        post_id=post.id,
        decision=decision,
    )
    outbox.record(db, event, now=now)


def _add(
    db: Session, suggestion: SuggestedEdit, *, question_id: int, by: User, now: datetime
) -> SuggestedEdit:
    waiting = select(SuggestedEdit.id).where(is_open())
    if db.exec(waiting.where(SuggestedEdit.post_id == suggestion.post_id)).first() is not None:
        raise AlreadySuggested
    own = select(func.count()).select_from(SuggestedEdit).where(is_open())
    if db.exec(own.where(SuggestedEdit.author_id == by.id)).one() >= OPEN_AT_MOST:
        raise Conflict(_("Many of your suggestions wait for review; please come back when some are decided."))
    try:
        with db.begin_nested():
            db.add(suggestion)
            db.flush()
    except IntegrityError as error:  # somebody else was faster; the index allows one a post
        raise AlreadySuggested from error
    event = EditSuggested(
        by_id=by.id,
        question_id=question_id,
        suggestion_id=suggestion.id or 0,
        post_id=suggestion.post_id,
    )
    outbox.record(db, event, now=now)
    return suggestion


def _locked(db: Session, suggestion: SuggestedEdit) -> SuggestedEdit:
    return db.get_one(
        SuggestedEdit, suggestion.id, with_for_update={"of": SuggestedEdit, **LOCK}, populate_existing=True
    )


def _checked_reason(reason: str) -> str:
    if not reason.strip():
        raise Invalid(
            "reason", _("Say why: it helps whoever suggested the edit to make the next one better.")
        )
    if len(reason.strip()) > 500:
        raise Invalid("reason", _("Keep the reason below 500 characters."))
    return reason.strip()


def _check_base(post: Question | Answer, base: int) -> None:
    if post.revision != base:
        raise questions.EditConflict(post.revision)


def _require_summary(summary: str, errors: dict[str, str]) -> None:
    if not summary.strip():
        errors["summary"] = _(
            "Say in a few words what you changed: whoever approves it will read that first."
        )
    elif len(summary.strip()) > 300:
        errors["summary"] = _("Keep the summary below 300 characters.")
