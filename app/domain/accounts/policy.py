"""Who may change whose account."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.models import User

HANDLE_REST = timedelta(days=30)
"""How long a changed handle stays: others have learned it."""


def may_set_roles(viewer: User | None) -> bool:
    """Administrators give roles."""
    return viewer is not None and viewer.is_admin


def may_sign_out(viewer: User | None) -> bool:
    """Administrators end the sessions of others."""
    return viewer is not None and viewer.is_admin


def may_suspend(viewer: User | None, member: User) -> bool:
    """Moderators suspend customers, administrators also staff; nobody themselves."""
    if viewer is None or viewer.id == member.id or member.deleted_at is not None:
        return False
    return viewer.is_admin or (viewer.is_moderator and not member.is_staff)


def handle_locked_until(member: User, now: datetime) -> datetime | None:
    """Return until when the handle stays as it is; None when it can be changed now."""
    if member.handle_changed_at is None:
        return None
    until = member.handle_changed_at + HANDLE_REST
    return until if until > now else None


def personal_facts(*, display_name: str, handle: str, address: str) -> tuple[str, ...]:
    """Return what a password may not be made of: what everybody can know of the member."""
    joined = "".join(display_name.split())
    return (display_name, joined, handle, address, address.partition("@")[0])
