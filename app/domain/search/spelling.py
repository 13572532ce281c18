"""Did you mean: words of present titles and tags that are one or two slips away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from app.domain.search.tokens import STOP_WORDS, fold

MAX_WORDS = 6
FREQUENT_ENOUGH = 2
MUCH_MORE_FREQUENT = 10


class Vocabulary(Protocol):
    """What spelling asks the index. Threads that were taken away, or are hidden, count for nothing."""

    def occurrences(self, plain: str) -> int:
        """Return in how many threads the word stands anywhere."""

    def beginning_with_letter(self, letter: str) -> Iterable[str]:
        """Return the words of titles and tags with this first letter."""

    def live_frequency(self, word: str, hidden_ids: frozenset[int]) -> int:
        """Return in how many threads the word stands in title or tags now."""


def corrected(vocabulary: Vocabulary, words: Sequence[str], hidden_ids: frozenset[int]) -> list[str] | None:
    """Return the words with unknown ones replaced, or None when there is nothing better."""
    better = [_better(vocabulary, written, hidden_ids) for written in words[:MAX_WORDS]]
    if not any(better):
        return None
    return [new or old for new, old in zip(better, words, strict=False)] + list(words[MAX_WORDS:])


def _better(vocabulary: Vocabulary, written: str, hidden_ids: frozenset[int]) -> str | None:
    plain = fold(written)
    if not 4 <= len(plain) <= 30 or not plain.isalpha() or plain in STOP_WORDS:
        return None
    # Others make the same slip: a word may be known, and yet another one far more so.
    known = vocabulary.occurrences(plain)
    enough = max(FREQUENT_ENOUGH, MUCH_MORE_FREQUENT * known)
    # Two slips make a rare word into another one ("Drucker", "docker"): not of one that somebody used.
    allowed = 1 if known or len(plain) < 7 else 2
    ranked = []
    for candidate in set(vocabulary.beginning_with_letter(plain[0])):
        if abs(len(candidate) - len(plain)) > allowed or len(set(candidate) ^ set(plain)) > 2 * allowed:
            continue
        slips = distance(plain, candidate, allowed)
        if 0 < slips <= allowed:
            ranked.append((slips, -vocabulary.live_frequency(candidate, hidden_ids), candidate))
    return next((candidate for _, rarity, candidate in sorted(ranked) if -rarity >= enough), None)


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
