"""Words as people type them, cut into what the index holds.

A support question is full of words that common analyzers spoil: `0x80070057`, `XPS-13-9310`,
`C++`, "Windows 7", `foo.exe`, `v2.3.1`, Japanese. Each chunk of text becomes a *whole* form
(connectors removed, so that `wi-fi` is `wifi`), its equals, and its *parts*. Letters alone, from
four on, are stemmed unless protected.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from app.domain.search.stemming import stem

MAX_TOKEN = 40
MAX_JOINED = 4

PROTECTED = frozenset(
    [
        "bios",
        "dns",
        "windows",
        "macos",
        "ios",
        "aws",
        "news",
        "series",
        "chess",
        "access",
        "address",
        "wireless",
        "express",
        "lens",
        "gps",
        "dos",
    ]
)
"""Words that the stemmer would confuse with others."""


class _Whole:
    """The words that are not stemmed, now."""

    words = PROTECTED


STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "me",
        "my",
        "no",
        "not",
        "of",
        "on",
        "or",
        "our",
        "so",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
        "am",
        "any",
        "im",
        "ive",
        "dont",
        "doesnt",
        "cant",
    ]
)
"""Words that say nothing about a problem: searched for only when there are no others."""

_CJK = (
    "\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
)
_CHUNK = re.compile(r"[^\W_]+(?:[-_.'\u2019&\u2010\u2011]+[^\W_]+)*(?:\+\+(?!\w)|#(?!\w))?")
_CJK_RUN = re.compile(f"[{_CJK}]+|[^{_CJK}]+")
_IS_CJK = re.compile(f"[{_CJK}]")
_CONNECTORS = re.compile(r"[-_.'\u2019&\u2010\u2011]+")
_SILENT = re.compile(r"[-_'\u2019&\u2010\u2011]+")
_LETTERS_OR_DIGITS = re.compile(r"[^\W\d_]+|\d+")
_HUMPS = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}(?![a-z])|\d+")
_HEX = re.compile(r"^0x[0-9a-f]{2,}$")
_HEX_BARE = re.compile(r"^[0-9a-f]*\d[0-9a-f]*$")
_MARKS = re.compile("[\u0300-\u036f]")
_LIGATURES = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)


class Word(NamedTuple):
    """What a chunk of text stands for: any of `same` says it fully, all of `parts` together nearly."""

    same: tuple[str, ...]
    parts: tuple[str, ...]
    plain: str

    @property
    def tokens(self) -> tuple[str, ...]:
        """Everything the index holds for it."""
        return (*self.same, *self.parts)


def chunks(text: str) -> list[str]:
    """Return the chunks of a text, as written."""
    return _CHUNK.findall(unicodedata.normalize("NFKC", text) if not text.isascii() else text)


def protect(more: frozenset[str]) -> None:
    """Keep these words from being stemmed, beside those of PROTECTED, in the whole process from now on.

    Text must be cut alike when it is written and when it is looked for: whoever opens an index passes
    the words it was written with.
    """
    if _Whole.words != PROTECTED | more:
        _Whole.words = PROTECTED | more


def words(text: str) -> list[Word]:
    """Return the words of a text, in order."""
    return [word(chunk) for chunk in chunks(text)]


def word(chunk: str) -> Word:
    """Cut one chunk."""
    return _cut(chunk, _Whole.words)


def stem_of(folded: str) -> str:
    """Return what a word becomes that nobody protects."""
    return stem(folded)[:MAX_TOKEN]


@lru_cache(maxsize=40_000)  # of a large community's words it cuts 0.2 % more often than all of them kept
def _cut(chunk: str, _protected: frozenset[str]) -> Word:
    folded = fold(chunk)
    if folded.isalpha() and folded.isascii():
        same = (_stemmed(folded),)
        return Word(same, _unless(same, _humps(chunk)) if chunk[1:] != chunk[1:].lower() else (), folded)
    if _IS_CJK.search(folded):
        return _cjk(folded)
    return _compound(chunk, folded)


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """Return the text without case and accents."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text).casefold().translate(_LIGATURES)
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", text)))


