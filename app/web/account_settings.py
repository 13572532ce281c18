"""Settings: e-mail, password, and leaving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.domain import accounts
from app.models import User
from app.web.deps import Config, Db, Now, SignedIn
from app.web.entering import Visitor, leave
from app.web.forms import Form, Submission, blank, submitted
from app.web.render import Page, redirect, render
from app.web.routers import PageRouter

router = PageRouter("/settings")


class EmailForm(Form):
    """Another address, and the password that proves who asks."""

    email: str = ""
    password: str = ""


class PasswordForm(Form):
    """The present password and the new one."""

    current: str = ""
    password: str = ""


class DeletionForm(Form):
    """The password, and the box that says it is meant."""

    password: str = ""
    is_meant: str = ""


AnyForm = Submission[EmailForm] | Submission[PasswordForm] | Submission[DeletionForm] | Submission[Form]


@dataclass(frozen=True)
class AccountPage(Page):
    """E-mail and password."""

    template = "account/account.html"
    tab: str
    email: str
    is_verified: bool
    email_form: AnyForm
    password_form: AnyForm


@dataclass(frozen=True)
class DeletionPage(Page):
    """What is lost by leaving, and the form that does it."""

    template = "account/deletion.html"
    tab: str
    handle: str
    form: AnyForm


@router.get("/account")
def account(request: Request, viewer: SignedIn) -> Response:
    """Show e-mail and password."""
    return render(request, _page(viewer))


@router.post("/email")
def change_email(
    request: Request,
    db: Db,
    viewer: SignedIn,
    now: Now,
    form: Annotated[Submission[EmailForm], Depends(submitted(EmailForm))],
) -> Response:
    """Send a link to another address."""
    try:
        data = form.valid()
        address = accounts.change_email(db, by=viewer, email=data.email, password=data.password, now=now)
    except Invalid as error:
        return render(request, _page(viewer, email_form=form.refused(error)), status=422)
    sent = _("We sent a link to %(email)s. Your address changes once you open it.") % {"email": address}
    return redirect(request, "/settings/account", flash=sent, kind="note")


@router.post("/password")
def change_password(
    request: Request,
    settings: Config,
    db: Db,
    viewer: SignedIn,
    now: Now,
    browser: Visitor,
    form: Annotated[Submission[PasswordForm], Depends(submitted(PasswordForm))],
) -> Response:
    """Set another password."""
    try:
        data = form.valid()
        accounts.change_password(
            db,
            by=viewer,
            current=data.current,
            password=data.password,
            token=browser.session,
            now=now,
            site=settings.password_facts,
        )
    except Invalid as error:
        return render(request, _page(viewer, password_form=form.refused(error)), status=422)
    done = _("Your password is changed. All other browsers are signed out.")
    return redirect(request, "/settings/account", flash=done)


@router.get("/deletion")
def deletion_form(request: Request, viewer: SignedIn) -> Response:
    """Say what leaving means."""
    return render(request, DeletionPage(tab="account", handle=viewer.handle, form=blank()))


@router.post("/deletion")
def delete_account(
    request: Request,
    db: Db,
    viewer: SignedIn,
    now: Now,
    form: Annotated[Submission[DeletionForm], Depends(submitted(DeletionForm))],
) -> Response:
    """Delete the account, at once and for good."""
    try:
        data = form.valid()
        accounts.delete_account(db, by=viewer, password=data.password, is_meant=bool(data.is_meant), now=now)
    except Invalid as error:
        return render(
            request, DeletionPage(tab="account", handle=viewer.handle, form=form.refused(error)), status=422
        )
    return leave(request, flash=_("Your account is deleted. Thank you for your help."))


def _page(
    viewer: User, *, email_form: AnyForm | None = None, password_form: AnyForm | None = None
) -> AccountPage:
    return AccountPage(
        tab="account",
        email=viewer.email or "",
        is_verified=viewer.email_verified_at is not None,
        email_form=email_form or blank(),
        password_form=password_form or blank(),
    )
