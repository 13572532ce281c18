"""What is exported: every column of every table, but for what is named here with its reason."""

from __future__ import annotations

LEFT_OUT = {
    "login_session": "people sign in again in the new place",
    "throttle": "counts of attempts, which mean nothing a day later",
    "escalation_presence": "who has a case open at this moment",
    "question_vector": "what questions mean, as numbers: the worker works them out again",
    "stored_answer": "answers of the API kept for a day, for requests that are sent twice",
    "outbox_event.xid": "a transaction of this database server",
}
"""Tables and columns that are never exported, with the reason."""

_ADDRESS = "an address of a person, or what proves who they are"
_SECRET = "with it somebody could act in another's name"  # noqa: S105  (a reason)
_UNDER_WAY = "work of this place that is not done yet: a copy must not do it a second time"

PRIVATE = {
    "users.email": _ADDRESS,
    "users.email_key": _ADDRESS,
    "users.email_verified_at": _ADDRESS,
    "users.claim_hash": _ADDRESS,
    "users.password_hash": _SECRET,
    "account_token": _SECRET,
    "api_key": _SECRET,
    "identity_site": _SECRET,
    "identity_key": _SECRET,
    "signed_identity": _ADDRESS,
    "used_token": _SECRET,
    "webhook_endpoint": _SECRET,
    "webhook_delivery": _UNDER_WAY,
    "webhook_attempt": _UNDER_WAY,
    "outbox_event.relayed_at": _UNDER_WAY,
    "job": _UNDER_WAY,
    "outgoing_email": _UNDER_WAY,
}
"""Tables and columns that are exported only when a community moves (`--private`), with the reason."""


def is_exported(table: str, column: str | None = None, *, private: bool) -> bool:
    """Return whether a table, or one of its columns, is written."""
    names = (table,) if column is None else (table, f"{table}.{column}")
    return not any(name in LEFT_OUT or (name in PRIVATE and not private) for name in names)
