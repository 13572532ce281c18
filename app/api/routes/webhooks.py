"""Webhooks: endpoints, their log, tests and replays. For administrators; a key needs the scope `webhooks`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.api import cursors, listing, respond
from app.api.deps import Calling, Db, Now, RowId
from app.api.problems import Unauthenticated
from app.api.respond import IfMatch, OnceOnly
from app.api.routers import ApiRouter
from app.api.schemas.base import Site
from app.api.schemas.webhooks import (
    Delivery,
    DeliveryList,
    NewWebhook,
    Replay,
    Replayed,
    Webhook,
    WebhookChange,
    WebhookList,
    WebhookSecret,
)
from app.core.errors import Invalid, NotFound
from app.core.i18n import gettext as _
from app.domain import webhooks
from app.domain.webhooks import SendAgain
from app.models import User, WebhookEndpoint

router = ApiRouter("Webhooks")

State = Literal["waiting", "delivered", "failed"]


def manager_of(caller: Calling, db: Db) -> User:
    """Return the administrator who asks. For everybody else there is nothing here."""
    if caller.user is None:
        raise Unauthenticated
    caller.require_scope("webhooks")
    # The scope stands for this one thing that administrators may do, so the copy without roles won't do.
    owner = db.get(User, caller.user.id)
    if not webhooks.may_manage(owner) or owner is None:
        raise NotFound
    return owner


Manager = Annotated[User, Depends(manager_of)]


def endpoint_of(endpoint_id: RowId, db: Db, manager: Manager) -> WebhookEndpoint:
    """Return the endpoint of the address, or 404."""
    return webhooks.endpoint(db, viewer=manager, endpoint_id=endpoint_id)


Endpoint = Annotated[WebhookEndpoint, Depends(endpoint_of)]


@router.get("/webhooks", response_model=WebhookList)
def list_webhooks(request: Request, db: Db, manager: Manager) -> Response:
    """List all endpoints: there are at most fifty."""
    site = Site.of(request)
    rows = [Webhook.of(row, site) for row in webhooks.endpoints(db, viewer=manager)]
    return listing.answer(request, WebhookList, rows, place=None, limit=cursors.LARGEST, of="webhooks")


@router.post("/webhooks", response_model=Webhook, status_code=201)
def create_webhook(
    request: Request, db: Db, manager: Manager, now: Now, once: OnceOnly, body: NewWebhook
) -> Response:
    """Add an endpoint. Then ask for its secret (`PUT /webhooks/{endpoint_id}/secret`)."""

    def make() -> tuple[Webhook, str, int]:
        made = webhooks.create(
            db, name=body.name, url=body.endpoint_url, events=body.events, by=manager, now=now
        )
        site = Site.of(request)
        return Webhook.of(made, site), site.api(f"/webhooks/{made.id}"), 0

    return once.create(make)


@router.get("/webhooks/{endpoint_id:int}", response_model=Webhook)
def get_webhook(request: Request, endpoint: Endpoint) -> Response:
    """Get an endpoint."""
    return respond.show(request, Webhook.of(endpoint, Site.of(request)))


@router.patch("/webhooks/{endpoint_id:int}", response_model=Webhook)
def edit_webhook(
    request: Request,
    db: Db,
    manager: Manager,
    now: Now,
    endpoint: Endpoint,
    body: WebhookChange,
    if_match: IfMatch = "",
) -> Response:
    """Change what an endpoint is called, where it is, and what it is told. Needs `If-Match` with its ETag."""
    site = Site.of(request)
    respond.require_match(if_match, Webhook.of(endpoint, site))
    given = body.model_fields_set
    changed = webhooks.change(
        db,
        endpoint_id=endpoint.id or 0,
        name=body.name if "name" in given else endpoint.name,
        url=body.endpoint_url if "endpoint_url" in given else endpoint.url,
        events=body.events if "events" in given else endpoint.events,
        by=manager,
        now=now,
    )
    return respond.show(request, Webhook.of(changed, site))


@router.put("/webhooks/{endpoint_id:int}/enabled", response_model=Webhook)
def enable_webhook(request: Request, db: Db, manager: Manager, now: Now, endpoint: Endpoint) -> Response:
    """Send to an endpoint again, first what was held while it was off."""
    switched = webhooks.switch_on(db, endpoint_id=endpoint.id or 0, by=manager, now=now)
    return respond.show(request, Webhook.of(switched, Site.of(request)))


@router.delete("/webhooks/{endpoint_id:int}/enabled", response_model=Webhook)
def disable_webhook(request: Request, db: Db, manager: Manager, now: Now, endpoint: Endpoint) -> Response:
    """Send nothing more to an endpoint; what waits for it is held."""
    switched = webhooks.switch_off(db, endpoint_id=endpoint.id or 0, by=manager, now=now)
    return respond.show(request, Webhook.of(switched, Site.of(request)))


@router.delete("/webhooks/{endpoint_id:int}", status_code=204)
def remove_webhook(db: Db, manager: Manager, now: Now, endpoint: Endpoint) -> Response:
    """Remove an endpoint with its log."""
    webhooks.remove(db, endpoint_id=endpoint.id or 0, by=manager, now=now)
    return respond.done()


@router.put("/webhooks/{endpoint_id:int}/secret", response_model=WebhookSecret)
def renew_webhook_secret(
    request: Request, db: Db, manager: Manager, now: Now, endpoint: Endpoint
) -> Response:
    """Make another secret and tell it, this once. The one before signs, too, for 24 hours."""
    rotated = webhooks.rotate(db, endpoint_id=endpoint.id or 0, by=manager, now=now)
    secret = webhooks.secret_text(rotated.salt, key=request.app.state.secret)
    document = WebhookSecret(secret=secret, previous_until=rotated.previous_until)
    return respond.show(request, document, headers={"Cache-Control": "no-store"})


@router.get("/webhooks/{endpoint_id:int}/deliveries", response_model=DeliveryList)
def list_webhook_deliveries(
    request: Request,
    db: Db,
    endpoint: Endpoint,
    state: State | None = None,
    limit: cursors.Limit = cursors.DEFAULT_SIZE,
    cursor: cursors.Cursor = "",
) -> Response:
    """List what was sent to an endpoint or waits, newest first, with every try."""
    of = f"deliveries:{endpoint.id}:{state}"
    place = cursors.read(request, cursor, of=of)
    before = place[0] if place else None
    found = webhooks.deliveries_before(
        db, endpoint=endpoint, state=state or "", before=before, limit=limit + 1
    )
    rows, rest = listing.cut(found, limit, lambda row: row.id)
    attempts = webhooks.attempts_of(db, rows)
    documents = [Delivery.of(row, attempts[row.id or 0]) for row in rows]
    return listing.answer(request, DeliveryList, documents, place=rest, limit=limit, of=of)


@router.post("/webhooks/{endpoint_id:int}/test", response_model=Delivery, status_code=201)
def send_webhook_test(
    request: Request, db: Db, manager: Manager, now: Now, once: OnceOnly, endpoint: Endpoint
) -> Response:
    """Send a message of the type `webhook.test`, also to an endpoint that is off."""

    def make() -> tuple[Delivery, str, int]:
        sent = webhooks.send_test(db, endpoint_id=endpoint.id or 0, by=manager, now=now)
        return Delivery.of(sent, []), _log(request, endpoint), 0

    return once.create(make)


@router.post("/webhooks/{endpoint_id:int}/replay", response_model=Replayed, status_code=201)
def replay_webhook(
    request: Request, db: Db, manager: Manager, now: Now, once: OnceOnly, endpoint: Endpoint, body: Replay
) -> Response:
    """Send one delivery again, or those of a time, with the same ids and contents."""

    def make() -> tuple[Replayed, str, int]:
        count = _replay(db, manager, endpoint, body, now)
        return Replayed(count=count), _log(request, endpoint), 0

    return once.create(make)


def _replay(db: Session, manager: User, endpoint: WebhookEndpoint, body: Replay, now: datetime) -> int:
    endpoint_id = endpoint.id or 0
    if body.delivery_id is not None and body.since is None and body.until is None:
        webhooks.replay(db, endpoint_id=endpoint_id, delivery_id=body.delivery_id, by=manager, now=now)
        return 1
    if body.delivery_id is not None or body.since is None or body.until is None:
        raise Invalid("since", _("Name a delivery, or both the beginning and the end of a time."))
    wanted = SendAgain(_utc(body.since), _utc(body.until), only_failed=body.only_failed)
    return webhooks.replay_range(db, endpoint_id=endpoint_id, wanted=wanted, by=manager, now=now)


def _log(request: Request, endpoint: WebhookEndpoint) -> str:
    return Site.of(request).api(f"/webhooks/{endpoint.id}/deliveries")


def _utc(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
