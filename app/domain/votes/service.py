"""Cast, change and take back votes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TypeVar

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.core.db import LOCK, atomic
from app.core.errors import Conflict, Invalid, NotAllowed, TooMany
from app.core.i18n import gettext as _
from app.core.ranking import hot, wilson
from app.domain import outbox, reputation
from app.domain.votes.events import VoteCast
from app.domain.votes.policy import VOTES_A_DAY, may_change, may_vote
from app.models import Answer, Question, User, Vote

Row = TypeVar("Row", Question, Answer)


@atomic
def cast(db: Session, *, post: Question | Answer, by: User, value: int, now: datetime) -> Question | Answer:
    """Make `value` (1, -1, or 0 for none) the member's vote on the post; the same value twice changes nothing.

    Raises NotAllowed (own post, missing privilege), Conflict (too late to change), TooMany
    (the day's votes are used up).
    """
    if value not in (-1, 0, 1):
        raise Invalid("value", _("A vote is up, down or none."))
    reputation.require(by, "vote_down" if value < 0 else "vote_up", now=now)
    question = _locked(db, Question, post.question_id)
    post = question if isinstance(post, Question) else _locked(db, Answer, post.id)
    if not may_vote(by, post, question):
        raise NotAllowed(_("You can't vote here: it is your own post, or the page is locked."))
    # Both accounts are locked, in the order of their ids: votes of one member are counted one after another.
    for user_id in sorted({by.id or 0, post.author_id}):
        db.get_one(User, user_id, with_for_update=LOCK)
    vote = db.exec(select(Vote).where(Vote.post_id == post.id, Vote.user_id == by.id)).first()
    before = vote.value if vote else 0
    if before == value:
        return post
    if vote is not None and not may_change(vote, post, now=now):
        raise Conflict(_("A vote can be changed for ten minutes, and again after the post is edited."))
    day = (vote.cast_at if vote else now).astimezone(UTC).date()
    _write(db, vote, post, by, value, now=now)
    _recount(db, post)
    _settle(db, post, by, value, was=before, day=day, now=now)
    event = VoteCast(by_id=by.id, question_id=question.id, post_id=post.id, value=value)
    outbox.record(db, event, now=now)
    return post


def _write(
    db: Session, vote: Vote | None, post: Question | Answer, by: User, value: int, *, now: datetime
) -> None:
    if vote is None:
        _check_daily_limit(db, by, now=now)
        db.add(Vote(post_id=post.id, user_id=by.id or 0, value=value, cast_at=now))
    elif value == 0:
        db.delete(vote)
    else:
        vote.value = value
        db.add(vote)
    db.flush()


def _check_daily_limit(db: Session, by: User, *, now: datetime) -> None:
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    today = select(func.count()).select_from(Vote).where(Vote.user_id == by.id, col(Vote.cast_at) >= midnight)
    if db.exec(today).one() >= VOTES_A_DAY:
        wait = 86_400 - int((now - midnight).total_seconds())
        raise TooMany(
            _("You have used today's 40 votes; there are new ones after midnight UTC."), retry_after=wait
        )


def _recount(db: Session, post: Question | Answer) -> None:
    rows = db.exec(select(Vote.value, func.count()).where(Vote.post_id == post.id).group_by(col(Vote.value)))
    counted = dict(rows.all())
    post.up_count = post.moved_in_up + counted.get(1, 0)
    post.down_count = post.moved_in_down + counted.get(-1, 0)
    post.score = post.up_count - post.down_count
    if isinstance(post, Question):
        post.hot = hot(post.score, post.created_at)
    else:
        post.wilson = wilson(post.up_count, post.down_count)
    db.add(post)
    db.flush()


def _settle(
    db: Session, post: Question | Answer, by: User, value: int, *, was: int, day: date, now: datetime
) -> None:
    up = "question_voted_up" if isinstance(post, Question) else "answer_voted_up"
    received = {1: up, -1: "voted_down", 0: "vote_taken_back"}[value]
    shares = [(post.author_id, received, reputation.POINTS.get(received, 0))]
    if isinstance(post, Answer) and -1 in (was, value):  # only a down vote costs its voter
        cost = reputation.POINTS["voting_down"] if value < 0 else 0
        shares.append((by.id or 0, "voting_down", cost))
    for user_id, kind, worth in sorted(shares):  # accounts are locked in the order of their ids
        reputation.settle(
            db,
            user_id=user_id,
            cause=f"vote:{post.id}:{by.id}",
            kind=kind,
            worth=worth,
            post_id=post.id,
            day=day if user_id == post.author_id else None,
            now=now,
        )


def _locked(db: Session, table: type[Row], row_id: int) -> Row:
    return db.get_one(table, row_id, with_for_update={"of": table, **LOCK}, populate_existing=True)
