"""Did you mean: words of present titles and tags that are one or two slips away."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from app.domain.search.engines.whoosh.segments import View
from app.domain.search.tokens import STOP_WORDS, fold, word

MAX_CANDIDATES = 4_000
MAX_WORDS = 6
FREQUENT_ENOUGH = 2


def corrected(view: View, words: Sequence[str], hidden_ids: frozenset[int]) -> list[str] | None:
    """Return the words with unknown ones replaced, or None when there is nothing better."""
    better = [_better(view, written, hidden_ids) for written in words[:MAX_WORDS]]
    if not any(better):
        return None
    return [new or old for new, old in zip(better, words, strict=False)]


def _better(view: View, written: str, hidden_ids: frozenset[int]) -> str | None:
    plain = fold(written)
    if len(plain) < 4 or not plain.isalpha() or plain in STOP_WORDS:
        return None
    enough = max(FREQUENT_ENOUGH, 10 * _occurrences(view, plain))
    allowed = 1 if len(plain) < 7 else 2
    near = []
    for candidate in _candidates(view, plain, allowed):
        slips = distance(plain, candidate, allowed)
        if slips <= allowed:
            near.append((slips, candidate))
    ranked = sorted((slips, -_frequency(view, candidate, hidden_ids), candidate) for slips, candidate in near)
    return next((candidate for _, rarity, candidate in ranked if -rarity >= enough), None)


def _occurrences(view: View, plain: str) -> int:
    """Count the threads that have the word as it was written: others make the same slip, but few."""
    return max((view.live_frequency("text", form) for form in word(plain).same), default=0)


def _candidates(view: View, plain: str, allowed: int) -> set[str]:
    """Return words with the same first letter and about the same length."""
    found: set[str] = set()
    for segment in view.segments:
        vocabulary = segment.words()
        start, end = bisect_left(vocabulary, plain[0]), bisect_left(vocabulary, chr(ord(plain[0]) + 1))
        fitting = (one for one in vocabulary[start:end] if abs(len(one) - len(plain)) <= allowed)
        found.update(one for one in fitting if _share_letters(one, plain, allowed))
        if len(found) > MAX_CANDIDATES:
            break
    return found


def _share_letters(one: str, other: str, allowed: int) -> bool:
    return len(set(one) ^ set(other)) <= 2 * allowed


def _frequency(view: View, candidate: str, hidden_ids: frozenset[int]) -> int:
    """Count the threads that have the word now: not deleted ones, not hidden ones."""
    hidden = np.fromiter(hidden_ids, dtype=np.int64)
    total = 0
    for segment in view.segments:
        docs = segment.postings("word", candidate).docs
        if segment.alive is not None:
            docs = docs[segment.alive[docs]]
        total += int((~np.isin(segment.numbers("qid")[docs], hidden)).sum())
    return total


def distance(one: str, other: str, most: int) -> int:
    """Return how many letters must be changed, added, dropped or swapped with a neighbour (up to `most` + 1)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        older, before, row = before, row, [at]
        for to, wanted in enumerate(other, 1):
            cost = 0 if letter == wanted else 1
            step = min(row[-1] + 1, before[to] + 1, before[to - 1] + cost)
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == wanted:
                step = min(step, older[to - 2] + 1)
            row.append(step)
        if min(row) > most:
            return most + 1
    return row[-1]
