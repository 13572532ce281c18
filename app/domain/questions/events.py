"""What happens to questions. The thread is in `question_id` of each."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outbox import Event


@dataclass(frozen=True, kw_only=True)
class QuestionAsked(Event):
    """A question was posted."""


@dataclass(frozen=True, kw_only=True)
class QuestionEdited(Event):
    """Its title, text, tags or environment changed."""

    revision: int


@dataclass(frozen=True, kw_only=True)
class QuestionClosed(Event):
    """It takes no more answers; a duplicate names its original."""

    reason: str
    duplicate_of_id: int | None


@dataclass(frozen=True, kw_only=True)
class QuestionReopened(Event):
    """It takes answers again."""

    was_duplicate_of_id: int | None


@dataclass(frozen=True, kw_only=True)
class QuestionRemoved(Event):
    """It was deleted by its author, hidden by staff, or removed as spam."""

    removal: str


@dataclass(frozen=True, kw_only=True)
class QuestionRestored(Event):
    """It is back."""


@dataclass(frozen=True, kw_only=True)
class QuestionLocked(Event):
    """Nothing on its page may change."""


@dataclass(frozen=True, kw_only=True)
class QuestionUnlocked(Event):
    """It may change again."""
