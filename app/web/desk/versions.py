"""What was set up before: versions with their differences, for the history of calendars and policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.i18n import gettext as _
from app.models import User


@dataclass(frozen=True)
class Said:
    """A version: since when, by whom, and what became different: (what, before, after)."""

    number: int
    at: str
    by: User | None
    changes: Sequence[tuple[str, str, str]]


def difference(
    old: Mapping[str, object], new: Mapping[str, object], within: str = ""
) -> list[tuple[str, str, str]]:
    """Return what differs between two sets of facts, as (what, before, after); mappings are looked into."""
    found: list[tuple[str, str, str]] = []
    for name in sorted(old.keys() | new.keys(), key=list({**old, **new}).index):
        before, after = old.get(name), new.get(name)
        label = f"{within} {_words(name)}".strip()
        if before == after:
            continue
        if isinstance(before or {}, dict) and isinstance(after or {}, dict):
            found += difference(before or {}, after or {}, label)  # type: ignore[arg-type]
        else:
            found.append((label, _text(before), _text(after)))
    return found


def _words(name: str) -> str:
    return name.replace("_", " ")


def _text(value: object) -> str:
    if value is None or value in ("", []):
        return _("none")
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)
    return str(value)
