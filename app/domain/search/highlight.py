"""Marking what was found: titles, and the best passage of a text.

The text is escaped first and piece by piece; only our own <mark> is ever added. What counts as found
is decided by the same tokenizer that filled the index, so that "printers" is marked for `printing`
exactly when it was found by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from itertools import pairwise
from typing import NamedTuple

from app.domain.search.tokens import STOP_WORDS, fold, word, words

SNIPPET = 220
MAX_TEXT = 60_000
_CHUNKS = re.compile(r"[^\W_]+(?:[-_.'\u2019&\u2010\u2011]+[^\W_]+)*(?:\+\+(?!\w)|#(?!\w))?")
_CONNECTORS = re.compile(r"[-_.'&]+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")

Span = tuple[int, int]


class Finder:
    """Knows which words of a text a query means: the forms in `meant`, of `wanted` different words.

    Texts are taken apart at their blanks, which no word has in it. A piece is cut into words, once, only if
    it holds the beginning of something that is meant, or a letter beyond ASCII, which may be folded to one.
    """

    def __init__(self, wanted: Iterable[str]) -> None:
        found = [one for text in wanted for one in words(text)]
        telling = [one for one in found if one.plain not in STOP_WORDS] or found
        self._whole = {form for one in telling for form in one.same}
        self._parts = {part for one in telling if not one.same for part in one.parts}
        self.wanted = len({one.plain for one in telling})
        self._joined = {fold(left.plain + right.plain) for left, right in pairwise(found)}
        self.meant = frozenset(self._whole | self._joined | self._parts)
        beginnings = sorted({_beginning(form) for form in self.meant})
        self._beginnings = re.compile("|".join(map(_with_connectors, beginnings)) or "(?!)")
        self._read: dict[str, list[tuple[int, int, str]]] = {}

    def __bool__(self) -> bool:
        return bool(self._whole or self._parts)

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """Return start, end and matched term of each word that was meant."""
        found: list[tuple[int, int, str]] = []
        end = -1
        for at in self._telling(text):
            if at < end:
                continue  # in a piece that was read
            start = text.rfind(" ", 0, at) + 1
            end = text.find(" ", at)
            end = len(text) if end < 0 else end
            found += [(start + first, start + last, term) for first, last, term in self._in(text[start:end])]
        return found

    def _telling(self, text: str) -> list[int]:
        """Return where beginnings of what is meant and letters beyond ASCII stand."""
        lower = text.lower()
        if len(lower) != len(text):  # one letter becomes two, and is beyond ASCII anyway
            lower = text.replace("\u0130", "\u0131").lower()
        at = [one.start() for one in self._beginnings.finditer(lower)]
        return at if text.isascii() else sorted(at + [one.start() for one in _NOT_ASCII.finditer(text)])

    def _in(self, piece: str) -> list[tuple[int, int, str]]:
        if piece not in self._read:
            spans = [(one.start(), one.end(), self._term(one[0])) for one in _CHUNKS.finditer(piece)]
            self._read[piece] = [span for span in spans if span[2]]
        return self._read[piece]

    def _term(self, chunk: str) -> str:
        return next((form for form in word(chunk).tokens if form in self.meant), "")


def _beginning(form: str) -> str:
    """Return letters that stand, but for connectors, in every ASCII chunk that has this form.

    A stem has the first three letters of its words; of a shorter one the last may be another ("eyed": "ei").
    """
    letters = _CONNECTORS.sub("", form.removeprefix("0x"))
    return letters[: min(3, max(1, len(letters) - 1))]


def _with_connectors(beginning: str) -> str:
    """Return a pattern for these letters, connectors between them or not."""
    return _CONNECTORS.pattern.replace("+", "*").join(map(re.escape, beginning))


def marked(text: str, finder: Finder) -> str:
    """Return the text as safe HTML with what was found marked."""
    return _marked(text, [(start, end) for start, end, _ in finder.spans(text)])


class Passage(NamedTuple):
    """A piece of one of several texts: which one, and the piece as safe HTML."""

    number: int
    html: str


def best_passage(texts: Iterable[str], finder: Finder, *, length: int = SNIPPET) -> Passage:
    """Return the best passage among the texts: the one with most different terms found, the earliest of equals.

    Each text is one line. Texts after one that has all the words in one place are not looked at.
    """
    best, best_number, best_score, best_at = "", 0, -1.0, (0, 0)
    for number, whole in enumerate(texts):
        text = whole[:MAX_TEXT]
        score, window = _best_window(text, finder.spans(text), length)
        score -= number * 0.001  # of equal passages the first, which is the question's own
        if text and score > best_score:
            best, best_number, best_score, best_at = text, number, score, window
        if best_score >= finder.wanted > 0:
            break
    return Passage(best_number, _cut(best, finder, *best_at, length=length))


def _best_window(text: str, spans: list[tuple[int, int, str]], length: int) -> tuple[float, Span]:
    if not spans:
        return 0.0, (0, min(len(text), length))
    best, best_window = 0.0, (0, length)
    last = 0
    for first, (start, _, _) in enumerate(spans):
        last = max(last, first)
        while last + 1 < len(spans) and spans[last + 1][1] <= start + length:
            last += 1
        terms = {term for _, _, term in spans[first : min(last + 1, first + 40)]}
        score = len(terms) + 0.05 * min(last - first, 10)
        if score > best:
            best, best_window = score, (start, spans[last][1])
    return best, best_window


def _cut(text: str, finder: Finder, start: int, end: int, *, length: int) -> str:
    margin = max(0, (length - (end - start)) // 3)
    start = max(0, start - margin)
    if start:
        start = text.find(" ", start) + 1 if 0 <= text.find(" ", start) < start + 30 else start
    end = min(len(text), start + length)
    if end < len(text):
        space = text.rfind(" ", start, end)
        end = space if space > start + length // 2 else end
    passage = text[start:end]
    before, after = ("… " if start else ""), (" …" if end < len(text) else "")
    return before + marked(passage, finder) + after


def _marked(text: str, spans: list[Span]) -> str:
    pieces, at = [], 0
    for start, end in spans:
        pieces += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    pieces.append(escape(text[at:]))
    return "".join(pieces)
