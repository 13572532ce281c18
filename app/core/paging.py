"""Pages of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

PAGE_SIZE = 30
LAST_PAGE = 1000  # nobody reads on; a crawler that does costs too much


@dataclass(frozen=True)
class PageOf(Generic[T]):
    """One page: `number` counts from 1, `total` is the count of all rows where it is known."""

    rows: Sequence[T]
    number: int
    size: int
    has_next: bool
    total: int | None = None

    @property
    def has_previous(self) -> bool:
        """Whether a page stands before this one."""
        return self.number > 1


def page_of(rows: Sequence[T], *, number: int, size: int = PAGE_SIZE, total: int | None = None) -> PageOf[T]:
    """Make a page from up to `size + 1` rows: the extra row only tells that there is a next page."""
    return PageOf(rows=rows[:size], number=number, size=size, has_next=len(rows) > size, total=total)


def offset_of(number: int, size: int = PAGE_SIZE) -> int:
    """Return how many rows stand before page `number` (clamped to 1..LAST_PAGE)."""
    return (min(max(number, 1), LAST_PAGE) - 1) * size
