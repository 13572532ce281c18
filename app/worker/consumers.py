"""Every side effect of the forum on one screen: which functions react to which event.

Reputation is not here: the ledger is written by the service itself, in the same transaction.
Nor is the search index, which reads the change feed by its own position (domain/search).
An empty list is a decision, too.
"""

from __future__ import annotations

from app.domain import accounts, importing
from app.domain.outbox import Consumer, Event, name_of

CONSUMERS: dict[type[Event], list[Consumer]] = {
    accounts.MemberJoined: [],
    accounts.MemberRenamed: [],
    accounts.MemberSuspended: [],
    accounts.MemberReleased: [],
    accounts.RolesChanged: [],
    accounts.MemberDeleted: [],
    importing.ContentMovedIn: [],
}

BY_NAME: dict[str, Consumer] = {
    name_of(consumer): consumer for listed in CONSUMERS.values() for consumer in listed
}
"""The consumers by the name that jobs remember."""
