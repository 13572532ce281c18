"""Orders of the queue, and how a page goes on where the one before ended.

An order is a row of sections, each served by an index. Cases without a running clock have no due
instant and come last; databases disagree on where missing values stand, so they are a section of
their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col

from app.models import Escalation, Question

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST = 10**17


@dataclass(frozen=True)
class Section:
    """A part of an order: rows with these conditions, by `key` and then by id; without a key by id alone.

    `missing` names the column that has no value in all of these rows: PostgreSQL uses its index only if told.
    """

    conditions: tuple[ColumnElement[bool], ...] = ()
    key: str = ""  # a column of Escalation, or "me_too_count" of its question
    descending: bool = False
    missing: str = ""

    @property
    def column(self) -> Any:
        """The column that the rows are ordered by."""
        return col(Question.me_too_count) if self.key == "me_too_count" else getattr(Escalation, self.key)

    def order(self) -> list[Any]:
        """Return the ORDER BY of the section."""
        first = [self.column] if self.key else [getattr(Escalation, self.missing)] if self.missing else []
        columns = [*first, col(Escalation.id)]
        return [column.desc() for column in columns] if self.descending else columns

    def value(self, case: Escalation) -> Any:
        """Return what a row is ordered by; its question must be loaded."""
        return case.question.me_too_count if self.key == "me_too_count" else getattr(case, self.key)


@dataclass(frozen=True)
class Cursor:
    """The place behind a row: which section, its key and id."""

    section: int
    key: datetime | int | None
    id: int

    def conditions(self, section: Section) -> ColumnElement[bool]:
        """Return the condition of rows behind this place, in the way that an index serves it."""
        further = col(Escalation.id) < self.id if section.descending else col(Escalation.id) > self.id
        if self.key is None:
            return further
        column = section.column
        if section.descending:
            return and_(column <= self.key, or_(column < self.key, further))
        return and_(column >= self.key, or_(column > self.key, further))

    def __str__(self) -> str:
        if isinstance(self.key, datetime):
            return f"{self.section}.t{(self.key - _EPOCH) // _MICROSECOND}.{self.id}"
        return f"{self.section}.{'' if self.key is None else self.key}.{self.id}"


def cursor(text: str, *, sort: str) -> Cursor | None:
    """Read a place from an address; None when it is none of this order: the list then starts at its top."""
    parts = text.split(".")
    numbers = [part.removeprefix("t") for part in parts]
    if len(parts) != 3 or not all(number.isascii() and number.isdigit() for number in numbers if number):
        return None
    if not numbers[0] or not numbers[2] or any(int(number or 0) > _LARGEST for number in numbers):
        return None
    place = int(numbers[0])
    if place >= len(SORTS[sort]) or int(numbers[2]) > 2**31:
        return None
    section = SORTS[sort][place]
    if bool(section.key) != bool(numbers[1]) or parts[1].startswith("t") != section.key.endswith("_at"):
        return None
    key: datetime | int | None = int(numbers[1]) if numbers[1] else None
    if parts[1].startswith("t"):
        key = _EPOCH + int(numbers[1]) * _MICROSECOND
    return Cursor(place, key, int(numbers[2]))


def _by_due(*conditions: ColumnElement[bool]) -> tuple[Section, ...]:
    due = col(Escalation.next_due_at)
    return (
        Section((*conditions, due.is_not(None)), "next_due_at"),
        Section((*conditions, due.is_(None)), missing="next_due_at"),
    )


def _by_priority() -> tuple[Section, ...]:
    return tuple(
        section
        for priority in ("urgent", "high", "normal", "low")
        for section in _by_due(col(Escalation.priority) == priority)
    )


SORTS: dict[str, tuple[Section, ...]] = {
    "due": _by_due(),
    "priority": _by_priority(),
    "newest": (Section((), "opened_at", descending=True),),
    "oldest": (Section((), "opened_at"),),
    "me_too": (Section((), "me_too_count", descending=True),),
    "resolved": (Section((col(Escalation.resolved_at).is_not(None),), "resolved_at", descending=True),),
}
DEFAULT_SORT = "due"
