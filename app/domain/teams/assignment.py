"""Whose turn it is: pure, without database or present time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

MODES = ("manual", "round_robin", "least_loaded")

WEIGHTS = {"low": 1, "normal": 2, "high": 3, "urgent": 4}
"""What a case of each priority weighs, in the points that a capacity is given in."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Colleague:
    """Somebody of a team as an assignment sees them; `load` is what all their open cases weigh."""

    user_id: int
    capacity: int
    load: int = 0
    last_assigned_at: datetime | None = None
    is_skilled: bool = False
    is_away: bool = False


def choose(mode: str, team: Sequence[Colleague], *, weight: int, asker_id: int | None) -> int | None:
    """Return the id of who gets a case of this weight next; None leaves it to whoever claims it.

    Able is who is not away, is not the asker, and has room for the whole weight. Those who know the
    product come first. Round robin takes who has waited longest; least loaded takes who is filled
    least, in proportion to their capacity. What is equal goes to who waited longest, then to the
    oldest account, so the same facts always give the same choice.
    """
    if mode == "manual":
        return None
    able = [each for each in team if _is_able(each, weight, asker_id)]
    skilled = [each for each in able if each.is_skilled]
    order = _waited if mode == "round_robin" else _filled
    first = min(skilled or able, key=order, default=None)
    return first.user_id if first else None


def _is_able(colleague: Colleague, weight: int, asker_id: int | None) -> bool:
    has_room = colleague.load + weight <= colleague.capacity
    return has_room and not colleague.is_away and colleague.user_id != asker_id


def _waited(colleague: Colleague) -> tuple[datetime, int]:
    return colleague.last_assigned_at or _NEVER, colleague.user_id


def _filled(colleague: Colleague) -> tuple[Fraction, datetime, int]:
    return Fraction(colleague.load, colleague.capacity), *_waited(colleague)
