"""Sign up, and confirm the address by the link that is mailed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from app.core.errors import Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.core.redirects import safe_next
from app.domain import accounts
from app.models import User
from app.settings import Settings
from app.web import cookies, mail_links
from app.web.deps import Config, Db, Now, SignedIn, Viewer
from app.web.entering import SignUp, Visitor, enter, remember_sign_up, remembered_sign_up
from app.web.forms import Form, Submission, blank, submitted
from app.web.render import Page, redirect, render
from app.web.routers import PageRouter

router = PageRouter()

LINK_COOKIE = "pd_verify"


class SignUpForm(Form):
    """A sign-up as typed."""

    display_name: str = ""
    email: str = ""
    password: str = ""
    next: str = ""


@dataclass(frozen=True)
class SignUpPage(Page):
    """The sign-up form."""

    template = "account/signup.html"
    has_anonymous_form = True
    form: Submission[SignUpForm] | Submission[Form]
    next: str


@dataclass(frozen=True)
class VerifyPage(Page):
    """An address that waits to be confirmed (`state` sent), or the button that does it (confirm, failed)."""

    template = "account/verify.html"
    has_anonymous_form = True
    state: str
    email: str = ""


@router.get("/signup")
def sign_up_form(request: Request, settings: Config, viewer: Viewer, next: str = "") -> Response:  # noqa: A002
    """Show the sign-up form."""
    _require_open(settings)
    if viewer is not None:
        return redirect(request, safe_next(next))
    return render(request, SignUpPage(form=blank(), next=safe_next(next, default="")))


@router.post("/signup")
def sign_up(
    request: Request,
    settings: Config,
    db: Db,
    now: Now,
    browser: Visitor,
    form: Annotated[Submission[SignUpForm], Depends(submitted(SignUpForm))],
) -> Response:
    """Make an account; the answer is the same for an address that has one."""
    _require_open(settings)
    target = safe_next(form.values.get("next", ""), default="")
    try:
        data = form.valid()
        address = accounts.sign_up(
            db,
            email=data.email,
            display_name=data.display_name,
            password=data.password,
            browser=browser,
            now=now,
            site=settings.password_facts,
        )
    except Invalid as error:
        return render(request, SignUpPage(form=form.refused(error), next=target), status=422)
    response = redirect(request, "/verify")
    remember_sign_up(request, response, SignUp(address, target))
    return response


@router.get("/verify")
def verify(request: Request, viewer: Viewer) -> Response:
    """Say that a link is on its way."""
    waiting = viewer.email if viewer else remembered_sign_up(request).address
    if not waiting or (viewer is not None and viewer.email_verified_at is not None):
        return redirect(request, "/" if viewer else "/signin")
    return render(request, VerifyPage(state="sent", email=waiting))


@router.post("/verify")
def send_again(request: Request, db: Db, viewer: SignedIn, now: Now) -> Response:
    """Send another link to confirm one's address."""
    accounts.ask_for_link(db, by=viewer, now=now)
    return redirect(request, "/verify", flash=_("A new link is on its way."))


@router.get("/verify/address")
def verify_form(request: Request, db: Db, now: Now) -> Response:
    """Show the button that confirms: opening the link alone (mail scanners do) changes nothing."""
    token = cookies.read(request, LINK_COOKIE)
    found = accounts.link(db, token=token, purposes=accounts.CONFIRM_PURPOSES, now=now)
    if found is None:
        return render(request, VerifyPage(state="failed"), status=404)
    return render(request, VerifyPage(state="confirm", email=found.email))


@router.post("/verify/address")
def confirm(
    request: Request, settings: Config, db: Db, viewer: Viewer, now: Now, browser: Visitor
) -> Response:
    """Confirm the address; the browser that signed up with it is signed in."""
    token, waiting = cookies.read(request, LINK_COOKIE), remembered_sign_up(request)
    outcome = accounts.confirm_address(db, token=token, browser=browser, signed_up_as=waiting.key, now=now)
    response = _confirmed(request, viewer, outcome, to=waiting.next)
    cookies.remove(response, settings, LINK_COOKIE)
    return response


@router.get("/verify/{token}")
def open_link(request: Request, token: str) -> Response:
    """Go on to the button that confirms."""
    return mail_links.take_in(request, LINK_COOKIE, token, to="/verify/address")


def _confirmed(
    request: Request, viewer: User | None, outcome: accounts.SignedIn | User, *, to: str
) -> Response:
    done = _("Your address is confirmed.")
    if not isinstance(outcome, User):
        return enter(request, outcome, to=to, flash=done)
    if viewer is not None:
        return redirect(request, "/settings/account", flash=done)
    return redirect(request, "/signin", flash=_("Your address is confirmed. Sign in to go on."))


def _require_open(settings: Settings) -> None:
    if settings.sign_up == "closed":
        raise NotAllowed(_("New accounts are made by the people who run this place. Please ask them."))
