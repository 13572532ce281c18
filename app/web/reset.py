"""Choose a new password by a link, or the first one for an imported account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.domain import accounts
from app.web import cookies, mail_links
from app.web.deps import Config, Db, Now
from app.web.entering import Visitor, enter
from app.web.forms import Form, Submission, blank, submitted
from app.web.render import Page, redirect, render
from app.web.routers import PageRouter

router = PageRouter()

LINK_COOKIE = "pd_reset"


class ResetRequestForm(Form):
    """Whose password is forgotten."""

    email: str = ""


class ResetForm(Form):
    """The new password."""

    password: str = ""


@dataclass(frozen=True)
class ResetRequestPage(Page):
    """The form that asks for a link, or the answer, which is the same for every address."""

    template = "account/reset_request.html"
    has_anonymous_form = True
    form: Submission[ResetRequestForm] | Submission[Form]
    is_sent: bool = False


@dataclass(frozen=True)
class ResetPage(Page):
    """The form that the link leads to."""

    template = "account/reset.html"
    has_anonymous_form = True
    is_valid: bool
    form: Submission[ResetForm] | Submission[Form]


@router.get("/reset")
def reset_request_form(request: Request, sent: bool = False) -> Response:  # noqa: FBT001, FBT002
    """Ask whose password is forgotten, or say that a link may be on its way."""
    return render(request, ResetRequestPage(form=blank(), is_sent=sent))


@router.post("/reset")
def ask_for_reset(
    request: Request,
    db: Db,
    now: Now,
    browser: Visitor,
    form: Annotated[Submission[ResetRequestForm], Depends(submitted(ResetRequestForm))],
) -> Response:
    """Send a link to the owner of the address, if there is one."""
    try:
        accounts.ask_for_reset(db, email=form.valid().email, browser=browser, now=now)
    except Invalid as error:
        return render(request, ResetRequestPage(form=form.refused(error)), status=422)
    return redirect(request, "/reset?sent=1")


@router.get("/reset/password")
def reset_form(request: Request, db: Db, now: Now) -> Response:
    """Show the form for the new password, while the link works."""
    token = cookies.read(request, LINK_COOKIE)
    is_valid = accounts.link(db, token=token, purposes=accounts.RESET_PURPOSES, now=now) is not None
    return render(request, ResetPage(is_valid=is_valid, form=blank()), status=200 if is_valid else 404)


@router.post("/reset/password")
def reset(
    request: Request,
    settings: Config,
    db: Db,
    now: Now,
    browser: Visitor,
    form: Annotated[Submission[ResetForm], Depends(submitted(ResetForm))],
) -> Response:
    """Set the new password, and sign in."""
    try:
        signed_in = accounts.reset_password(
            db,
            token=cookies.read(request, LINK_COOKIE),
            password=form.valid().password,
            browser=browser,
            now=now,
            site=settings.password_facts,
        )
    except Invalid as error:
        return render(request, ResetPage(is_valid=True, form=form.refused(error)), status=422)
    done = _("Your new password is set, and you are signed in here. All other browsers are signed out.")
    response = enter(request, signed_in, to="/", flash=done)
    cookies.remove(response, settings, LINK_COOKIE)
    return response


@router.get("/reset/{token}")
def open_reset_link(request: Request, token: str) -> Response:
    """Go on to the form for the new password."""
    return mail_links.take_in(request, LINK_COOKIE, token, to="/reset/password")
