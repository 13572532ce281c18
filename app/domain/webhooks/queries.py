"""Reading endpoints and the log of deliveries. All of it is for administrators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from app.core.errors import NotFound
from app.core.paging import PageOf, offset_of, page_of
from app.domain.webhooks.policy import may_manage
from app.models import User, WebhookAttempt, WebhookDelivery, WebhookEndpoint

PAGE_SIZE = 50

IS_WAITING = col(WebhookDelivery.state) == literal_column("'waiting'")
"""Written out: with a parameter SQLite would not see that the index of what waits serves."""


def endpoints(db: Session, *, viewer: User | None) -> Sequence[WebhookEndpoint]:
    """Return all endpoints with their owners, oldest first; none for who may not see them."""
    if not may_manage(viewer):
        return []
    statement = select(WebhookEndpoint).options(joinedload(WebhookEndpoint.owner))  # type: ignore[arg-type]
    return db.exec(statement.order_by(col(WebhookEndpoint.id))).all()


def endpoint(db: Session, *, viewer: User | None, endpoint_id: int) -> WebhookEndpoint:
    """Return an endpoint with its owner; raise NotFound."""
    found = db.exec(
        select(WebhookEndpoint)
        .options(joinedload(WebhookEndpoint.owner))  # type: ignore[arg-type]
        .where(WebhookEndpoint.id == endpoint_id)
    ).first()
    if found is None or not may_manage(viewer):
        raise NotFound
    return found


def deliveries(
    db: Session, *, endpoint: WebhookEndpoint, state: str = "", page: int = 1
) -> PageOf[WebhookDelivery]:
    """Return a page of what was sent or waits, newest first; `state` narrows it down."""
    statement = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint.id)
    if state:
        statement = statement.where(WebhookDelivery.state == state)
    statement = statement.order_by(col(WebhookDelivery.id).desc())
    rows = db.exec(statement.offset(offset_of(page, PAGE_SIZE)).limit(PAGE_SIZE + 1)).all()
    return page_of(rows, number=page, size=PAGE_SIZE)


def deliveries_before(
    db: Session, *, endpoint: WebhookEndpoint, state: str, before: int | None, limit: int
) -> Sequence[WebhookDelivery]:
    """Return the newest deliveries with ids below `before`: for walking through all of them."""
    statement = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint.id)
    if state:
        statement = statement.where(WebhookDelivery.state == state)
    if before is not None:
        statement = statement.where(col(WebhookDelivery.id) < before)
    return db.exec(statement.order_by(col(WebhookDelivery.id).desc()).limit(limit)).all()


def delivery(db: Session, *, endpoint: WebhookEndpoint, delivery_id: int) -> WebhookDelivery:
    """Return a delivery of this endpoint; raise NotFound."""
    found = db.get(WebhookDelivery, delivery_id)
    if found is None or found.endpoint_id != endpoint.id:
        raise NotFound
    return found


def attempts_of(db: Session, rows: Sequence[WebhookDelivery]) -> Mapping[int, list[WebhookAttempt]]:
    """Return the attempts of each of these deliveries, oldest first."""
    found: dict[int, list[WebhookAttempt]] = {row.id or 0: [] for row in rows}
    statement = select(WebhookAttempt).where(col(WebhookAttempt.delivery_id).in_(found))
    for attempt in db.exec(statement.order_by(col(WebhookAttempt.id))):
        found[attempt.delivery_id].append(attempt)
    return found


def is_waiting(db: Session, *, now: datetime) -> bool:
    """Return whether a delivery is due."""
    return db.exec(select(WebhookDelivery.id).where(*is_due(now)).limit(1)).first() is not None


def is_due(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions of a delivery that is to be sent now."""
    return IS_WAITING, col(WebhookDelivery.due_at) <= now


def valid_salts(endpoint: WebhookEndpoint, *, now: datetime) -> list[str]:
    """Return the salts of the secrets that are valid now, the newest first."""
    salts = [endpoint.salt]
    if endpoint.previous_salt and endpoint.previous_until and endpoint.previous_until > now:
        salts.append(endpoint.previous_salt)
    return salts
