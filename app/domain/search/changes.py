"""What the outbox means to the index: which threads an event touches, and which of them may not be shown meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import BigInteger, bindparam, tuple_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.domain import catalog
from app.domain.outbox import EVENT_TYPES, Event, Position
from app.models import OutboxEvent, Question, QuestionTag

TOO_MANY = 2_000
AT_ONCE = 1_000
"""What touches more threads than this is left to a rebuild: following it would hold up what others post."""

IRRELEVANT = frozenset(
    {
        "MeTooAdded",
        "MeTooWithdrawn",
        "QuestionLocked",
        "QuestionUnlocked",
        "EditDecided",
        "PromiseChanged",
    }
)
"""Events that change nothing the index holds, beside those inside the desk."""

TAKES_NOTHING_AWAY = IRRELEVANT | {
    "QuestionAsked",
    "QuestionClosed",
    "QuestionReopened",
    "QuestionRestored",
    "AnswerPosted",
    "AnswerAccepted",
    "AnswerUnaccepted",
    "AnswerMadeOfficial",
    "AnswerRestored",
    "CommentPosted",
    "CommentRestored",
    "VoteCast",
}
"""Events after which the index still holds only what everybody may see."""


class Touched(NamedTuple):
    """The questions whose documents may have changed, each once; `is_all` is False when there were too many."""

    ids: list[int]
    is_all: bool


def touched(db: Session, events: Iterable[Event]) -> Touched:
    """Return which documents an event may have changed."""
    ids: dict[int, None] = {}
    is_all = True
    for event in events:
        if event.is_inside or event.name in IRRELEVANT:
            continue
        if event.question_id is not None:
            ids[event.question_id] = None
        else:
            of_many = list(_of_many(db, event))
            if len(of_many) > AT_ONCE:
                is_all = False
            else:
                ids.update(dict.fromkeys(of_many))
    return Touched(list(ids), is_all)


def withheld(db: Session, *, after: Position) -> frozenset[int] | None:
    """Return the threads from which something was taken away since `after`; None when too many to name.

    The index still has them as they were, so they must show up in nothing, not even in a count.
    """
    rows = db.exec(_taking_away(TAKES_NOTHING_AWAY | _inside()), params=after._asdict()).all()
    return None if len(rows) > TOO_MANY else frozenset(number for number in rows if number is not None)


def waiting(db: Session, *, after: Position, at_most: int) -> int:
    """Return how many changes come after a position, counted up to `at_most`."""
    behind = tuple_(col(OutboxEvent.xid), col(OutboxEvent.id)) > tuple_(after.xid, after.id)
    return len(db.exec(select(OutboxEvent.id).where(behind).limit(at_most)).all())


def oldest_waiting(db: Session, *, after: Position) -> datetime | None:
    """Return when the first change after a position happened; None when there is none."""
    behind = tuple_(col(OutboxEvent.xid), col(OutboxEvent.id)) > tuple_(after.xid, after.id)
    in_order = (col(OutboxEvent.xid), col(OutboxEvent.id))
    return db.exec(select(OutboxEvent.created_at).where(behind).order_by(*in_order).limit(1)).first()


def _of_many(db: Session, event: Event) -> Iterable[int]:
    """Return the questions of a tag, product or member that changed as a whole; of too many, not all."""
    statement = select(Question.id).where(col(Question.removed_at).is_(None)).limit(AT_ONCE + 1)
    if event.name == "TagsMerged":
        tagged = select(QuestionTag.question_id).where(QuestionTag.tag_id == event.payload()["into_id"])
        return db.exec(statement.where(col(Question.id).in_(tagged)))
    if event.name == "ContentMovedIn":
        first, last = event.payload()["first_id"], event.payload()["last_id"]
        return db.exec(statement.where(col(Question.id).between(first, last)))
    if event.name == "ProductChanged":
        below = catalog.descendant_ids(db, event.payload()["product_id"])
        return db.exec(statement.where(col(Question.product_id).in_(below)))
    if event.name in ("MemberRenamed", "MemberDeleted"):
        return db.exec(statement.where(Question.author_id == event.payload()["member_id"]))
    return ()


@cache
def _taking_away(harmless: frozenset[str]) -> SelectOfScalar[int | None]:
    # Kept: every search asks this, and to make the statement anew takes longer than to run it.
    after = tuple_(bindparam("xid", type_=BigInteger), bindparam("id", type_=BigInteger))
    return (
        select(col(OutboxEvent.question_id))
        .where(
            tuple_(col(OutboxEvent.xid), col(OutboxEvent.id)) > after,
            col(OutboxEvent.question_id).is_not(None),
            col(OutboxEvent.name).not_in(harmless),
        )
        .limit(TOO_MANY + 1)
    )


def _inside() -> frozenset[str]:
    return frozenset(name for name, event in EVENT_TYPES.items() if event.is_inside)
