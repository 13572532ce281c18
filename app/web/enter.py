"""Coming in from a product site, by its word.

A token in an address would stay in histories and logs, so the first thing is to move it into a cookie
of five minutes and go on to an address without it. Signing in then takes a press of a button, unless
the site was asked for the token by this very browser (its nonce says so). What they were about to ask
comes along.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Path, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import NotFound
from app.core.signing import new_token
from app.domain import identity
from app.domain.identity import BadToken, Claims
from app.models import User
from app.web import cookies
from app.web.deps import Config, Db, Now, Viewer
from app.web.entering import Visitor, enter
from app.web.render import Page, redirect, render
from app.web.routers import PageRouter

router = PageRouter("/enter")

TOKEN_COOKIE = "pd_token"  # noqa: S105  (a name)
NONCE_COOKIE = "pd_nonce"
QUESTION_COOKIE = "pd_question"
SECONDS = int(identity.LIFETIME.total_seconds())
ASK = "/ask"

Product = Annotated[str, Query(max_length=100)]
Title = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class EnterPage(Page):
    """Who comes, from where, and what follows from going on. `way`: new, known, connect, taken, staff."""

    template = "account/enter.html"
    has_anonymous_form = True
    site_name: str
    name: str
    way: str
    member: User | None


@router.get("")
def show(
    request: Request,
    db: Db,
    settings: Config,
    now: Now,
    viewer: Viewer,
    browser: Visitor,
    token: Annotated[str, Query(max_length=4_000)] = "",
    product: Product = "",
    title: Title = "",
) -> Response:
    """Take a token in and go on without it; then ask whether to sign in."""
    given = token or cookies.read(request, TOKEN_COOKIE)
    claims = _read(request, db, given, now)
    way = _way(db, claims, viewer)
    if not token:
        return render(request, _page(db, claims, way, viewer))
    if way in ("new", "known") and _is_asked_for(request, claims):
        signed_in = identity.enter(db, claims=claims, viewer=viewer, browser=browser, now=now)
        response = enter(request, signed_in, to=_question(request))
        cookies.remove(response, settings, NONCE_COOKIE)
        cookies.remove(response, settings, QUESTION_COOKIE)
        return response
    response = redirect(request, "/enter")
    cookies.write(response, settings, TOKEN_COOKIE, token, max_age=SECONDS)
    if product or title or not _is_asked_for(request, claims):
        _keep_question(response, settings, product, title)
    return response


@router.post("")
def go_on(request: Request, db: Db, settings: Config, now: Now, viewer: Viewer, browser: Visitor) -> Response:
    """Use the token up and sign in."""
    claims = _read(request, db, cookies.read(request, TOKEN_COOKIE), now)
    signed_in = identity.enter(db, claims=claims, viewer=viewer, browser=browser, now=now)
    response = enter(request, signed_in, to=_question(request))
    cookies.remove(response, settings, TOKEN_COOKIE)
    cookies.remove(response, settings, QUESTION_COOKIE)
    return response


@router.get("/from/{issuer}")
def begin(
    request: Request,
    db: Db,
    settings: Config,
    issuer: Annotated[str, Path(max_length=40)],
    product: Product = "",
    title: Title = "",
) -> Response:
    """Send the visitor to the site for a token that is bound to this browser."""
    start_url = identity.start_url_of(db, issuer=issuer)
    if not start_url:
        raise NotFound
    nonce = new_token()
    joint = "&" if urlsplit(start_url).query else "?"
    response = redirect(request, f"{start_url}{joint}{urlencode({'nonce': nonce})}")
    cookies.write(response, settings, NONCE_COOKIE, nonce, max_age=2 * SECONDS)
    _keep_question(response, settings, product, title)
    return response


def _read(request: Request, db: Session, token: str, now: Now) -> Claims:
    if not token:
        raise BadToken("none")
    state = request.app.state
    return identity.read(db, token, audience=state.settings.base_url, secret=state.secret, now=now)


def _way(db: Session, claims: Claims, viewer: User | None) -> str:
    member = identity.member_of(db, claims)
    if member is not None:
        return "staff" if member.is_staff else "known"
    if viewer is not None:
        return "staff" if viewer.is_staff else "connect"
    return "taken" if identity.address_has_account(db, claims) else "new"


def _page(db: Session, claims: Claims, way: str, viewer: User | None) -> EnterPage:
    member = identity.member_of(db, claims) or viewer
    return EnterPage(site_name=claims.site.name, name=claims.name, way=way, member=member)


def _keep_question(response: Response, settings: Config, product: str, title: str) -> None:
    """Remember what was about to be asked, which may be nothing, until its asker has come in."""
    given = {name: value for name, value in (("product", product), ("title", title)) if value}
    if given:
        cookies.write(response, settings, QUESTION_COOKIE, urlencode(given), max_age=2 * SECONDS)
    else:
        cookies.remove(response, settings, QUESTION_COOKIE)


def _question(request: Request) -> str:
    """Return the address of the form, filled in with what was about to be asked."""
    given = dict(parse_qsl(cookies.read(request, QUESTION_COOKIE)))
    known = [(name, given[name]) for name in ("product", "title") if name in given]
    return f"{ASK}?{urlencode(known)}" if known else ASK


def _is_asked_for(request: Request, claims: Claims) -> bool:
    nonce = cookies.read(request, NONCE_COOKIE)
    return bool(nonce) and hmac.compare_digest(nonce.encode(), claims.nonce.encode())
