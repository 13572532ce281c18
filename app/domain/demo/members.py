"""Letting the people of the script join, with the roles of their part."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.domain import accounts, reputation
from app.domain.demo.script import Person
from app.models import User

MAIL_DOMAIN = "peerdesk.example"
"""Reserved for examples (RFC 2606): no mail to it can reach anybody."""

_SUPPORT_ROLES = {"agent": "agent", "lead": "lead"}
_MODERATION_ROLES = {"moderator": "moderator", "admin": "admin"}

GRANTED = {"reader": 20, "asker": 10, "regular": 80}
"""Points a customer brings along, as if from an earlier forum: else nobody could cast the first vote."""


def enrol(db: Session, *, person: Person, password_hash: str, now: datetime) -> User:
    """Make the account, confirmed and with its role; join the caller's transaction."""
    user = accounts.create(
        db,
        email=f"{person.handle}@{MAIL_DOMAIN}",
        handle=person.handle,
        display_name=person.name,
        password_hash=password_hash,
        support_role=_SUPPORT_ROLES.get(person.part, ""),
        moderation_role=_MODERATION_ROLES.get(person.part, ""),
        now=now,
    )
    points = GRANTED.get(person.part, 0)
    if points:
        reputation.settle(db, user_id=user.id or 0, cause="granted", kind="granted", worth=points, now=now)
    accounts.change_profile(
        db,
        by=user,
        display_name=user.display_name,
        handle=user.handle,
        location=person.location,
        about=person.about,
        theme="",
        now=now,
    )
    return user
