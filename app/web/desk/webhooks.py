"""Webhooks: endpoints, their secrets, and the log of what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import DomainError, Invalid
from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.core.paging import PageOf
from app.domain import webhooks
from app.domain.webhooks import SendAgain
from app.models import DELIVERY_STATES, User, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from app.web.deps import Admin, Db, Now, RowId, require_admin
from app.web.errors import status_of
from app.web.forms import Form, Submission, blank, submitted
from app.web.render import Page, redirect, render
from app.web.routers import DeskRouter

router = DeskRouter("/webhooks", dependencies=[Depends(require_admin)])


class EndpointForm(Form):
    """An endpoint as typed; the events that were ticked are joined by commas."""

    name: str = ""
    endpoint_url: str = ""
    events: str = ""


class RangeForm(Form):
    """Which days to send again; `what` is "failed" or "all"."""

    since: str = ""
    until: str = ""
    what: str = "failed"


AnyForm = Submission[EndpointForm] | Submission[RangeForm] | Submission[Form]


@dataclass(frozen=True)
class WebhooksPage(Page):
    """All endpoints, and the form for another one."""

    template = "desk/webhooks.html"
    endpoints: Sequence[WebhookEndpoint]
    types: Sequence[str]
    form: AnyForm


@dataclass(frozen=True)
class WebhookPage(Page):
    """One endpoint: what it is told, its secret just after it was made, and its log."""

    template = "desk/webhook.html"
    endpoint: WebhookEndpoint
    types: Sequence[str]
    secret: str
    state: str
    page: PageOf[WebhookDelivery]
    attempts: Mapping[int, Sequence[WebhookAttempt]]
    forms: Mapping[str, AnyForm]


EndpointData = Annotated[Submission[EndpointForm], Depends(submitted(EndpointForm))]
RangeData = Annotated[Submission[RangeForm], Depends(submitted(RangeForm))]


@router.get("")
def index(request: Request, db: Db, viewer: Admin) -> Response:
    """List the endpoints."""
    return render(request, _index_page(db, viewer, blank()))


@router.post("")
def create(request: Request, db: Db, viewer: Admin, now: Now, form: EndpointData) -> Response:
    """Add an endpoint, and show its secret this once."""
    try:
        data = form.valid()
        made = webhooks.create(
            db, name=data.name, url=data.endpoint_url, events=_listed(data.events), by=viewer, now=now
        )
    except DomainError as error:
        return render(request, _index_page(db, viewer, form.refused(error)), status=status_of(error))
    return _with_secret(request, db, viewer, made)


@router.get("/{endpoint_id:int}")
def show(
    request: Request, db: Db, viewer: Admin, endpoint_id: RowId, state: str = "", page: int = 1
) -> Response:
    """Show an endpoint and its log."""
    return render(request, _page(db, viewer, endpoint_id, state=state, number=page))


@router.post("/{endpoint_id:int}")
def change(
    request: Request, db: Db, viewer: Admin, endpoint_id: RowId, now: Now, form: EndpointData
) -> Response:
    """Change what it is called, where it is, and what it is told."""
    try:
        data = form.valid()
        webhooks.change(
            db,
            endpoint_id=endpoint_id,
            name=data.name,
            url=data.endpoint_url,
            events=_listed(data.events),
            by=viewer,
            now=now,
        )
    except Invalid as error:
        page = _page(db, viewer, endpoint_id, change=form.refused(error))
        return render(request, page, status=status_of(error))
    return _back(request, endpoint_id, _("Saved."))


@router.post("/{endpoint_id:int}/secret")
def rotate(request: Request, db: Db, viewer: Admin, endpoint_id: RowId, now: Now) -> Response:
    """Make another secret, and show it this once."""
    endpoint = webhooks.rotate(db, endpoint_id=endpoint_id, by=viewer, now=now)
    return _with_secret(request, db, viewer, endpoint)


@router.post("/{endpoint_id:int}/off")
def switch_off(request: Request, db: Db, viewer: Admin, endpoint_id: RowId, now: Now) -> Response:
    """Send nothing more to it."""
    webhooks.switch_off(db, endpoint_id=endpoint_id, by=viewer, now=now)
    return _back(request, endpoint_id, _("Nothing more is sent to it."))


@router.post("/{endpoint_id:int}/on")
def switch_on(request: Request, db: Db, viewer: Admin, endpoint_id: RowId, now: Now) -> Response:
    """Send to it again."""
    webhooks.switch_on(db, endpoint_id=endpoint_id, by=viewer, now=now)
    return _back(request, endpoint_id, _("It is told again."))


@router.post("/{endpoint_id:int}/test")
def send_test(request: Request, db: Db, viewer: Admin, endpoint_id: RowId, now: Now) -> Response:
    """Send a test."""
    webhooks.send_test(db, endpoint_id=endpoint_id, by=viewer, now=now)
    return _back(
        request, endpoint_id, _("A test is on its way. Load this page again to see what came of it.")
    )


@router.post("/{endpoint_id:int}/remove")
def remove(request: Request, db: Db, viewer: Admin, endpoint_id: RowId, now: Now) -> Response:
    """Take it away with its log."""
    webhooks.remove(db, endpoint_id=endpoint_id, by=viewer, now=now)
    return redirect(request, "/desk/webhooks", flash=_("The endpoint is removed."))


@router.post("/{endpoint_id:int}/deliveries/{delivery_id:int}/replay")
def replay(
    request: Request, db: Db, viewer: Admin, endpoint_id: RowId, delivery_id: RowId, now: Now
) -> Response:
    """Send a delivery again."""
    webhooks.replay(db, endpoint_id=endpoint_id, delivery_id=delivery_id, by=viewer, now=now)
    return _back(request, endpoint_id, _("It is sent again at once."))


@router.post("/{endpoint_id:int}/replay")
def replay_range(
    request: Request, db: Db, viewer: Admin, endpoint_id: RowId, now: Now, form: RangeData
) -> Response:
    """Send again what was sent on some days."""
    try:
        wanted = _range(form.valid())
        count = webhooks.replay_range(db, endpoint_id=endpoint_id, wanted=wanted, by=viewer, now=now)
    except Invalid as error:
        page = _page(db, viewer, endpoint_id, replay=form.refused(error))
        return render(request, page, status=status_of(error))
    said = ngettext("%(num)d message is sent again.", "%(num)d messages are sent again.", count)
    return _back(request, endpoint_id, said % {"num": count})


def _index_page(db: Session, viewer: User, form: AnyForm) -> WebhooksPage:
    listed = webhooks.endpoints(db, viewer=viewer)
    return WebhooksPage(endpoints=listed, types=webhooks.EVENT_TYPES, form=form)


def _page(
    db: Session,
    viewer: User,
    endpoint_id: int,
    *,
    state: str = "",
    number: int = 1,
    secret: str = "",
    **forms: AnyForm,
) -> WebhookPage:
    endpoint = webhooks.endpoint(db, viewer=viewer, endpoint_id=endpoint_id)
    state = state if state in DELIVERY_STATES else ""
    page = webhooks.deliveries(db, endpoint=endpoint, state=state, page=number)
    present = blank(name=endpoint.name, endpoint_url=endpoint.url, events=",".join(endpoint.events))
    return WebhookPage(
        endpoint=endpoint,
        types=webhooks.EVENT_TYPES,
        secret=secret,
        state=state,
        page=page,
        attempts=webhooks.attempts_of(db, page.rows),
        forms={"change": present, "replay": blank(), **forms},
    )


def _with_secret(request: Request, db: Session, viewer: User, endpoint: WebhookEndpoint) -> Response:
    """Show the page with the secret on it: no redirect could carry it and keep it out of addresses and cookies."""
    secret = webhooks.secret_text(endpoint.salt, key=request.app.state.secret)
    response = render(request, _page(db, viewer, endpoint.id or 0, secret=secret))
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _back(request: Request, endpoint_id: int, said: str) -> Response:
    return redirect(request, f"/desk/webhooks/{endpoint_id}", flash=said)


def _listed(events: str) -> list[str]:
    return [kind for kind in events.split(",") if kind]


def _range(data: RangeForm) -> SendAgain:
    try:
        since, until = (date.fromisoformat(day) for day in (data.since, data.until))
    except ValueError:
        raise Invalid("since", _("Choose the first and the last day.")) from None
    begins = datetime(since.year, since.month, since.day, tzinfo=UTC)
    ends = datetime(until.year, until.month, until.day, tzinfo=UTC) + timedelta(days=1)
    return SendAgain(since=begins, until=ends, only_failed=data.what != "all")
