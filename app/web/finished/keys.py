"""What finished pages depend on, and which events touch it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import union_all
from sqlmodel import Session, col, select

from app.domain.outbox import Recorded
from app.models import Answer, Question, SuggestedEdit

Key = tuple[str, int]

ANYTHING: Key = ("anything", 0)
"""Touched by every event that a visitor can see the effect of: what lists depend on."""

_EARNING = frozenset(
    {
        "AnswerAccepted",
        "AnswerRemoved",
        "AnswerRestored",
        "AnswerUnaccepted",
        "EditDecided",
        "QuestionRemoved",
        "QuestionRestored",
        "VoteCast",
    }
)
"""Events that change reputations, which stand beside names on other pages too."""


def question(number: int) -> Key:
    """Return the key of a thread: its texts, its counts, its status."""
    return ("question", number)


def member(number: int) -> Key:
    """Return the key of a member as pages name them: name, rank, reputation, role."""
    return ("member", number)


def touched(db: Session, events: Sequence[Recorded]) -> set[Key] | None:
    """Return what the events touch; None when it may be everything."""
    seen = [recorded for recorded in events if not recorded.event.is_inside]
    keys: set[Key] = {ANYTHING} if seen else set()
    for recorded in seen:
        named = _named(recorded)
        if not named:
            return None  # a product, a tag, a moved-in community: any page may show it
        keys |= named
    earned = {recorded.event.question_id or 0 for recorded in seen if recorded.event.name in _EARNING}
    keys.update(member(number) for number in _authors(db, earned))
    keys.update(member(number) for number in _suggesters(db, seen))
    return keys


def _named(recorded: Recorded) -> set[Key]:
    event, payload = recorded.event, recorded.event.payload()
    keys: set[Key] = set()
    for name in ("question_id", "duplicate_of_id", "was_duplicate_of_id"):
        if payload.get(name):
            keys.add(question(payload[name]))
    if payload.get("member_id"):
        keys.add(member(payload["member_id"]))
    if keys and event.by_id and event.name in _EARNING:
        keys.add(member(event.by_id))
    return keys


def _authors(db: Session, question_ids: Iterable[int]) -> set[int]:
    """Return who wrote in these threads: whose reputation their votes and acceptances change."""
    wanted = list(question_ids)
    if not wanted:
        return set()
    askers = select(Question.author_id).where(col(Question.id).in_(wanted))
    answerers = select(Answer.author_id).where(col(Answer.question_id).in_(wanted))
    return set(db.execute(union_all(askers, answerers)).scalars())


def _suggesters(db: Session, events: Iterable[Recorded]) -> set[int]:
    ids = [one.event.payload()["suggestion_id"] for one in events if one.event.name == "EditDecided"]
    if not ids:
        return set()
    return set(db.exec(select(SuggestedEdit.author_id).where(col(SuggestedEdit.id).in_(ids))))
