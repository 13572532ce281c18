"""What the outbox means to the index: which threads an event touches, and which of them may not be shown meanwhile."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import tuple_
from sqlmodel import Session, col, select

from app.domain import catalog
from app.domain.outbox import Event, Position
from app.models import OutboxEvent, Question, QuestionTag

TOO_MANY = 2_000

IRRELEVANT = frozenset(
    {
        "MeTooAdded",
        "MeTooWithdrawn",
        "QuestionLocked",
        "QuestionUnlocked",
        "EditSuggested",
        "EditDecided",
        "PostFlagged",
        "FlagDecided",
        "ReminderDue",
    }
)
"""Events that change nothing the index holds."""

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


def touched(db: Session, events: Iterable[Event]) -> list[int]:
    """Return the ids of the questions whose documents an event may have changed, each once."""
    ids: dict[int, None] = {}
    for event in events:
        if event.question_id is not None and event.name not in IRRELEVANT:
            ids[event.question_id] = None
        elif event.question_id is None:
            ids.update(dict.fromkeys(_of_many(db, event)))
    return list(ids)


def withheld(db: Session, *, after: Position) -> frozenset[int] | None:
    """Return the threads from which something was taken away since `after`; None when too many to name.

    The index still has them as they were, so they must show up in nothing, not even in a count.
    """
    rows = db.exec(
        select(OutboxEvent.question_id)
        .where(
            tuple_(col(OutboxEvent.xid), col(OutboxEvent.id)) > tuple_(after.xid, after.id),
            col(OutboxEvent.question_id).is_not(None),
            col(OutboxEvent.name).not_in(TAKES_NOTHING_AWAY),
        )
        .limit(TOO_MANY + 1)
    ).all()
    return None if len(rows) > TOO_MANY else frozenset(number for number in rows if number is not None)


def waiting(db: Session, *, after: Position, at_most: int) -> int:
    """Return about how many changes come after a position; no more than `at_most` are counted one by one."""
    behind = tuple_(col(OutboxEvent.xid), col(OutboxEvent.id)) > tuple_(after.xid, after.id)
    events = db.exec(select(OutboxEvent.id).where(behind).limit(at_most)).all()
    if not events:
        return 0
    moved_in = db.exec(
        select(OutboxEvent.payload).where(behind, OutboxEvent.name == "ContentMovedIn").limit(1_000)
    )
    return len(events) + sum(int(payload["last_id"]) - int(payload["first_id"]) for payload in moved_in)


def _of_many(db: Session, event: Event) -> Iterable[int]:
    """Return the questions of a tag, product or member that changed as a whole."""
    statement = select(Question.id).where(col(Question.removed_at).is_(None))
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
