"""Who uses and who changes macros."""

from __future__ import annotations

from app.models import Macro, User


def may_use(viewer: User | None) -> bool:
    """Say whether they work on cases and so run macros."""
    return viewer is not None and viewer.is_agent


def may_change(viewer: User | None, macro: Macro) -> bool:
    """Say whether they may change or retire a macro: leads, and who made it."""
    if viewer is None or not may_use(viewer):
        return False
    return viewer.support_role == "lead" or macro.created_by_id == viewer.id