def joins(found: Sequence[Word]) -> Iterator[tuple[int, int, str]]:
    """Return (first, behind the last, joined form) for each run of 2 to 4 neighbours: "xps 13" may mean `xps13`."""
    for first in range(len(found)):
        for behind in range(first + 2, min(first + MAX_JOINED, len(found)) + 1):
            joined = "".join(_SILENT.sub("", one.plain) for one in found[first:behind])
            if len(joined) <= MAX_TOKEN:
                yield first, behind, joined


def model_names(found: Sequence[Word]) -> list[str]:
    """Return the joined forms of what reads like a model or version: letters, then short codes with digits."""
    names = []
    for at, (left, right) in enumerate(pairwise(found)):
        if not (left.plain.isalpha() and 2 <= len(left.plain) <= 12 and _is_code(right.plain)):
            continue
        if left.plain in STOP_WORDS:
            continue
        name = left.plain
        for following in found[at + 1 : at + MAX_JOINED]:
            if not _is_code(following.plain):
                break
            name += _SILENT.sub("", following.plain)
            names.append(name[:MAX_TOKEN])
    return names


def is_code(token: str) -> bool:
    """Return whether a token looks like a code: it has a digit and is long enough to be searched by its beginning."""
    return len(token) >= 4 and any(character.isdigit() for character in token)


def _is_code(plain: str) -> bool:
    return len(plain) <= 8 and any(character.isdigit() for character in plain)


def _stemmed(folded: str) -> str:
    if len(folded) < 4 or folded in _Whole.words:
        return folded[:MAX_TOKEN]
    return stem(folded)[:MAX_TOKEN]


def _humps(chunk: str) -> list[str]:
    humps = _HUMPS.findall(chunk)
    return [_stemmed(fold(hump)) for hump in humps] if len(humps) > 1 else []


def _cjk(folded: str) -> Word:
    parts: list[str] = []
    for run in _CJK_RUN.findall(folded):
        if not _IS_CJK.match(run):
            parts += [token for one in words(run) for token in one.same]
        elif len(run) == 1:
            parts.append(run)
        else:
            parts += [run[at : at + 2] for at in range(len(run) - 1)]
    return Word((), tuple(dict.fromkeys(parts)), folded)


def _compound(chunk: str, folded: str) -> Word:
    whole = _SILENT.sub("", folded)
    same = [_stemmed(whole) if whole.isascii() and whole.isalpha() else whole[:MAX_TOKEN]]
    if "." in whole and not whole.replace(".", "").isdigit():
        same.append(whole.replace(".", "")[:MAX_TOKEN])
    if _HEX.match(whole):
        same.append(whole[2:])
    elif len(whole) == 8 and _HEX_BARE.match(whole):
        same.append("0x" + whole)
    if re.match(r"v\d", whole):
        same.append(whole[1:MAX_TOKEN])
    parts: list[str] = []
    for piece in _CONNECTORS.split(chunk):
        parts += _pieces(piece, alone="'" not in chunk and "\u2019" not in chunk)
    parts += [left + right for left, right in pairwise(_CONNECTORS.split(folded)) if right[:1].isdigit()]
    return Word(tuple(dict.fromkeys(same)), _unless(tuple(same), parts), folded)


def _pieces(piece: str, *, alone: bool) -> list[str]:
    folded = fold(piece)
    if not alone and len(folded) < 3:
        return []
    if folded.isalpha():
        return [_stemmed(folded) if folded.isascii() else folded, *_humps(piece)]
    runs = [run for run in _LETTERS_OR_DIGITS.findall(folded) if len(run) > (2 if run.isdigit() else 1)]
    split = [_stemmed(run) if run.isascii() else run for run in runs] if len(folded) > 4 else []
    return [folded[:MAX_TOKEN], *split] if not _HEX.match(folded) else []


def _unless(same: tuple[str, ...], parts: Sequence[str]) -> tuple[str, ...]:
    return tuple(part for part in dict.fromkeys(parts) if part not in same)
