"""Flags: what members pointed to, and what moderators decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request
from fastapi.responses import Response

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.core.paging import PageOf
from app.domain import moderation
from app.web.deps import Db, Moderator, Now, RowId, require_moderator
from app.web.forms import Form, Submission, submitted
from app.web.questions import PageNumber
from app.web.render import Page, redirect, render
from app.web.routers import DeskRouter

router = DeskRouter("/flags", dependencies=[Depends(require_moderator)])

Tab = Literal["waiting", "decided"]

OUTCOMES = {
    "hide": (True, "hide"),
    "spam": (True, "spam"),
    "helpful": (True, "none"),
    "decline": (False, "none"),
}
"""What each button says: whether the flags were helpful, and what becomes of the post."""


class DecisionForm(Form):
    """The button that was pressed, and why."""

    outcome: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Refused:
    """A decision that was not possible: on which flag, what was typed, and why not."""

    flag_id: int
    reason: str
    message: str


@dataclass(frozen=True)
class FlagsPage(Page):
    """Flagged posts and comments, each once."""

    template = "desk/flags.html"
    page: PageOf[moderation.Flagged]
    tab: str
    reasons: dict[str, str]
    refused: Refused | None = None


@router.get("")
def index(
    request: Request, db: Db, viewer: Moderator, tab: Tab = "waiting", page: PageNumber = 1
) -> Response:
    """List flags."""
    return render(request, _page(db, viewer, tab=tab, page=page))


@router.post("/{flag_id:int}")
def decide(
    request: Request,
    db: Db,
    viewer: Moderator,
    flag_id: RowId,
    now: Now,
    form: Annotated[Submission[DecisionForm], Depends(submitted(DecisionForm))],
) -> Response:
    """Decide on a post's flags: declined, helpful, or helpful with the post hidden or removed as spam."""
    flag = moderation.flagged_of(db, viewer=viewer, flag_id=flag_id)
    try:
        data = form.valid()
        helpful, act = _outcome(data.outcome)
        moderation.decide(db, flag=flag, by=viewer, helpful=helpful, act=act, reason=data.reason, now=now)
    except Invalid as error:
        refused = Refused(flag_id, form.values.get("reason", ""), error.message)
        return render(request, _page(db, viewer, refused=refused), status=422)
    return redirect(request, "/desk/flags", flash=_("Decided."))


def _outcome(pressed: str) -> tuple[bool, str]:
    if pressed not in OUTCOMES:
        raise Invalid("outcome", _("Press one of the buttons."))
    return OUTCOMES[pressed]


def _page(
    db: Db, viewer: Moderator, *, tab: Tab = "waiting", page: int = 1, refused: Refused | None = None
) -> FlagsPage:
    reasons = {
        "spam": _("Advertising"),
        "rude": _("Rude"),
        "off_topic": _("Off topic"),
        "personal_data": _("Personal data"),
        "not_an_answer": _("Not an answer"),
        "other": _("Other"),
    }
    found = moderation.flagged(db, viewer=viewer, decided=tab == "decided", page=page)
    return FlagsPage(page=found, tab=tab, reasons=reasons, refused=refused)
