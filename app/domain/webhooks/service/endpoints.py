"""Setting up endpoints: administrators only, and every act is in the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from app.core.addresses import site_of
from app.core.db import LOCK, atomic
from app.core.derived_keys import new_salt
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import gettext as _
from app.core.outbound import Refused, parse_url
from app.domain import audit
from app.domain.webhooks.policy import may_manage
from app.domain.webhooks.table import EVENT_TYPES
from app.models import User, WebhookDelivery, WebhookEndpoint

ENDPOINTS_AT_MOST = 50
OLD_SECRET_LASTS = timedelta(hours=24)


@atomic
def create(
    db: Session, *, name: str, url: str, events: Sequence[str], by: User, now: datetime
) -> WebhookEndpoint:
    """Add an endpoint, enabled. Raises Invalid for everything wrong at once.

    Its secret (`secret_text` of its salt) is shown to its maker now and never again.
    """
    _require_manager(by)
    facts = _checked(name, url, events)
    if db.exec(select(func.count()).select_from(WebhookEndpoint)).one() >= ENDPOINTS_AT_MOST:
        raise Conflict(_("There are %(n)s endpoints; remove one first.") % {"n": ENDPOINTS_AT_MOST})
    endpoint = WebhookEndpoint(**facts, salt=new_salt(), owner_id=by.id, created_at=now)
    db.add(endpoint)
    db.flush()
    audit.record(db, by=by, action="webhook.create", subject=endpoint, after=_shown(endpoint), now=now)
    return endpoint


@atomic
def change(
    db: Session, *, endpoint_id: int, name: str, url: str, events: Sequence[str], by: User, now: datetime
) -> WebhookEndpoint:
    """Change what it is called, where it is and what it is told. Raises Invalid, NotFound."""
    endpoint = locked(db, endpoint_id, by=by)
    before = _shown(endpoint)
    endpoint.sqlmodel_update(_checked(name, url, events))
    db.add(endpoint)
    db.flush()
    after = _shown(endpoint)
    audit.record(db, by=by, action="webhook.change", subject=endpoint, before=before, after=after, now=now)
    return endpoint


@atomic
def rotate(db: Session, *, endpoint_id: int, by: User, now: datetime) -> WebhookEndpoint:
    """Give it another secret. The one before signs, too, for OLD_SECRET_LASTS; older ones end at once."""
    endpoint = locked(db, endpoint_id, by=by)
    endpoint.previous_salt, endpoint.previous_until = endpoint.salt, now + OLD_SECRET_LASTS
    endpoint.salt = new_salt()
    db.add(endpoint)
    audit.record(db, by=by, action="webhook.rotate", subject=endpoint, now=now)
    return endpoint


@atomic
def switch_off(db: Session, *, endpoint_id: int, by: User, now: datetime) -> WebhookEndpoint:
    """Send nothing more to it, and make no deliveries for it; what waits is held. Does nothing to one that is off."""
    endpoint = locked(db, endpoint_id, by=by)
    if endpoint.is_enabled:
        disable(db, endpoint, reason="by_staff", now=now)
        audit.record(db, by=by, action="webhook.switch_off", subject=endpoint, now=now)
    return endpoint


@atomic
def switch_on(db: Session, *, endpoint_id: int, by: User, now: datetime) -> WebhookEndpoint:
    """Send to it again, first what was held meanwhile. Does nothing to one that is on."""
    endpoint = locked(db, endpoint_id, by=by)
    if not endpoint.is_enabled:
        endpoint.disabled_at, endpoint.disabled_reason, endpoint.failing_since = None, "", None
        db.add(endpoint)
        _move(db, endpoint, due_at=now)
        audit.record(db, by=by, action="webhook.switch_on", subject=endpoint, now=now)
    return endpoint


@atomic
def remove(db: Session, *, endpoint_id: int, by: User, now: datetime) -> None:
    """Take it away with its log."""
    endpoint = locked(db, endpoint_id, by=by)
    audit.record(db, by=by, action="webhook.remove", subject=endpoint, before=_shown(endpoint), now=now)
    db.delete(endpoint)


def locked(db: Session, endpoint_id: int, *, by: User) -> WebhookEndpoint:
    """Return the endpoint for a change; raise NotFound, also for who may not manage it."""
    endpoint = db.get(WebhookEndpoint, endpoint_id, with_for_update=LOCK, populate_existing=True)
    if endpoint is None or not may_manage(by):
        raise NotFound
    return endpoint


def disable(db: Session, endpoint: WebhookEndpoint, *, reason: str, now: datetime) -> None:
    """Switch it off in the caller's transaction, and hold what waits for it."""
    endpoint.disabled_at, endpoint.disabled_reason = now, reason
    db.add(endpoint)
    _move(db, endpoint, due_at=None)


def _move(db: Session, endpoint: WebhookEndpoint, *, due_at: datetime | None) -> None:
    waiting = (col(WebhookDelivery.endpoint_id) == endpoint.id, col(WebhookDelivery.state) == "waiting")
    db.execute(update(WebhookDelivery).where(*waiting).values(due_at=due_at))


def _require_manager(by: User) -> None:
    if not may_manage(by):
        raise NotFound


def _checked(name: str, url: str, events: Sequence[str]) -> dict[str, Any]:
    errors: dict[str, str] = {}
    kept_name = " ".join(name.split())
    if not 0 < len(kept_name) <= 60:
        errors["name"] = _("Say in at most 60 characters what it is for.")
    try:
        parse_url(url.strip())
    except Refused as refusal:
        errors["endpoint_url"] = str(refusal)
    kept_events = [kind for kind in EVENT_TYPES if kind in events]
    if not kept_events or set(events) - set(kept_events):
        errors["events"] = _("Choose at least one of the events listed.")
    Invalid.raise_if(errors)
    return {"name": kept_name, "url": url.strip(), "events": kept_events}


def _shown(endpoint: WebhookEndpoint) -> Mapping[str, object]:
    # All staff read the log, and the path of such an address is often all it takes to send there.
    return {"name": endpoint.name, "site": site_of(endpoint.url), "events": ", ".join(endpoint.events)}
