"""What a list of the queue shows: read from an address, and written back into one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from urllib.parse import urlencode

from app.domain.queue.sorting import DEFAULT_SORT
from app.domain.queue.views import DEFAULT_VIEW, VIEWS
from app.models import ENTRY_REASONS, ESCALATION_STATES, METRICS, PRIORITIES

COLUMNS = ("clock", "reason", "product", "asker", "me_too", "answers", "state", "priority", "team", "owner")
"""What can be shown beside the due badge and the title, in this order."""

USUAL_COLUMNS = ("clock", "reason", "product", "asker", "me_too", "answers", "state", "owner")
OWNERS = ("me", "none")
LONGEST = 100

_CHOICES = {
    "state": ESCALATION_STATES,
    "priority": PRIORITIES,
    "reason": ENTRY_REASONS,
    "metric": METRICS,
    "columns": COLUMNS,
}
"""What may be named several times, and what it can be."""


@dataclass(frozen=True)
class Filters:
    """Which cases: those of a view, narrowed down. Empty means any.

    `owner` is "me", "none" or a handle; `team` and `product` are slugs (a product covers those below
    it); `find` is words of the title, or "#12" for a case or question by number.
    """

    view: str = DEFAULT_VIEW
    state: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()
    metric: tuple[str, ...] = ()
    owner: str = ""
    team: str = ""
    product: str = ""
    find: str = ""

    @property
    def are_narrow(self) -> bool:
        """Whether they leave out cases of the view."""
        return self != Filters(view=self.view)


@dataclass(frozen=True)
class Listing:
    """A list as its address names it: filters, order and columns."""

    filters: Filters = field(default_factory=Filters)
    sort: str = DEFAULT_SORT
    columns: tuple[str, ...] = USUAL_COLUMNS

    def values(self) -> dict[str, str]:
        """Return what differs from the usual list, as the parts of an address."""
        usual = Listing()
        parts = {
            item.name: _text(getattr(self.filters, item.name))
            for item in fields(Filters)
            if getattr(self.filters, item.name) != getattr(usual.filters, item.name)
        }
        if self.sort != VIEWS[self.filters.view].sort:
            parts["sort"] = self.sort
        if self.columns != usual.columns:
            parts["columns"] = _text(self.columns) or "none"
        return parts

    def query(self, **others: str) -> str:
        """Return the list as the query of an address ("" or "?view=mine"), with some parts changed."""
        parts = {**self.values(), **others}
        known = {name: value for name, value in parts.items() if value}
        return f"?{urlencode(known)}" if known else ""

    def of_view(self, view: str) -> Listing:
        """Return the whole of another view, in the order that suits it and the columns of this list."""
        return replace(self, filters=Filters(view=view), sort=VIEWS[view].sort)


def read(values: Mapping[str, str]) -> Listing:
    """Read a list from an address. What nothing is known by is left out: addresses never break."""
    view = values.get("view", "")
    view = view if view in VIEWS else DEFAULT_VIEW
    named = {name: _several(values.get(name, ""), choices) for name, choices in _CHOICES.items()}
    columns = named["columns"] or (() if values.get("columns") == "none" else USUAL_COLUMNS)
    texts = {name: values.get(name, "").strip()[:LONGEST] for name in ("owner", "team", "product", "find")}
    return Listing(
        filters=Filters(
            view=view,
            state=named["state"],
            priority=named["priority"],
            reason=named["reason"],
            metric=named["metric"],
            owner=texts["owner"],
            team=texts["team"],
            product=texts["product"],
            find=texts["find"],
        ),
        sort=VIEWS[view].sort_for(values.get("sort", "")),
        columns=columns,
    )


def _several(text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    given = set(text.split(","))
    return tuple(each for each in known if each in given)


def _text(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ",".join(value)
