"""Writing flags, and deciding on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.core.db import LOCK, atomic
from app.core.errors import Conflict, Invalid, NotAllowed, TooMany
from app.core.i18n import gettext as _
from app.domain import answers, audit, comments, outbox, questions, reputation
from app.domain.moderation.events import FlagDecided, PostFlagged
from app.domain.moderation.policy import FLAGS_A_DAY, may_decide, may_flag
from app.domain.moderation.queries import is_open
from app.models import FLAG_REASONS, Answer, Comment, Flag, Question, User

ACTS = ("none", "hide", "spam")
"""What a decision does to the flagged post: nothing, hide it, or remove it as spam."""

DAY = timedelta(days=1)


class AlreadyFlagged(Conflict):
    """One flag a member a post is enough."""

    def __init__(self) -> None:
        super().__init__(_("You flagged this already; a moderator will look at it."))


@atomic
def flag(
    db: Session,
    *,
    subject: Question | Answer | Comment,
    by: User,
    reason: str,
    now: datetime,
    note: str = "",
) -> Flag:
    """Point moderators to a post or comment, for one of FLAG_REASONS; "other" needs a note."""
    reputation.require(by, "flag", now=now)
    if not may_flag(by, subject):
        raise NotAllowed(_("You can't flag this."))
    if reason not in FLAG_REASONS:
        raise Invalid("reason", _("Choose what is wrong with it."))
    if reason == "other" and not note.strip():
        raise Invalid("note", _("Say in a few words what is wrong."))
    if len(note.strip()) > 500:
        raise Invalid("note", _("Keep this below 500 characters."))
    _check_pace(db, by=by, now=now)
    is_comment = isinstance(subject, Comment)
    row = Flag(
        post_id=None if is_comment else subject.id,
        comment_id=subject.id if is_comment else None,
        author_id=by.id or 0,
        reason=reason,
        note=note.strip(),
        created_at=now,
    )
    try:
        with db.begin_nested():
            db.add(row)
            db.flush()
    except IntegrityError as error:
        raise AlreadyFlagged from error
    event = PostFlagged(by_id=by.id, question_id=subject.question_id, flag_id=row.id or 0)
    outbox.record(db, event, now=now)
    return row


@atomic
def decide(
    db: Session, *, flag: Flag, by: User, helpful: bool, act: str, now: datetime, reason: str = ""
) -> Sequence[Flag]:
    """Decide on all flags that wait on the same post or comment, and act on it in the same transaction.

    `act` is one of ACTS; hiding needs a `reason`, which the author will read. Returns the decided flags.
    """
    reputation.require_active(by, now=now)
    if not may_decide(by):
        raise NotAllowed(_("Only moderators decide on flags."))
    if act not in ACTS:
        raise Invalid("act", _("Choose what to do with it."))
    if act != "none" and not helpful:
        raise Invalid("act", _("A flag that led to hiding was helpful."))
    subject = _subject(db, flag)
    if act == "spam" and isinstance(subject, Comment):
        raise Invalid("act", _("Comments are hidden; only questions and answers are removed as spam."))
    if act != "none" and not subject.is_removed:
        _remove(db, subject, by=by, reason=reason, as_spam=act == "spam", now=now)
    open_flags = db.exec(
        select(Flag)
        .where(Flag.post_id == flag.post_id, Flag.comment_id == flag.comment_id, is_open())
        .order_by(col(Flag.id))
        .with_for_update(**LOCK)
    ).all()
    if not open_flags:
        raise Conflict(_("Somebody decided on this already."))
    for row in open_flags:
        row.decision = "helpful" if helpful else "declined"
        row.decided_at = now
        row.decided_by_id = by.id
        db.add(row)
        db.flush()
        audit.record(
            db,
            by=by,
            action=f"flag.{row.decision}",
            subject=row,
            after={"act": act, "flagged as": row.reason, "post": row.post_id, "comment": row.comment_id},
            reason=reason,
            now=now,
        )
        event = FlagDecided(
            by_id=by.id, question_id=subject.question_id, flag_id=row.id or 0, decision=row.decision
        )
        outbox.record(db, event, now=now)
    return open_flags


def _check_pace(db: Session, *, by: User, now: datetime) -> None:
    if by.is_staff:
        return
    recent = db.exec(
        select(Flag.created_at)
        .where(Flag.author_id == by.id, col(Flag.created_at) > now - DAY)
        .order_by(col(Flag.created_at))
        .limit(FLAGS_A_DAY)
    ).all()
    if len(recent) >= FLAGS_A_DAY:
        seconds = max(1, int((recent[0] + DAY - now).total_seconds()))
        raise TooMany(_("That is all you can flag for today; thank you for your help."), retry_after=seconds)


def _subject(db: Session, flag: Flag) -> Question | Answer | Comment:
    if flag.comment_id is not None:
        return db.get_one(Comment, flag.comment_id)
    return db.get(Answer, flag.post_id) or db.get_one(Question, flag.post_id)


def _remove(
    db: Session,
    subject: Question | Answer | Comment,
    *,
    by: User,
    reason: str,
    as_spam: bool,
    now: datetime,
) -> None:
    if isinstance(subject, Question):
        questions.remove(db, question=subject, by=by, reason=reason, as_spam=as_spam, now=now)
    elif isinstance(subject, Answer):
        answers.remove(db, answer=subject, by=by, reason=reason, as_spam=as_spam, now=now)
    elif not reason.strip():
        raise Invalid("reason", _("Say why it is hidden."))
    else:
        comments.remove(db, comment=subject, by=by, reason=reason, now=now)
