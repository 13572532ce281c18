from __future__ import annotations

import importlib
from dataclasses import fields

from app.domain.live import PUBLIC
from app.domain.outbox import EVENT_TYPES, Event
from app.domain.webhooks import TYPES, tell_webhooks
from app.worker.consumers import BY_NAME, CONSUMERS
from tests.support.source import modules

FEATURES = {
    module.path.parent.name
    for module in modules()
    if module.path.name == "events.py" and module.path.parent.name != "outbox"
}
for feature in FEATURES:
    importlib.import_module(f"app.domain.{feature}.events")


def ours() -> dict[str, type[Event]]:
    """Return the events of the application, without those that other tests make up."""
    return {name: event for name, event in EVENT_TYPES.items() if event.__module__.startswith("app.")}


def test_every_event_is_in_the_table_of_consumers() -> None:
    missing = [name for name, event in ours().items() if event not in CONSUMERS]
    assert len(ours()) > len(FEATURES) > 5
    assert not missing, f"add it to app/worker/consumers.py (an empty list is a decision): {missing}"


def test_no_two_consumers_share_a_name() -> None:
    listed = {consumer for consumers in CONSUMERS.values() for consumer in consumers}
    assert len(BY_NAME) == len(listed)


def test_the_name_of_a_consumer_fits_its_column() -> None:
    assert all(len(name) <= 60 for name in BY_NAME)


def test_every_event_is_in_the_table_of_live_messages() -> None:
    """What names a case goes to staff by itself."""
    open_ones = [
        name
        for name, event in ours().items()
        if event not in PUBLIC and "escalation_id" not in {field.name for field in fields(event)}
    ]
    assert not open_ones, f"add it to app/domain/live/table.py (an empty name is a decision): {open_ones}"


def test_webhooks_are_told_of_just_the_events_in_their_table() -> None:
    told = {event.name for event, consumers in CONSUMERS.items() if tell_webhooks in consumers}
    assert told == set(TYPES), "app/worker/consumers.py and app/domain/webhooks/table.py must agree"
