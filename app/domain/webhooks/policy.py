"""Who may set up webhooks."""

from __future__ import annotations

from app.models import User


def may_manage(viewer: User | None) -> bool:
    """Say whether this viewer may see and change endpoints: they send data out, so administrators only."""
    return viewer is not None and viewer.is_admin
