"""Sign in and out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.core.redirects import safe_next
from app.domain import accounts, demo
from app.web.deps import Db, Now, Viewer
from app.web.entering import Visitor, enter, leave
from app.web.forms import Form, Submission, blank, submitted
from app.web.render import Page, redirect, render
from app.web.routers import PageRouter

router = PageRouter()


class SignInForm(Form):
    """A sign-in as typed."""

    email: str = ""
    password: str = ""
    next: str = ""


@dataclass(frozen=True)
class SignInPage(Page):
    """The sign-in form; in the sample community with its sample accounts."""

    template = "account/signin.html"
    has_anonymous_form = True
    form: Submission[SignInForm] | Submission[Form]
    next: str
    sample_accounts: Sequence[tuple[str, str]]
    sample_password: str


@router.get("/signin")
def sign_in_form(request: Request, db: Db, viewer: Viewer, next: str = "") -> Response:  # noqa: A002
    """Show the sign-in form."""
    if viewer is not None:
        return redirect(request, safe_next(next))
    return render(request, _page(db, form=blank(), target=next))


@router.post("/signin")
def sign_in(
    request: Request,
    db: Db,
    now: Now,
    browser: Visitor,
    form: Annotated[Submission[SignInForm], Depends(submitted(SignInForm))],
) -> Response:
    """Open a session."""
    target = form.values.get("next", "")
    try:
        data = form.valid()
        signed_in = accounts.sign_in(db, email=data.email, password=data.password, browser=browser, now=now)
    except Invalid as error:
        return render(request, _page(db, form=form.refused(error), target=target), status=422)
    return enter(request, signed_in, to=target)


@router.post("/signout")
def sign_out(request: Request, db: Db, browser: Visitor) -> Response:
    """End the session of this browser."""
    if browser.session:
        accounts.sign_out(db, token=browser.session)
    return leave(request, flash=_("You are signed out."))


def _page(db: Session, *, form: Submission[SignInForm] | Submission[Form], target: str) -> SignInPage:
    samples = [(sample.email, sample.role) for sample in demo.sample_sign_ins(db)]
    return SignInPage(
        form=form,
        next=safe_next(target, default=""),
        sample_accounts=samples,
        sample_password=demo.SAMPLE_PASSWORD if samples else "",
    )
