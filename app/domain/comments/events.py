"""What happens to comments."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outbox import Event


@dataclass(frozen=True, kw_only=True)
class CommentPosted(Event):
    """A comment was posted under the post."""

    comment_id: int
    post_id: int


@dataclass(frozen=True, kw_only=True)
class CommentEdited(Event):
    """Its text changed."""

    comment_id: int


@dataclass(frozen=True, kw_only=True)
class CommentRemoved(Event):
    """It was deleted by its author or hidden by staff."""

    comment_id: int


@dataclass(frozen=True, kw_only=True)
class CommentRestored(Event):
    """It is back."""

    comment_id: int
