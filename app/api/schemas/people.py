"""Members and their ledgers."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from app.api.schemas.base import Listing, Out, Site
from app.domain import people, reputation
from app.models import User


class Author(Out):
    """A member beside what they wrote."""

    id: int
    handle: str
    display_name: str
    reputation: int
    is_staff: bool
    url: str | None = Field(description="Null for former members, who have no page.")

    @classmethod
    def of(cls, member: User, site: Site) -> Author:
        """Write down a member."""
        return cls(
            id=member.id or 0,
            handle=member.handle,
            display_name=member.display_name,
            reputation=member.reputation,
            is_staff=member.is_staff,
            url=site.member(member),
        )


class Badge(Out):
    """A badge that a member holds."""

    name: str
    metal: str = Field(examples=["gold"])
    awarded_at: datetime


class Member(Author):
    """A member as everybody may see them."""

    rank: str
    location: str
    about_html: str
    created_at: datetime
    question_count: int
    answer_count: int
    accepted_count: int = Field(description="How many of the answers are accepted.")
    badges: list[Badge]

    @classmethod
    def with_profile(cls, member: User, profile: people.Profile, site: Site) -> Member:
        """Write down a member with what their page shows."""
        return cls(
            **Author.of(member, site).model_dump(),
            rank=reputation.rank_of(member).name,
            location=member.location,
            about_html=member.about_html,
            created_at=member.created_at,
            question_count=profile.question_count,
            answer_count=profile.answer_count,
            accepted_count=profile.accepted_count,
            badges=[
                Badge(name=each.name, metal=each.metal, awarded_at=each.awarded_at) for each in profile.badges
            ],
        )


class KeyInUse(Out):
    """The key that came with the request."""

    name: str
    scopes: list[str]
    expires_at: datetime | None


class Privilege(Out):
    """Something that reputation brings, and whether you have it."""

    key: str = Field(examples=["vote_up"])
    title: str
    threshold: int = Field(description="The reputation that brings it.")
    is_held: bool


class Me(Author):
    """Who you are to the API."""

    rank: str
    is_verified: bool = Field(
        description="Whether the e-mail address is confirmed; before, nothing can be posted."
    )
    suspended_until: datetime | None
    privileges: list[Privilege]
    api_key: KeyInUse | None = Field(description="Null when a browser session asks.")
    csrf_token: str | None = Field(
        description="For browser sessions: send it as X-CSRF-Token with everything but GET. Null for keys."
    )

    @classmethod
    def with_rights(
        cls,
        member: User,
        *,
        suspended_until: datetime | None,
        key: KeyInUse | None,
        token: str | None,
        site: Site,
    ) -> Me:
        """Write down who asks and what they may do."""
        return cls(
            **Author.of(member, site).model_dump(),
            rank=reputation.rank_of(member).name,
            is_verified=member.email_verified_at is not None,
            suspended_until=suspended_until,
            privileges=[
                Privilege(
                    key=each.key,
                    title=each.title,
                    threshold=each.threshold,
                    is_held=reputation.may(member, each.key),
                )
                for each in reputation.PRIVILEGES
            ],
            api_key=key,
            csrf_token=token,
        )


class LedgerLine(Out):
    """A line of the ledger: what happened, and what it brought."""

    id: int
    points: int
    kind: str = Field(examples=["answer_accepted"])
    created_at: datetime
    question_id: int | None
    post_id: int | None
    title: str = Field(description="The question's title; empty when it is gone.")
    url: str | None

    @classmethod
    def of(cls, line: reputation.LedgerLine, site: Site) -> LedgerLine:
        """Write down a line."""
        return cls(
            id=line.id,
            points=line.points,
            kind=line.kind,
            created_at=line.at,
            question_id=line.question_id,
            post_id=line.post_id,
            title=line.title,
            url=site.post(line.post_id) if line.post_id else None,
        )


class Ledger(Listing[LedgerLine]):
    """A page of a member's ledger, newest first."""
