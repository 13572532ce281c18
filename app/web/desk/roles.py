"""Who leads, as a dependency of the desk's routes. For everybody else the pages do not exist."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from app.core.errors import NotFound
from app.domain import teams
from app.models import User
from app.web.deps import Viewer


async def require_lead(viewer: Viewer) -> User:
    """Return the lead or administrator who is signed in."""
    if viewer is None or not teams.may_lead(viewer):
        raise NotFound
    return viewer


Lead = Annotated[User, Depends(require_lead)]
