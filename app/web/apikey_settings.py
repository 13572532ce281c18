"""Settings: keys by which programs act for a member over the API."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import DomainError
from app.core.i18n import gettext as _
from app.domain import apikeys
from app.models import ApiKey, User
from app.web.deps import Db, Now, RowId, SignedIn
from app.web.errors import status_of
from app.web.forms import Form, Submission, blank, submitted
from app.web.render import Page, redirect, render
from app.web.routers import PageRouter

router = PageRouter("/settings/keys")

LIFETIMES = ("30", "90", "365")


class KeyForm(Form):
    """What a key is for, what it may do, where, and how long."""

    name: str = ""
    scopes: str = ""
    origins: str = ""
    days: str = ""
    password: str = ""


@dataclass(frozen=True)
class KeysPage(Page):
    """One's keys, the form that makes one, and the one that was just made."""

    template = "account/keys.html"
    tab: str
    keys: Sequence[ApiKey]
    token: str
    asks_password: bool
    form: Submission[KeyForm] | Submission[Form]
    scopes: Sequence[tuple[str, str]]
    lifetimes: Sequence[tuple[str, str]]


@router.get("")
def keys(request: Request, db: Db, viewer: SignedIn) -> Response:
    """List one's keys."""
    return _shown(request, db, viewer, blank(scopes="read"))


@router.post("")
def make_key(
    request: Request,
    db: Db,
    viewer: SignedIn,
    now: Now,
    form: Annotated[Submission[KeyForm], Depends(submitted(KeyForm))],
) -> Response:
    """Make a key and show it, this once: that is why no redirect follows."""
    try:
        data = form.valid()
        made = apikeys.create_own(
            db,
            owner=viewer,
            password=data.password,
            name=data.name,
            scopes=[scope for scope in data.scopes.split(",") if scope],
            origins=re.split(r"[\s,]+", data.origins),
            expires_at=now + timedelta(days=int(data.days)) if data.days in LIFETIMES else None,
            now=now,
        )
    except DomainError as error:
        return _shown(request, db, viewer, form.refused(error), status=status_of(error))
    response = _shown(request, db, viewer, blank(scopes="read"), token=made.token)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@router.post("/{key_id:int}/revoke")
def revoke(request: Request, db: Db, viewer: SignedIn, now: Now, key_id: RowId) -> Response:
    """End a key."""
    key = apikeys.revoke(db, key_id=key_id, by=viewer, now=now)
    return redirect(
        request, "/settings/keys", flash=_("The key “%(name)s” works no more.") % {"name": key.name}
    )


def _shown(
    request: Request,
    db: Session,
    viewer: User,
    form: Submission[KeyForm] | Submission[Form],
    *,
    token: str = "",
    status: int = 200,
) -> Response:
    words = _scope_words()
    return render(
        request,
        KeysPage(
            tab="keys",
            keys=apikeys.keys_of(db, owner=viewer),
            token=token,
            asks_password=viewer.password_hash is not None,
            form=form,
            scopes=[(scope, words[scope]) for scope in apikeys.scopes_of(viewer)],
            lifetimes=[(days, _("%(n)s days") % {"n": days}) for days in LIFETIMES],
        ),
        status=status,
    )


def _scope_words() -> dict[str, str]:
    return {
        "read": _("Read what you may read"),
        "write": _("Ask, answer, comment, vote and accept as you"),
        "staff": _("Act as an agent: the queue, and what staff see"),
        "moderate": _("Act as a moderator"),
        "webhooks": _("Set up where events are sent"),
        "admin": _("Act as an administrator"),
    }
