"""Porter's stemmer (M. F. Porter, "An algorithm for suffix stripping", 1980), for folded English words.

Our own so that words are cut alike whatever the engine is; a test compares it with a well-known one.
"""

from __future__ import annotations

import re

_C = "[^aeiou](?:[^aeiouy]*)"
_V = "[aeiouy](?:[aeiou]*)"
_MORE_THAN_0 = re.compile(f"^(?:{_C})?{_V}{_C}")
_EXACTLY_1 = re.compile(f"^(?:{_C})?{_V}{_C}(?:{_V})?$")
_MORE_THAN_1 = re.compile(f"^(?:{_C})?{_V}{_C}{_V}{_C}")
_HAS_VOWEL = re.compile(f"^(?:{_C})?{_V}")
_DOUBLE = re.compile(r"([^aeiouylsz])\1$")
_SHORT = re.compile(f"^{_C}[aeiouy][^aeiouwxy]$")

_STEP_2 = {
    "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize", "bli": "ble",
    "alli": "al", "entli": "ent", "eli": "e", "ousli": "ous", "ization": "ize", "ation": "ate",
    "ator": "ate", "alism": "al", "iveness": "ive", "fulness": "ful", "ousness": "ous",
    "aliti": "al", "iviti": "ive", "biliti": "ble", "logi": "log",
}  # fmt: skip
_STEP_3 = {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": ""}
_STEP_4 = (
    "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive",
    "ize", "ion", "al", "er", "ic", "ou",
)  # fmt: skip
_ENDS_2 = re.compile("^(.+?)(" + "|".join(sorted(_STEP_2, key=len, reverse=True)) + ")$")
_ENDS_3 = re.compile("^(.+?)(" + "|".join(_STEP_3) + ")$")


def stem(word: str) -> str:
    """Return the stem of a word of lower-case ASCII letters."""
    if len(word) < 3:
        return word
    starts_with_y = word.startswith("y")
    if starts_with_y:
        word = "Y" + word[1:]
    for step in (_step_1a, _step_1b, _step_1c, _step_2, _step_3, _step_4, _step_5):
        word = step(word)
    return "y" + word[1:] if starts_with_y else word


def _step_1a(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    if word.endswith("s") and not word.endswith("ss") and len(word) > 1:
        return word[:-1]
    return word


def _step_1b(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _MORE_THAN_0.match(word[:-3]) else word
    for ending in ("ed", "ing"):
        rest = word[: -len(ending)]
        if word.endswith(ending) and _HAS_VOWEL.match(rest):
            return _mend(rest)
    return word


def _mend(word: str) -> str:
    if word.endswith(("at", "bl", "iz")):
        return word + "e"
    if _DOUBLE.search(word):
        return word[:-1]
    return word + "e" if _SHORT.match(word) else word


def _step_1c(word: str) -> str:
    return word[:-1] + "i" if word.endswith("y") and _HAS_VOWEL.match(word[:-1]) else word


def _step_2(word: str) -> str:
    found = _ENDS_2.match(word)
    if found and _MORE_THAN_0.match(found[1]):
        return found[1] + _STEP_2[found[2]]
    return word


def _step_3(word: str) -> str:
    found = _ENDS_3.match(word)
    if found and _MORE_THAN_0.match(found[1]):
        return found[1] + _STEP_3[found[2]]
    return word


def _step_4(word: str) -> str:
    for ending in _STEP_4:
        if word.endswith(ending):
            rest = word[: -len(ending)]
            if ending == "ion" and not rest.endswith(("s", "t")):
                return word
            return rest if _MORE_THAN_1.match(rest) else word
    return word


def _step_5(word: str) -> str:
    if word.endswith("e"):
        rest = word[:-1]
        if _MORE_THAN_1.match(rest) or (_EXACTLY_1.match(rest) and not _SHORT.match(rest)):
            word = rest
    if word.endswith("ll") and _MORE_THAN_1.match(word):
        word = word[:-1]
    return word
