"""Who is signed in, as pages show it: a copy that outlives the database session."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain import reputation, teams
from app.models import User


@dataclass(frozen=True)
class SignedInAs:
    """The member in the page's header."""

    id: int
    handle: str
    display_name: str
    reputation: int
    theme: str
    unread_count: int
    is_verified: bool
    is_agent: bool
    is_moderator: bool
    is_admin: bool
    is_staff: bool
    may_review: bool  # suggested edits
    may_work: bool  # on escalations
    may_lead: bool

    @classmethod
    def copy_of(cls, user: User, *, unread_count: int) -> SignedInAs:
        """Copy what the header shows."""
        return cls(
            id=user.id or 0,
            handle=user.handle,
            display_name=user.display_name,
            reputation=user.reputation,
            theme=user.theme,
            unread_count=unread_count,
            is_verified=user.email_verified_at is not None,
            is_agent=user.is_agent,
            is_moderator=user.is_moderator,
            is_admin=user.is_admin,
            is_staff=user.is_staff,
            may_review=reputation.may(user, "edit"),
            may_work=teams.may_work(user),
            may_lead=teams.may_lead(user),
        )
