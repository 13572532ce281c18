"""The views that everybody has: one literal table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, literal_column, text
from sqlmodel import col

from app.domain.queue.sorting import SORTS
from app.models import Escalation

Condition = ColumnElement[bool]

# Written out, not as parameters: partial indexes are used only where the condition stands as in their definition.
PAST: Condition = text("escalation.state IN ('resolved', 'closed', 'cancelled')")  # type: ignore[assignment]
AT_WORK: Condition = text("escalation.state NOT IN ('resolved', 'closed', 'cancelled')")  # type: ignore[assignment]


@dataclass(frozen=True)
class Standpoint:
    """What a view depends on: who looks, with which teams, when, and what is near in time."""

    user_id: int
    team_ids: Sequence[int]
    now: datetime
    soon: datetime
    midnight: datetime


@dataclass(frozen=True)
class View:
    """A view of the queue: which cases, in which order; `letter` goes there after g.

    `sorts` are the orders that it can be in; none named: all.
    """

    key: str
    letter: str
    conditions: Callable[[Standpoint], tuple[Condition, ...]]
    sort: str = "due"
    sorts: tuple[str, ...] = ()
    is_counted: bool = True

    def sort_for(self, wanted: str) -> str:
        """Return the order that is wanted if the view can be in it, and otherwise its usual one."""
        return wanted if wanted in (self.sorts or SORTS) else self.sort


def in_state(state: str) -> Condition:
    """Return the condition that a case is in this state, which must be one of ours."""
    return col(Escalation.state) == literal_column(f"'{state}'")


def _team(seen: Standpoint) -> Condition:
    if len(seen.team_ids) == 1:
        return col(Escalation.team_id) == seen.team_ids[0]
    return col(Escalation.team_id).in_(seen.team_ids)


_ALL = (
    View("open", "o", lambda _: (AT_WORK,)),
    View("unclaimed", "u", lambda _: (AT_WORK, in_state("queued"))),
    View("mine", "m", lambda seen: (AT_WORK, col(Escalation.owner_id) == seen.user_id)),
    View("team", "t", lambda seen: (AT_WORK, _team(seen))),
    View(
        "soon",
        "h",
        lambda seen: (
            AT_WORK,
            col(Escalation.next_due_at) > seen.now,
            col(Escalation.next_due_at) <= seen.soon,
        ),
    ),
    View("breached", "b", lambda seen: (AT_WORK, col(Escalation.next_due_at) <= seen.now)),
    View("waiting", "w", lambda _: (AT_WORK, in_state("waiting_customer"))),
    View("snoozed", "s", lambda _: (AT_WORK, in_state("snoozed"))),
    View(
        "resolved",
        "r",
        lambda seen: (in_state("resolved"), col(Escalation.resolved_at) >= seen.midnight),
        sort="resolved",
    ),
    # Of those that ended there may be a million, of which an index serves these orders only.
    View("past", "p", lambda _: (PAST,), sort="newest", sorts=("newest", "oldest"), is_counted=False),
)

VIEWS = {view.key: view for view in _ALL}
DEFAULT_VIEW = "open"
