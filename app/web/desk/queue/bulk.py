"""Acts on the cases chosen: each in a transaction of its own, with a result for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import JSONResponse, Response
from sqlmodel import Session

from app.core.errors import DomainError, Invalid
from app.core.i18n import gettext as _
from app.domain import escalations, macros, people, queue
from app.models import Escalation, Macro, User
from app.web.deps import Agent, Config, Db, Now
from app.web.forms import Form, Submission, submitted
from app.web.render import Page, redirect, render, wants_fragment
from app.web.routers import DeskRouter

router = DeskRouter("/queue")

MOST = 100
"""More cases are not chosen at once."""

Act = Callable[[Escalation], object]


class BulkForm(Form):
    """The cases chosen, the button pressed, and what stood beside it."""

    case: str = ""
    act: str = ""
    to: str = ""
    until: str = ""
    priority: str = ""
    macro: str = ""
    seen: str = ""
    back: str = ""


@dataclass(frozen=True)
class Result:
    """What became of one case."""

    case_id: int
    ok: bool
    text: str


@dataclass(frozen=True)
class BulkPage(Page):
    """A result for each case."""

    template = "desk/queue/results.html"
    results: Sequence[Result]
    back: str


@dataclass(frozen=True)
class BulkMacroPage(Page):
    """What a macro would do to each of the cases chosen."""

    template = "desk/queue/macro.html"
    macro: Macro
    previews: Sequence[tuple[Escalation, Sequence[macros.Step], int]]
    back: str


@router.post("/bulk")
def act(
    request: Request,
    db: Db,
    viewer: Agent,
    now: Now,
    settings: Config,
    form: Annotated[Submission[BulkForm], Depends(submitted(BulkForm))],
) -> Response:
    """Do the same to each case; macros are shown first."""
    data = form.valid()
    ids = _ids(data.case)
    if not ids:
        return redirect(request, address(data.back), flash=_("Choose at least one case."), kind="problem")
    if data.act == "macro":
        return render(request, _macro_page(db, viewer, data, ids, site=settings.base_url))
    do = _act(db, viewer, data, now=now, site=settings.base_url)
    results = [_result(db, viewer, number, do, done=_done(data.act)) for number in ids]
    if wants_fragment(request):
        return JSONResponse(
            {"results": [{"case": one.case_id, "ok": one.ok, "text": one.text} for one in results]}
        )
    return render(request, BulkPage(results=results, back=address(data.back)))


def address(back: str) -> str:
    """Return the list that a page came from; `back` is the query of its address."""
    return f"/desk/queue{back}" if back.startswith("?") else "/desk/queue"


def _ids(text: str) -> list[int]:
    numbers = dict.fromkeys(part for part in text.split(",") if part.isascii() and part.isdigit())
    return [int(number) for number in numbers if len(number) < 10][:MOST]


def _result(db: Session, viewer: User, number: int, do: Act, *, done: str) -> Result:
    title = f"#{number}"
    try:
        case = escalations.case(db, viewer, number)
        title = case.question.title
        do(case)
    except DomainError as error:
        return Result(number, ok=False, text=f"{title}: {error.message}")
    return Result(number, ok=True, text=f"{done}: {title}")


def _done(act: str) -> str:
    return {
        "claim": _("Claimed"),
        "release": _("Released"),
        "assign": _("Assigned"),
        "snooze": _("Snoozed"),
        "priority": _("Priority set"),
        "resolve": _("Resolved"),
        "run": _("Done"),
    }[act]


def _act(db: Session, viewer: User, data: BulkForm, *, now: Now, site: str) -> Act:
    """Return what is done to a case; raise Invalid for what can't be done to any."""
    if data.act == "claim":
        return lambda case: escalations.claim(db, escalation=case, by=viewer, now=now)
    if data.act == "release":
        return lambda case: escalations.release(db, escalation=case, by=viewer, now=now)
    if data.act == "resolve":
        return lambda case: escalations.resolve(db, escalation=case, by=viewer, now=now)
    if data.act == "priority":
        return lambda case: escalations.set_priority(
            db, escalation=case, priority=data.priority, by=viewer, now=now
        )
    if data.act == "assign":
        person = people.by_handle(db, data.to)
        return lambda case: escalations.assign(db, escalation=case, to=person, by=viewer, now=now)
    if data.act == "snooze" and data.until in queue.SNOOZES:
        until = queue.snoozed_until(data.until, now=now, zone=queue.usual_hours(db).zone)
        return lambda case: escalations.snooze(db, escalation=case, until=until, by=viewer, now=now)
    if data.act == "run":
        return _run(db, viewer, data, now=now, site=site)
    raise Invalid("act", _("Press one of the buttons."))


def _run(db: Session, viewer: User, data: BulkForm, *, now: Now, site: str) -> Act:
    macro = macros.macro(db, viewer=viewer, macro_id=_number(data.macro))
    seen = dict(part.split(":", 1) for part in data.seen.split(",") if ":" in part)
    return lambda case: macros.run(
        db,
        macro=macro,
        escalation=case,
        by=viewer,
        site=site,
        seen=_number(seen.get(str(case.id), "")),
        now=now,
    )


def _macro_page(db: Session, viewer: User, data: BulkForm, ids: Sequence[int], *, site: str) -> BulkMacroPage:
    macro = macros.macro(db, viewer=viewer, macro_id=_number(data.macro))
    cases = [escalations.case(db, viewer, number) for number in ids]
    previews = [
        (
            case,
            macros.preview(db, macro=macro, escalation=case, by=viewer, site=site),
            escalations.token(db, case.question_id),
        )
        for case in cases
    ]
    return BulkMacroPage(macro=macro, previews=previews, back=data.back)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
