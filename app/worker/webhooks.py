"""Sending webhooks: several at once, so that a slow receiver holds up nobody else."""

from __future__ import annotations

import ipaddress
import logging
import time
from collections import Counter
from datetime import datetime
from functools import partial

from sqlmodel import Session

from app.core import outbound
from app.core.secret import secret_key
from app.domain import webhooks
from app.domain.webhooks import Attempt, Outgoing
from app.settings import Settings
from app.worker.flights import Flights

AT_ONCE = 16
AT_ONCE_FAILING = 8
"""Endpoints that do not answer take no more than these, however many there are."""

log = logging.getLogger(__name__)


class Sender:
    """What this worker is sending now."""

    def __init__(self) -> None:
        self._flights: Flights[Outgoing, Attempt] = Flights()

    def round(self, db: Session, settings: Settings, *, now: datetime) -> bool:
        """Write down what has ended, start what is due; return whether there is anything in the air."""
        self._flights.note(partial(_note, db, now=now))
        if webhooks.is_waiting(db, now=now):
            self._start(db, settings, failing=False, now=now)
            self._start(db, settings, failing=True, now=now)
        return len(self._flights) > 0

    def land(self, db: Session, *, now: datetime, seconds: float) -> None:
        """Start nothing more, and write down what ends within so long."""
        self._flights.land(partial(_note, db, now=now), seconds=seconds)

    def _start(self, db: Session, settings: Settings, *, failing: bool, now: datetime) -> None:
        flying = self._flights.flying
        room = AT_ONCE - len(flying)
        if failing:
            room = min(room, AT_ONCE_FAILING - sum(one.was_failing for one in flying))
        if room <= 0:
            return
        by_endpoint = Counter(one.endpoint_id for one in flying)
        for one in webhooks.claim(db, at_most=room, flying=by_endpoint, failing=failing, now=now):
            self._flights.start(one.id, one, partial(_attempt, one, settings, now=now))


def send(one: Outgoing, settings: Settings, *, now: datetime) -> int:
    """Send one message, signed, to the address that was checked; return the status of the answer."""
    networks = [ipaddress.ip_network(network, strict=False) for network in settings.webhook_networks]
    target = outbound.resolve(one.url, private_networks=networks)
    body = webhooks.body_of(
        kind=one.type, happened_at=one.happened_at, data=one.data, base_url=settings.base_url
    )
    key = secret_key(settings.secret_key, settings.data_dir)
    headers = webhooks.headers_of(message_id=one.message_id, body=body, salts=one.salts, key=key, now=now)
    return outbound.post(target, body=body, headers=headers)


def _note(db: Session, sent: Outgoing, attempt: Attempt, *, now: datetime) -> None:
    webhooks.finish(db, delivery_id=sent.id, attempt=attempt, now=now)


def _attempt(one: Outgoing, settings: Settings, *, now: datetime) -> Attempt:
    started = time.monotonic()
    status, error = None, ""
    try:
        status = send(one, settings, now=now)
        error = "" if status < 300 else _about(status)
    except (outbound.Refused, outbound.NoAnswer) as problem:
        error = str(problem)
    except Exception as problem:  # the round waits for what it started
        log.exception("webhook delivery %s failed", one.message_id)
        error = f"{type(problem).__name__}: {problem}"
    took = round((time.monotonic() - started) * 1000)
    return Attempt(took_ms=took, status=status, error=error)


def _about(status: int) -> str:
    return "Redirects are not followed." if status < 400 else ""
