"""Who may say whose word is taken."""

from __future__ import annotations

from app.models import User


def may_manage(viewer: User | None) -> bool:
    """Say whether this viewer may set up sites: who holds a key can be anybody's customer, so administrators only."""
    return viewer is not None and viewer.is_admin
