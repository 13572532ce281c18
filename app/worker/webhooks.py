"""Sending webhooks: several at once, so that a slow receiver holds up nobody else.

Only the network is left to threads. What is to be sent is claimed, and what came of it written
down, by the worker's own round.
"""

from __future__ import annotations

import ipaddress
import logging
import queue
import threading
import time
from collections import Counter
from datetime import datetime

from sqlmodel import Session

from app.core import outbound
from app.core.secret import secret_key
from app.domain import webhooks
from app.domain.webhooks import Attempt, Outgoing
from app.settings import Settings

AT_ONCE = 16
AT_ONCE_FAILING = 8
"""Endpoints that do not answer take no more than these, however many there are."""
PATIENCE_SECONDS = 0.05

log = logging.getLogger(__name__)


class Sender:
    """What this worker is sending now."""

    def __init__(self) -> None:
        self._flying: dict[int, Outgoing] = {}
        self._landed: queue.SimpleQueue[tuple[Outgoing, Attempt]] = queue.SimpleQueue()

    def round(self, db: Session, settings: Settings, *, now: datetime) -> bool:
        """Write down what has ended, start what is due; return whether there is anything in the air."""
        self._note_landed(db, now=now)
        if webhooks.is_waiting(db, now=now):
            self._start(db, settings, failing=False, now=now)
            self._start(db, settings, failing=True, now=now)
        return bool(self._flying)

    def _note_landed(self, db: Session, *, now: datetime) -> None:
        patience = PATIENCE_SECONDS if self._flying else 0.0
        while self._flying:
            try:
                sent, attempt = self._landed.get(timeout=patience)
            except queue.Empty:
                return
            patience = 0.0
            webhooks.finish(db, delivery_id=sent.id, attempt=attempt, now=now)
            del self._flying[sent.id]

    def _start(self, db: Session, settings: Settings, *, failing: bool, now: datetime) -> None:
        room = AT_ONCE - len(self._flying)
        if failing:
            room = min(room, AT_ONCE_FAILING - sum(one.was_failing for one in self._flying.values()))
        if room <= 0:
            return
        flying = Counter(one.endpoint_id for one in self._flying.values())
        for one in webhooks.claim(db, at_most=room, flying=flying, failing=failing, now=now):
            self._flying[one.id] = one
            # A daemon: what is in the air when the worker ends is sent again, under the same id.
            threading.Thread(target=self._send, args=(one, settings, now), daemon=True).start()

    def _send(self, one: Outgoing, settings: Settings, now: datetime) -> None:
        started = time.monotonic()
        status, error = None, ""
        try:
            status = send(one, settings, now=now)
            error = "" if status < 300 else _about(status)
        except (outbound.Refused, outbound.NoAnswer) as problem:
            error = str(problem)
        except Exception as problem:  # the round waits for what it started, whatever happens to it
            log.exception("webhook delivery %s failed", one.message_id)
            error = f"{type(problem).__name__}: {problem}"
        took = round((time.monotonic() - started) * 1000)
        self._landed.put((one, Attempt(took_ms=took, status=status, error=error)))


sender = Sender()


def send_due(db: Session, settings: Settings, *, now: datetime) -> bool:
    """Send what is due; return whether there is anything on its way."""
    return sender.round(db, settings, now=now)


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


def _about(status: int) -> str:
    return "Redirects are not followed." if status < 400 else ""
