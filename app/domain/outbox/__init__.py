"""The outbox: what happened is written down in the transaction in which it happened.

Owns events and jobs. Promises: an event exists exactly when its change was committed; each
consumer of an event runs until it succeeds (then never again) or is buried after MAX_ATTEMPTS;
the change feed shows every event once, in an order that is safe for many readers.
"""

from app.domain.outbox.events import EVENT_TYPES, Event
from app.domain.outbox.queries import (
    START,
    Position,
    Recorded,
    buried_jobs,
    committed,
    end_of_feed,
    feed,
    has_work,
)
from app.domain.outbox.service import (
    MAX_ATTEMPTS,
    Consumer,
    bring_back,
    name_of,
    record,
    relay,
    run_next,
    skip_unrelayed,
    try_again,
    try_all_again,
)

__all__ = [
    "EVENT_TYPES",
    "MAX_ATTEMPTS",
    "START",
    "Consumer",
    "Event",
    "Position",
    "Recorded",
    "bring_back",
    "buried_jobs",
    "committed",
    "end_of_feed",
    "feed",
    "has_work",
    "name_of",
    "record",
    "relay",
    "run_next",
    "skip_unrelayed",
    "try_again",
    "try_all_again",
]
