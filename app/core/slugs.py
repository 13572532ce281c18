"""The readable part of an address."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 80

_UNFOLDED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "\u0131": "i"}
)
_NOT_WORD = re.compile(r"[\W_]+")


def slug(title: str) -> str:
    """Return a title for use in an address: lower case, words joined by "-", accents off Latin letters.

    Letters of other scripts stay (browsers show them). Never empty: "untitled" for a title without
    letters or digits.
    """
    joined = _NOT_WORD.sub("-", title.lower() if title.isascii() else _folded(title)).strip("-")
    return _cut(joined) or "untitled"


def _folded(title: str) -> str:
    # Compatibility forms first, or their lower case would be missed.
    folded = unicodedata.normalize("NFKC", title).casefold().translate(_UNFOLDED)
    decomposed = unicodedata.normalize("NFKD", folded)
    return unicodedata.normalize("NFC", _without_latin_accents(decomposed))


def _without_latin_accents(decomposed: str) -> str:
    kept: list[str] = []
    after_latin = False
    for character in decomposed:
        if not unicodedata.combining(character):
            after_latin = character.isascii()
            kept.append(character)
        elif not after_latin:
            kept.append(character)  # in other scripts a mark makes another letter: й, が
    return "".join(kept)


def _cut(joined: str) -> str:
    if len(joined) <= MAX_LENGTH:
        return joined
    whole_words = joined[: MAX_LENGTH + 1].rpartition("-")[0]
    return whole_words if len(whole_words) > MAX_LENGTH // 2 else joined[:MAX_LENGTH].strip("-")
