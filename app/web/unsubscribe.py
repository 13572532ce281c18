"""End a kind of e-mail from the e-mail itself, without signing in (RFC 8058).

The address is signed, so it needs no other proof; a mail program posts to it by itself, which is
why this router stands apart from the pages and their CSRF check.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.core.signing import unsign
from app.domain import notifications
from app.domain.notifications import Kind
from app.models import User
from app.web.deps import Db, identify
from app.web.render import Page, render

router = APIRouter(dependencies=[Depends(identify)], include_in_schema=False)

PURPOSE = "unsubscribe"


@dataclass(frozen=True)
class UnsubscribePage(Page):
    """Asks, or says that it is done."""

    template = "account/unsubscribe.html"
    choice: str
    action: str
    is_done: bool


@router.get("/unsubscribe/{token}")
def ask(request: Request, db: Db, token: str) -> Response:
    """Ask before ending it: link checkers open addresses, too."""
    _member, kind = _signed(request, db, token)
    return render(request, UnsubscribePage(choice=_(kind.choice), action=request.url.path, is_done=False))


@router.post("/unsubscribe/{token}")
def unsubscribe(request: Request, db: Db, token: str) -> Response:
    """End this kind of e-mail for the member the address was made for."""
    member, kind = _signed(request, db, token)
    notifications.choose(db, member=member, by_email=(), kinds=[kind.key])
    return render(request, UnsubscribePage(choice=_(kind.choice), action=request.url.path, is_done=True))


def _signed(request: Request, db: Db, token: str) -> tuple[User, Kind]:
    payload = unsign(token, purpose=PURPOSE, key=request.app.state.secret)
    if payload is None:
        raise NotFound(_("This link is too old. Sign in and choose under Settings, Notifications."))
    user_id, key = json.loads(payload)
    member, kind = db.get(User, user_id), notifications.KINDS.get(key)
    if member is None or kind is None:
        raise NotFound
    return member, kind
