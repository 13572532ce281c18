"""Who may say when staff are there."""

from __future__ import annotations

from app.models import User


def may_set_up(viewer: User | None) -> bool:
    """Whether the viewer sets up calendars and deadlines: a lead or an administrator."""
    return viewer is not None and (viewer.support_role == "lead" or viewer.is_admin)
