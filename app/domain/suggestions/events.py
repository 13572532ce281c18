"""What happens to suggested edits."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outbox import Event


@dataclass(frozen=True, kw_only=True)
class EditSuggested(Event, inside=True):
    """A member suggested an edit of the post."""

    suggestion_id: int
    post_id: int


@dataclass(frozen=True, kw_only=True)
class EditDecided(Event):
    """It was approved or rejected, or the post moved on before anybody decided."""

    suggestion_id: int
    post_id: int
    decision: str
