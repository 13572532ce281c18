"""Who works on cases and who leads, as dependencies of the desk's routes. For everybody else the pages do not exist."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from app.core.errors import NotFound
from app.domain import teams
from app.models import User
from app.web.deps import Viewer


def require_agent(viewer: Viewer) -> User:
    """Return the agent or lead who is signed in."""
    if viewer is None or not teams.may_work(viewer):
        raise NotFound
    return viewer


def require_lead(viewer: Viewer) -> User:
    """Return the lead or administrator who is signed in."""
    if viewer is None or not teams.may_lead(viewer):
        raise NotFound
    return viewer


Agent = Annotated[User, Depends(require_agent)]
Lead = Annotated[User, Depends(require_lead)]
