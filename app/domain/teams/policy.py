"""Who may work on cases, and who may set up the work of others."""

from __future__ import annotations

from app.models import User


def may_work(viewer: User | None) -> bool:
    """Whether the viewer works on escalations: an agent or a lead."""
    return viewer is not None and viewer.is_agent


def may_lead(viewer: User | None) -> bool:
    """Whether the viewer sets up teams, rules and deadlines: a lead or an administrator."""
    return viewer is not None and (viewer.support_role == "lead" or viewer.is_admin)


def may_note_absence(viewer: User | None, member: User) -> bool:
    """Whether the viewer may say when the member is away: oneself, and leads for others."""
    return may_lead(viewer) or (viewer is not None and may_work(viewer) and viewer.id == member.id)
