"""Differences of two texts, side by side, with the changed words marked."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_LONGEST_FOR_WORDS = 4000  # difflib is quadratic at worst; beyond this a line is marked as a whole


@dataclass(frozen=True)
class Cell:
    """One side of a row: the line's number (None: no line here) and its pieces, each changed or not."""

    number: int | None
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class DiffRow:
    """A row of the comparison; `kind` is same, changed, added, removed or gap."""

    kind: str
    left: Cell
    right: Cell


_NOTHING = Cell(None, ())


def side_by_side(old: str, new: str, *, context: int = 3) -> list[DiffRow]:
    """Return the rows of a comparison; unchanged stretches are cut to `context` lines around changes."""
    left, right = old.splitlines(), new.splitlines()
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=True)
    rows: list[DiffRow] = []
    for group in matcher.get_grouped_opcodes(context):
        if rows:
            rows.append(DiffRow("gap", _NOTHING, _NOTHING))
        for tag, a1, a2, b1, b2 in group:
            rows.extend(_rows(tag, left[a1:a2], right[b1:b2], a1, b1))
    return rows


def _rows(tag: str, left: list[str], right: list[str], a: int, b: int) -> list[DiffRow]:
    if tag == "equal":
        return [DiffRow("same", _plain(a + at, text), _plain(b + at, text)) for at, text in enumerate(left)]
    rows = []
    for at in range(max(len(left), len(right))):
        if at >= len(right):
            rows.append(DiffRow("removed", _marked(a + at, left[at]), _NOTHING))
        elif at >= len(left):
            rows.append(DiffRow("added", _NOTHING, _marked(b + at, right[at])))
        else:
            old, new = _words(left[at], right[at])
            rows.append(DiffRow("changed", Cell(a + at + 1, old), Cell(b + at + 1, new)))
    return rows


def _words(old: str, new: str) -> tuple[tuple[tuple[str, bool], ...], tuple[tuple[str, bool], ...]]:
    if len(old) + len(new) > _LONGEST_FOR_WORDS:
        return ((old, True),), ((new, True),)
    left, right = _WORDS.findall(old), _WORDS.findall(new)
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    old_pieces: list[tuple[str, bool]] = []
    new_pieces: list[tuple[str, bool]] = []
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        changed = tag != "equal"
        if a2 > a1:
            old_pieces.append(("".join(left[a1:a2]), changed))
        if b2 > b1:
            new_pieces.append(("".join(right[b1:b2]), changed))
    return tuple(old_pieces), tuple(new_pieces)


def _plain(number: int, text: str) -> Cell:
    return Cell(number + 1, ((text, False),))


def _marked(number: int, text: str) -> Cell:
    return Cell(number + 1, ((text, True),))
