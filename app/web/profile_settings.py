"""Settings: one's profile, and how pages look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.domain import accounts
from app.models import User
from app.web import cookies
from app.web.deps import Config, Db, Now, SignedIn, Viewer
from app.web.forms import Form, Submission, blank, submitted
from app.web.render import THEME_COOKIE, Page, redirect, render, wants_fragment
from app.web.routers import PageRouter

router = PageRouter()

_YEAR = 31_536_000


class ProfileForm(Form):
    """A profile as typed."""

    display_name: str = ""
    handle: str = ""
    location: str = ""
    about: str = ""
    theme: str = ""


class ThemeForm(Form):
    """The button that was pressed."""

    theme: str = ""


@dataclass(frozen=True)
class SettingsPage(Page):
    """The form of the profile."""

    template = "account/settings.html"
    tab: str
    form: Submission[ProfileForm] | Submission[Form]
    handle_locked_until: datetime | None


@router.get("/settings")
def profile_form(request: Request, viewer: SignedIn, now: Now) -> Response:
    """Show the profile as it is."""
    present = blank(
        display_name=viewer.display_name,
        handle=viewer.handle,
        location=viewer.location,
        about=viewer.about,
        theme=viewer.theme,
    )
    return render(request, _page(viewer, present, now))


@router.post("/settings")
def save_profile(
    request: Request,
    db: Db,
    viewer: SignedIn,
    now: Now,
    form: Annotated[Submission[ProfileForm], Depends(submitted(ProfileForm))],
) -> Response:
    """Save the profile."""
    try:
        accounts.change_profile(db, by=viewer, now=now, **form.valid().model_dump())
    except Invalid as error:
        return render(request, _page(viewer, form.refused(error), now), status=422)
    return redirect(request, "/settings", flash=_("Your profile is saved."))


@router.post("/theme")
def choose_theme(
    request: Request,
    settings: Config,
    db: Db,
    viewer: Viewer,
    form: Annotated[Submission[ThemeForm], Depends(submitted(ThemeForm))],
) -> Response:
    """Keep the choice of light or dark: with the account, or for a visitor in a cookie."""
    theme = form.valid().theme
    if viewer is not None:
        accounts.set_theme(db, by=viewer, theme=theme)
    response: Response = Response(status_code=204) if wants_fragment(request) else redirect(request, "/")
    if viewer is None:
        # Plain and readable by our script, which applies it: cached pages can't.
        chosen = theme if theme in accounts.THEMES else ""
        max_age = _YEAR if chosen else 0
        cookies.write(response, settings, THEME_COOKIE, chosen, max_age=max_age, is_for_scripts=True)
    return response


def _page(viewer: User, form: Submission[ProfileForm] | Submission[Form], now: datetime) -> SettingsPage:
    return SettingsPage(
        tab="settings", form=form, handle_locked_until=accounts.handle_locked_until(viewer, now)
    )
