"""The audit log: what staff did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import NotFound
from app.core.paging import PageOf
from app.domain import audit, people
from app.models import AuditEntry
from app.web.deps import Db, Staff
from app.web.questions import PageNumber
from app.web.render import Page, render
from app.web.routers import DeskRouter

router = DeskRouter("/log")

Word = Annotated[str, Query(max_length=60)]
_NOBODY = 0  # no account has this id


@dataclass(frozen=True)
class LogPage(Page):
    """Entries, newest first, with what they are narrowed down to."""

    template = "desk/log.html"
    page: PageOf[AuditEntry]
    action: str
    actor: str
    kind: str
    subject_id: int
    actions: list[str]


@router.get("")
def index(
    request: Request,
    db: Db,
    viewer: Staff,
    action: Word = "",
    actor: Word = "",
    kind: Word = "",
    subject: Annotated[int, Query(ge=0, le=2_147_483_647)] = 0,
    page: PageNumber = 1,
) -> Response:
    """Show what staff did: all of it, or by act, member of staff, or subject."""
    entries = audit.entries(
        db,
        viewer=viewer,
        page=page,
        action=action,
        actor_id=_id_of(db, actor.strip()) if actor.strip() else None,
        subject=(kind, subject) if kind and subject else None,
    )
    shown = LogPage(
        page=entries,
        action=action,
        actor=actor.strip(),
        kind=kind,
        subject_id=subject,
        actions=list(audit.actions(db)),
    )
    return render(request, shown)


def _id_of(db: Session, handle: str) -> int:
    try:
        return people.by_handle(db, handle.lstrip("@")).id or _NOBODY
    except NotFound:
        return _NOBODY
