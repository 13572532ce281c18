"""What happens to members."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outbox import Event


@dataclass(frozen=True, kw_only=True)
class MemberJoined(Event):
    """An account was made, or an imported one was claimed."""

    member_id: int


@dataclass(frozen=True, kw_only=True)
class MemberRenamed(Event):
    """The display name or the handle changed."""

    member_id: int


@dataclass(frozen=True, kw_only=True)
class MemberSuspended(Event):
    """They may only read for a while."""

    member_id: int


@dataclass(frozen=True, kw_only=True)
class MemberReleased(Event):
    """A suspension was taken back before its end."""

    member_id: int


@dataclass(frozen=True, kw_only=True)
class RolesChanged(Event):
    """They were given other roles in support or moderation."""

    member_id: int


@dataclass(frozen=True, kw_only=True)
class MemberDeleted(Event):
    """They deleted their account; what they wrote stays, without their name."""

    member_id: int
