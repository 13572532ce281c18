"""The states of a case, and what may be done in each. Pure: one table, and one function that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.core.errors import Conflict
from app.core.i18n import gettext as _

AT_WORK = ("queued", "claimed", "snoozed", "waiting_customer", "waiting_internal")
ENDED = ("closed", "cancelled")

_HOME = "home"
"""Where a case goes back to: claimed with an owner, queued without."""

_SAME = {state: state for state in AT_WORK}
_TAKEN = {
    "queued": "claimed",
    "claimed": "claimed",
    "snoozed": "claimed",
    "waiting_internal": "claimed",
    "waiting_customer": "waiting_customer",
}

ACTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        # act: {state in which it is allowed: state after it}
        "claim": _TAKEN,
        "assign": _TAKEN,
        "release": {
            "claimed": "queued",
            "snoozed": "queued",
            "waiting_internal": "queued",
            "waiting_customer": "waiting_customer",
        },
        "hand_over": dict.fromkeys(AT_WORK, "waiting_internal"),
        "snooze": {
            "queued": "snoozed",
            "claimed": "snoozed",
            "snoozed": "snoozed",
            "waiting_internal": "snoozed",
        },
        "wake": {"snoozed": _HOME},
        "reply": {
            "queued": _HOME,
            "claimed": "claimed",
            "snoozed": _HOME,
            "waiting_internal": _HOME,
            "waiting_customer": "waiting_customer",
            "resolved": "resolved",
        },
        "update": {**_SAME, "waiting_internal": _HOME, "resolved": "resolved"},
        "wait": dict.fromkeys(AT_WORK, "waiting_customer"),
        "hear": {**_SAME, "snoozed": _HOME, "waiting_customer": _HOME, "resolved": _HOME},
        "note": {**_SAME, "resolved": "resolved"},
        "change": {**_SAME, "resolved": "resolved"},
        "resolve": dict.fromkeys(AT_WORK, "resolved"),
        "reopen": {"resolved": _HOME},
        "close": {"resolved": "closed"},
        "cancel": dict.fromkeys((*AT_WORK, "resolved"), "cancelled"),
    }
)
"""`reply` is a public word of staff, `hear` one of the customer, `update` an internal word of the owner."""

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "queued": "in the queue",
        "claimed": "claimed",
        "snoozed": "snoozed",
        "waiting_customer": "waiting for the customer",
        "waiting_internal": "handed over inside",
        "resolved": "resolved",
        "closed": "closed",
        "cancelled": "cancelled",
    }
)


class Impossible(Conflict):
    """The act is not possible in the state that the case is in."""


def is_allowed(act: str, state: str) -> bool:
    """Whether the act is possible in this state."""
    return state in ACTS[act]


def after(act: str, state: str, *, has_owner: bool) -> str:
    """Return the state that the act leads to; raise Impossible with a sentence."""
    found = ACTS[act].get(state)
    if found is None:
        raise Impossible(_("That can't be done: the case is %(state)s.") % {"state": _(NAMES[state])})
    if found == _HOME:
        return "claimed" if has_owner else "queued"
    return found
