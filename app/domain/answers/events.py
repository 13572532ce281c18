"""What happens to answers."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outbox import Event


@dataclass(frozen=True, kw_only=True)
class AnswerPosted(Event):
    """An answer was posted."""

    answer_id: int


@dataclass(frozen=True, kw_only=True)
class AnswerEdited(Event):
    """Its text changed."""

    answer_id: int
    revision: int


@dataclass(frozen=True, kw_only=True)
class AnswerAccepted(Event):
    """It solves the question; `for_silent_asker` when staff decided."""

    answer_id: int
    for_silent_asker: bool


@dataclass(frozen=True, kw_only=True)
class AnswerUnaccepted(Event):
    """It does not solve the question after all."""

    answer_id: int


@dataclass(frozen=True, kw_only=True)
class AnswerMadeOfficial(Event):
    """It is the company's position, or no longer."""

    answer_id: int
    is_official: bool


@dataclass(frozen=True, kw_only=True)
class AnswerRemoved(Event):
    """It was deleted by its author, hidden by staff, or removed as spam."""

    answer_id: int
    removal: str


@dataclass(frozen=True, kw_only=True)
class AnswerRestored(Event):
    """It is back."""

    answer_id: int
