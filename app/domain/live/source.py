"""The source of live messages: the outbox's change feed, and who has which case open."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine
from sqlmodel import Session

from app.core.db import new_session
from app.core.hub import Message, Place, reset
from app.domain import outbox
from app.domain.live.policy import CASE, QUEUE
from app.domain.live.queries import Visible, present, visible
from app.domain.live.table import PUBLIC
from app.domain.outbox import Position, Recorded
from app.models import Question

AT_ONCE = 500
"""Changes read in one go; a listener who missed more than that is told to begin anew."""

_TAKEN_AWAY = ("question.removed", "answer.removed", "comment.removed")


class Changes:
    """What `app.core.hub.Hub` reads. `now` is the clock of this process."""

    def __init__(self, bind: Engine | Connection, *, now: Callable[[], datetime]) -> None:
        self._bind = bind
        self._now = now
        self._present: Mapping[int, object] = {}

    def end(self) -> Place:
        with new_session(self._bind) as db:
            return outbox.end_of_feed(db)

    def read(self, after: Place) -> tuple[Sequence[Message], Place]:
        with new_session(self._bind) as db:
            changes = outbox.feed(db, after=Position(*after), limit=AT_ONCE)
            return _messages(db, changes), changes[-1].position if changes else after

    def watch(self, topics: Collection[str]) -> Sequence[Message]:
        """Return who came to or left a case since the last look, if staff listen."""
        if not any(topic == QUEUE or topic.startswith(f"{CASE}:") for topic in topics):
            return []
        with new_session(self._bind) as db:
            now_present = present(db, now=self._now())
        before, self._present = self._present, now_present
        cases = sorted(before.keys() | now_present.keys())
        return [_presence(case, now_present) for case in cases if before.get(case) != now_present.get(case)]

    def catch_up(self, topics: frozenset[str], after: Place | None) -> Sequence[Message]:
        """Return what was missed since `after`, and the state of each question and case listened for."""
        with new_session(self._bind) as db:
            missed = _missed(db, topics, Position(*after)) if after is not None else []
            numbers = _numbers(topics, "question")
            seen = visible(db, question_ids=numbers, answer_ids=(), comment_ids=())
            states = [_state(seen.questions[number]) for number in numbers if number in seen.questions]
            cases = _numbers(topics, CASE)
            here = present(db, now=self._now()) if cases else {}
            return [*missed, *states, *(_presence(case, here) for case in cases)]


def _missed(db: Session, topics: frozenset[str], after: Position) -> list[Message]:
    changes = outbox.feed(db, after=after, limit=AT_ONCE + 1)
    if len(changes) > AT_ONCE:
        return [reset(outbox.end_of_feed(db))]
    return [message for message in _messages(db, changes) if message.topics & topics]


def _messages(db: Session, changes: Sequence[Recorded]) -> list[Message]:
    """Translate events; what a stranger may not see now makes no public message."""
    payloads = [change.event.payload() for change in changes if PUBLIC.get(type(change.event))]
    seen = visible(
        db, **{f"{name}s": _values(payloads, name) for name in ("question_id", "answer_id", "comment_id")}
    )
    found = (_message(change, seen) for change in changes)
    return [message for message in found if message is not None]


def _message(change: Recorded, seen: Visible) -> Message | None:
    facts = change.event.payload()
    if "escalation_id" in facts:
        return _of_case(change, facts)
    name = PUBLIC.get(type(change.event), "")
    question = seen.questions.get(facts["question_id"] or 0)
    if not name or not _may_be_told(name, facts, question, seen):
        return None
    ids: dict[str, Any] = {key: facts[key] for key in ("answer_id", "comment_id", "post_id") if key in facts}
    data: dict[str, Any] = {"question_id": facts["question_id"], **ids, "at": change.at.isoformat()}
    topics = {"public", f"question:{facts['question_id']}"}
    if question is not None:
        trail = seen.trail(question)
        data |= {"product": trail[0] if trail else None, **_counts(question)}
        topics |= {f"product:{slug}" for slug in trail}
    return Message(name, data, frozenset(topics), change.position)


def _may_be_told(name: str, facts: Mapping[str, Any], question: Question | None, seen: Visible) -> bool:
    if name == "question.removed":
        return question is None
    if question is None:
        return False
    if name in _TAKEN_AWAY:
        return True
    return facts.get("answer_id") in {None, *seen.answer_ids} and facts.get("comment_id") in {
        None,
        *seen.comment_ids,
    }


def _of_case(change: Recorded, facts: Mapping[str, Any]) -> Message:
    case = facts["escalation_id"]
    data = {
        "case_id": case,
        "question_id": facts["question_id"],
        "event": change.event.name,
        "by_id": facts["by_id"],
        "at": change.at.isoformat(),
    }
    return Message("case", data, frozenset({QUEUE, f"{CASE}:{case}"}), change.position)


def _presence(case: int, here: Mapping[int, object]) -> Message:
    data = {"case_id": case, "people": here.get(case, [])}
    return Message("presence", data, frozenset({QUEUE, f"{CASE}:{case}"}))


def _state(question: Question) -> Message:
    return Message("state", {"question_id": question.id, **_counts(question)})


def _counts(question: Question) -> dict[str, str | int]:
    return {"status": question.status, "answer_count": question.answer_count}


def _values(payloads: Sequence[Mapping[str, Any]], name: str) -> frozenset[int]:
    return frozenset(payload[name] for payload in payloads if payload.get(name) is not None)


def _numbers(topics: frozenset[str], kind: str) -> list[int]:
    prefix = f"{kind}:"
    return sorted(int(topic.removeprefix(prefix)) for topic in topics if topic.startswith(prefix))
