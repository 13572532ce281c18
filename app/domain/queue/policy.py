"""Who works on cases."""

from __future__ import annotations

from app.models import SavedView, User


def may_work(viewer: User | None) -> bool:
    """Say whether they see the queue at all. Moderators without a support role do not."""
    return viewer is not None and viewer.is_agent


def may_use(viewer: User | None, view: SavedView) -> bool:
    """Say whether a saved view is theirs or shared with them."""
    return viewer is not None and may_work(viewer) and (view.is_shared or view.owner_id == viewer.id)


def may_change(viewer: User | None, view: SavedView) -> bool:
    """Say whether they may change or remove a saved view: only its owner."""
    return viewer is not None and may_work(viewer) and view.owner_id == viewer.id
