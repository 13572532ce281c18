"""What is done to one case: a form each, and each works without scripts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.core.i18n import gettext as _
from app.domain import escalations, people, questions, queue, teams
from app.models import Escalation, User
from app.web.deps import Agent, Db, Now, RowId
from app.web.desk.cases.page import Held, case_page
from app.web.desk.queue.bulk import address
from app.web.errors import status_of
from app.web.forms import Form, Submission, submitted
from app.web.render import redirect, render, wants_fragment
from app.web.routers import DeskRouter
from app.web.search import Index

router = DeskRouter("/cases")

ENDING = ("snooze", "resolve", "cancel", "hand-over")
"""After these there is nothing more to do on the page: one goes back to the list."""


class ActForm(Form):
    """The controls beside a case; each act takes what is its own."""

    back: str = ""
    to: str = ""
    team: str = ""
    note: str = ""
    until: str = ""
    at: str = ""
    priority: str = ""
    reference: str = ""
    reason: str = ""


class OpenForm(Form):
    """A question that staff bring into the queue by hand."""

    question: str = ""
    detail: str = ""


class PresenceForm(Form):
    """What somebody does who has the page open: viewing, replying or left."""

    doing: str = ""


Act = Callable[[Session, Escalation, ActForm, User, datetime], str]
"""Does an act, and returns what the next page says."""


@router.post("")
def escalate(
    request: Request,
    db: Db,
    viewer: Agent,
    now: Now,
    form: Annotated[Submission[OpenForm], Depends(submitted(OpenForm))],
) -> Response:
    """Bring a question into the queue by hand, and show its case."""
    data = form.valid()
    number = int(data.question) if data.question.isascii() and data.question.isdigit() else 0
    question = questions.visible(db, viewer=viewer, question_id=min(number, 2**31 - 1))
    case = escalations.open_case(
        db, question=question, code="by_staff", by=viewer, detail=data.detail, now=now
    )
    return redirect(request, f"/desk/cases/{case.id}", flash=_("It is in the queue."))


@router.post("/{case_id:int}/presence")
def say_present(
    db: Db,
    viewer: Agent,
    now: Now,
    case_id: RowId,
    form: Annotated[Submission[PresenceForm], Depends(submitted(PresenceForm))],
) -> Response:
    """Take a heartbeat of the page."""
    doing = form.valid().doing
    if doing == "left":
        queue.left(db, escalation_id=case_id, by=viewer)
    else:
        queue.seen(db, escalation_id=case_id, by=viewer, doing=doing, now=now)
    return Response(status_code=204)


@router.post("/{case_id:int}/{act}")
def do(
    request: Request,
    db: Db,
    viewer: Agent,
    now: Now,
    index: Index,
    case_id: RowId,
    act: str,
    form: Annotated[Submission[ActForm], Depends(submitted(ActForm))],
) -> Response:
    """Do one of the acts of `ACTS`; what is refused is said on the page, with what was typed."""
    case = escalations.case(db, viewer, case_id)
    if act not in ACTS:
        raise NotFound
    data, title = form.valid(), case.question.title
    try:
        flash = ACTS[act](db, case, data, viewer, now)
    except (Invalid, Conflict, NotAllowed) as error:
        if wants_fragment(request):
            raise
        held = Held(field=act, message=error.message, body=data.note or data.reason or data.reference)
        page = case_page(db, index, viewer, case_id, now=now, back=data.back, held=held)
        return render(request, page, status=status_of(error))
    if act in ENDING:
        return redirect(request, address(data.back), flash=f"{flash} {title}")
    return redirect(request, case_address(case_id, data.back), flash=flash)


def case_address(case_id: int, back: str) -> str:
    """Return the address of a case that was opened from this list."""
    return f"/desk/cases/{case_id}" + (f"?back={quote(back)}" if back.startswith("?") else "")


def _claim(db: Session, case: Escalation, _data: ActForm, by: User, now: datetime) -> str:
    escalations.claim(db, escalation=case, by=by, now=now)
    return _("It is yours.")


def _release(db: Session, case: Escalation, _data: ActForm, by: User, now: datetime) -> str:
    escalations.release(db, escalation=case, by=by, now=now)
    return _("It is back in the queue.")


def _assign(db: Session, case: Escalation, data: ActForm, by: User, now: datetime) -> str:
    to = people.by_handle(db, data.to)
    escalations.assign(db, escalation=case, to=to, by=by, now=now)
    return _("Assigned to %(name)s.") % {"name": to.display_name}


def _hand_over(db: Session, case: Escalation, data: ActForm, by: User, now: datetime) -> str:
    to = people.by_handle(db, data.to) if data.to else None
    team = teams.by_slug(db, data.team) if data.team else None
    escalations.hand_over(db, escalation=case, to=to, team=team, note=data.note, by=by, now=now)
    return _("Handed over:")


def _snooze(db: Session, case: Escalation, data: ActForm, by: User, now: datetime) -> str:
    zone = queue.usual_hours(db).zone
    if data.at:
        until = _instant(data.at, zone)
    elif data.until in queue.SNOOZES:
        until = queue.snoozed_until(data.until, now=now, zone=zone)
    else:
        raise Invalid("until", _("Choose until when."))
    escalations.snooze(db, escalation=case, until=until, by=by, now=now)
    return _("Snoozed:")


def _wake(db: Session, case: Escalation, _data: ActForm, by: User, now: datetime) -> str:
    escalations.wake(db, escalation=case, by=by, now=now)
    return _("It is awake.")


def _priority(db: Session, case: Escalation, data: ActForm, by: User, now: datetime) -> str:
    escalations.set_priority(db, escalation=case, priority=data.priority, by=by, now=now)
    return _("The priority is set.")


def _team(db: Session, case: Escalation, data: ActForm, by: User, now: datetime) -> str:
    escalations.set_team(db, escalation=case, team=teams.by_slug(db, data.team), by=by, now=now)
    return _("The team is set.")


def _add_reference(db: Session, case: Escalation, data: ActForm, by: User, now: datetime) -> str:
    escalations.add_reference(db, escalation=case, reference=data.reference, by=by, now=now)
    return _("The reference is added.")


def _remove_reference(db: Session, case: Escalation, data: ActForm, by: User, now: datetime) -> str:
    escalations.remove_reference(db, escalation=case, reference=data.reference, by=by, now=now)
    return _("The reference is removed.")


def _resolve(db: Session, case: Escalation, _data: ActForm, by: User, now: datetime) -> str:
    escalations.resolve(db, escalation=case, by=by, now=now)
    return _("Resolved:")


def _reopen(db: Session, case: Escalation, _data: ActForm, by: User, now: datetime) -> str:
    escalations.reopen(db, escalation=case, by=by, now=now)
    return _("It is open again.")


def _cancel(db: Session, case: Escalation, data: ActForm, by: User, now: datetime) -> str:
    escalations.cancel(db, escalation=case, reason=data.reason, by=by, now=now)
    return _("Cancelled:")


ACTS: dict[str, Act] = {
    "claim": _claim,
    "release": _release,
    "assign": _assign,
    "hand-over": _hand_over,
    "snooze": _snooze,
    "wake": _wake,
    "priority": _priority,
    "team": _team,
    "add-reference": _add_reference,
    "remove-reference": _remove_reference,
    "resolve": _resolve,
    "reopen": _reopen,
    "cancel": _cancel,
}
"""Every act by the last part of its address."""


def _instant(text: str, zone: str) -> datetime:
    """Read what <input type="datetime-local"> sends, in the zone of the desk."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("until", _("Write the time like 2026-03-04T09:00.")) from None
    return (local if local.tzinfo else local.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
