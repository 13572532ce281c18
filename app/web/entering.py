"""Coming in and going out: the cookies of a signed-in browser, in one place."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from app.core.addresses import email_key
from app.core.redirects import safe_next
from app.core.signing import sign, unsign
from app.domain import accounts
from app.web import cookies
from app.web.csrf import PRE_SESSION_COOKIE
from app.web.deps import SESSION_COOKIE, ClientAddress
from app.web.render import redirect

DEVICE_COOKIE = "pd_device"
SIGN_UP_COOKIE = "pd_signup"
_DAY = 86_400
_YEAR = 365 * _DAY


@dataclass(frozen=True)
class SignUp:
    """What a browser remembers of a sign-up that waits to be confirmed. It says nothing about who has an account."""

    address: str = ""
    next: str = ""

    @property
    def key(self) -> str:
        """The address as accounts are found by; "" for a browser that signed up nobody."""
        return email_key(self.address)


def visitor(request: Request, address: ClientAddress) -> accounts.Browser:
    """Return where the request comes from, as limits and sessions see it."""
    signed = cookies.read(request, DEVICE_COOKIE)
    device = unsign(signed, purpose="device", key=request.app.state.secret) if signed else None
    return accounts.Browser(
        address=address,
        user_agent=request.headers.get("user-agent", ""),
        session=cookies.read(request, SESSION_COOKIE),
        device=device or "",
    )


Visitor = Annotated[accounts.Browser, Depends(visitor)]


def enter(request: Request, signed_in: accounts.SignedIn, *, to: str, flash: str = "") -> Response:
    """Return the redirect with which a visitor becomes the member: nothing of the time before stays valid."""
    settings = request.app.state.settings
    response = redirect(request, safe_next(to), flash=flash)
    cookies.write(
        response,
        settings,
        SESSION_COOKIE,
        signed_in.token,
        max_age=int(accounts.SESSION_LIFETIME.total_seconds()),
    )
    device = sign(signed_in.device, purpose="device", key=request.app.state.secret, seconds=_YEAR)
    cookies.write(response, settings, DEVICE_COOKIE, device, max_age=_YEAR)
    cookies.remove(response, settings, PRE_SESSION_COOKIE)
    cookies.remove(response, settings, SIGN_UP_COOKIE)
    return response


def leave(request: Request, *, to: str = "/", flash: str = "") -> Response:
    """Return the redirect with which a member becomes a visitor. The device stays known for its limits."""
    response = redirect(request, to, flash=flash)
    cookies.remove(response, request.app.state.settings, SESSION_COOKIE)
    return response


def remember_sign_up(request: Request, response: Response, sign_up: SignUp) -> None:
    """Keep, in the browser that signs up, which address it was, so that its link signs in just there."""
    payload = json.dumps([sign_up.address, sign_up.next])
    signed = sign(payload, purpose="sign up", key=request.app.state.secret, seconds=3 * _DAY)
    cookies.write(response, request.app.state.settings, SIGN_UP_COOKIE, signed, max_age=3 * _DAY)


def remembered_sign_up(request: Request) -> SignUp:
    """Return what `remember_sign_up` kept in this browser."""
    signed = cookies.read(request, SIGN_UP_COOKIE)
    payload = unsign(signed, purpose="sign up", key=request.app.state.secret) if signed else None
    return SignUp(*json.loads(payload)) if payload else SignUp()
