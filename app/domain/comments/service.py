"""Writing comments."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from app.core import markdown
from app.core.db import LOCK, atomic
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.domain import audit, outbox, pace, reputation
from app.domain.comments.events import CommentEdited, CommentPosted, CommentRemoved, CommentRestored
from app.domain.comments.policy import may_comment, may_edit, may_remove, may_restore
from app.models import Answer, Comment, Question, User

LENGTHS = (10, 1000)
REPEATED_WITHIN = timedelta(minutes=10)
"""The same words so soon after were sent twice; later, somebody who still waits says so again."""

_SAME = select(Comment).where(
    col(Comment.post_id) == bindparam("post"),
    col(Comment.author_id) == bindparam("author"),
    col(Comment.created_at) > bindparam("since"),
    col(Comment.body) == bindparam("body"),
    col(Comment.removed_at).is_(None),
)


@atomic
def post(db: Session, *, post: Question | Answer, author: User, body: str, now: datetime) -> Comment:
    """Post a comment under a question or answer. Raises Invalid, NotAllowed.

    The same text once more within ten minutes is the comment that is there already: a form that was sent twice, or
    again after a connection broke off.
    """
    reputation.require_active(author, now=now)
    pace.check_comments(db, author=author, now=now)
    question = _locked_question(db, post.question_id)
    present = _locked_post(db, post)
    if not may_comment(author, present, question):
        raise NotAllowed(
            _(
                "Commenting anywhere needs 10 reputation; under your own questions and their answers you always can."
            ),
            required_privilege="comment",
        )
    if before := _sent_before(db, present, author, body.strip(), now=now):
        return before
    comment = Comment(
        post_id=present.id,
        question_id=question.id,
        author_id=author.id or 0,
        body=body.strip(),
        body_html=_checked(body, author),
        created_at=now,
    )
    db.add(comment)
    question.last_activity_at = now
    question.last_activity_by_id = author.id
    db.add(question)
    _recount(db, present)
    event = CommentPosted(
        by_id=author.id, question_id=question.id, comment_id=comment.id or 0, post_id=present.id
    )
    outbox.record(db, event, now=now)
    return comment


@atomic
def edit(db: Session, *, comment: Comment, by: User, body: str, now: datetime) -> Comment:
    """Change a comment: its author for a quarter of an hour, moderators always."""
    reputation.require_active(by, now=now)
    question = _locked_question(db, comment.question_id)
    comment = db.get_one(Comment, comment.id, with_for_update={"of": Comment, **LOCK}, populate_existing=True)
    if not may_edit(by, comment, question, now=now):
        raise NotAllowed(_("Comments can be changed for 15 minutes; delete it and write a new one instead."))
    comment.body_html = _checked(body, by)
    comment.body = body.strip()
    comment.edited_at = now
    db.add(comment)
    event = CommentEdited(by_id=by.id, question_id=comment.question_id, comment_id=comment.id or 0)
    outbox.record(db, event, now=now)
    return comment


@atomic
def remove(db: Session, *, comment: Comment, by: User, now: datetime, reason: str = "") -> Comment:
    """Take a comment away: deleted by its author, or hidden by staff."""
    reputation.require_active(by, now=now)
    question = _locked_question(db, comment.question_id)
    comment = db.get_one(Comment, comment.id, with_for_update={"of": Comment, **LOCK}, populate_existing=True)
    if comment.is_removed:
        raise Conflict(_("This comment has been removed already."))
    if not may_remove(by, comment, question):
        raise NotAllowed(_("You can't delete this comment."))
    is_own = by.id == comment.author_id
    comment.removed_at = now
    comment.removed_by_id = by.id
    comment.removal = "deleted" if is_own else "hidden"
    db.add(comment)
    _recount(db, _post_of(db, comment))
    if not is_own:
        audit.record(db, by=by, action="comment.hide", subject=comment, reason=reason, now=now)
    event = CommentRemoved(by_id=by.id, question_id=comment.question_id, comment_id=comment.id or 0)
    outbox.record(db, event, now=now)
    return comment


@atomic
def restore(db: Session, *, comment: Comment, by: User, now: datetime) -> Comment:
    """Bring a removed comment back."""
    reputation.require_active(by, now=now)
    question = _locked_question(db, comment.question_id)
    comment = db.get_one(Comment, comment.id, with_for_update={"of": Comment, **LOCK}, populate_existing=True)
    if not comment.is_removed:
        raise Conflict(_("This comment is not removed."))
    if not may_restore(by, comment, question):
        raise NotAllowed(_("You can't restore this comment."))
    was_hidden = comment.removal == "hidden"
    comment.removed_at = comment.removed_by_id = None
    comment.removal = ""
    db.add(comment)
    _recount(db, _post_of(db, comment))
    if was_hidden:
        audit.record(db, by=by, action="comment.restore", subject=comment, now=now)
    event = CommentRestored(by_id=by.id, question_id=comment.question_id, comment_id=comment.id or 0)
    outbox.record(db, event, now=now)
    return comment


def _locked_question(db: Session, question_id: int) -> Question:
    return db.get_one(Question, question_id, with_for_update={"of": Question, **LOCK}, populate_existing=True)


def _locked_post(db: Session, post: Question | Answer) -> Question | Answer:
    if isinstance(post, Question):
        return _locked_question(db, post.id)
    return db.get_one(Answer, post.id, with_for_update={"of": Answer, **LOCK}, populate_existing=True)


def _post_of(db: Session, comment: Comment) -> Question | Answer:
    return db.get(Answer, comment.post_id) or db.get_one(Question, comment.post_id)


def _recount(db: Session, post: Question | Answer) -> None:
    db.flush()
    post.comment_count = db.exec(
        select(func.count())
        .select_from(Comment)
        .where(Comment.post_id == post.id, col(Comment.removed_at).is_(None))
    ).one()
    db.add(post)
    db.flush()


def _checked(body: str, author: User) -> str:
    shortest, longest = LENGTHS
    length = len(body.strip())
    if length < shortest:
        raise Invalid("body", _("Write at least %(n)s characters.") % {"n": shortest})
    if length > longest:
        raise Invalid(
            "body", _("Comments have at most %(n)s characters; write an answer instead.") % {"n": longest}
        )
    html = markdown.render(body.strip())
    if not reputation.may(author, "post_links") and markdown.count_links(html) > 2:
        raise Invalid("body", _("New members can post at most two links; remove some for now."))
    return html


def _sent_before(
    db: Session, post: Question | Answer, author: User, body: str, *, now: datetime
) -> Comment | None:
    same = {"post": post.id, "author": author.id, "since": now - REPEATED_WITHIN, "body": body}
    return db.exec(_SAME, params=same).first()
