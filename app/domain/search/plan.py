"""From words to what is looked up: the same plan for every engine.

Each word becomes a clause, each clause has alternatives. The rule that was measured best for codes
and model names: the whole form counts fully, its parts (all of them) a tenth, and neighbouring words
are joined when the index knows the joined form.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from app.domain.search.documents import SearchQuery
from app.domain.search.tokens import STOP_WORDS, Word, is_code, joins, words

PARTS_WEIGHT = 0.1
SYNONYM_WEIGHT = 0.8
BEGINNING_WEIGHT = 0.5
MAX_BEGINNINGS = 32
LIKENESS_WORDS = 200
LIKENESS_TERMS = 60
UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))


class Alternative(NamedTuple):
    """Terms that must all be there, and how much each then counts; 0: it is counted by another clause."""

    terms: tuple[str, ...]
    weight: float


Clause = tuple[Alternative, ...]


@dataclass(frozen=True)
class Plan:
    """`clauses` should hold, `required` must, `without` must not; `phrases` are rows of terms with their equals."""

    clauses: tuple[Clause, ...]
    required: tuple[Clause, ...]
    phrases: tuple[tuple[tuple[str, ...], ...], ...]
    without: tuple[Clause, ...]
    without_phrases: tuple[tuple[tuple[str, ...], ...], ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """All terms, once."""
        listed = (term for clause in (*self.clauses, *self.required) for one in clause for term in one.terms)
        return tuple(dict.fromkeys(listed))


class Lexicon(Protocol):
    """What a plan asks the index."""

    def frequency(self, term: str) -> int:
        """Return in how many threads a term stands."""

    def beginning_with(self, prefix: str, limit: int) -> Sequence[str]:
        """Return frequent terms that begin so."""


def plan(query: SearchQuery, lexicon: Lexicon) -> Plan:
    """Return what to look up for a query."""
    wanted = _telling(list(dict.fromkeys(word for text in query.words for word in words(text))))
    phrases = [words(phrase) for phrase in query.phrases]
    clauses = [_clause(word, query.synonyms, lexicon) for word in wanted]
    _add_joins(clauses, wanted, lexicon)
    return Plan(
        clauses=tuple(tuple(clause) for clause in clauses),
        required=tuple(tuple(_fully(word)) for phrase in phrases for word in _telling(phrase)),
        phrases=tuple(_row(phrase) for phrase in phrases if phrase),
        without=tuple(tuple(_fully(word)) for text in query.without_words for word in words(text)),
        without_phrases=tuple(_row(words(phrase)) for phrase in query.without_phrases),
    )


def likeness(title: str, body: str, *, frequency: Callable[[str], int], count: int) -> Mapping[str, float]:
    """Return the most telling terms of a question with their weights, to find others like it among `count`.

    The title counts double, repetition by its square root, and only the beginning of the body: measured
    best on support threads whose helpers linked an older one.
    """
    often: Counter[str] = Counter()
    for text, weight in ((title, 2), (" ".join(body[:8_000].split()[:LIKENESS_WORDS]), 1)):
        for word in words(text):
            if word.plain not in STOP_WORDS:
                often.update(dict.fromkeys(word.same or word.parts, weight))
    weighed = []
    for term, number in often.items():
        rooted = math.sqrt(number)
        # Terms that nobody used yet find nothing, but they make every thread less alike.
        weighed.append((rooted * math.log(1 + count / (frequency(term) or 0.5)), term, rooted))
    weighed.sort(reverse=True)
    return {term: weight for _, term, weight in weighed[:LIKENESS_TERMS]}


def _telling(found: list[Word]) -> list[Word]:
    telling = [word for word in found if word.plain not in STOP_WORDS]
    return telling or found


def _clause(word: Word, synonyms: Mapping[str, tuple[str, ...]], lexicon: Lexicon) -> list[Alternative]:
    clause = _fully(word)
    for synonym in synonyms.get(word.plain, ()):
        terms = tuple(token for one in words(synonym) for token in one.same or one.parts)
        clause.append(Alternative(terms, SYNONYM_WEIGHT))
    if not any(lexicon.frequency(term) for one in clause for term in one.terms):
        clause += _instead(word, lexicon)
    return clause


def _fully(word: Word) -> list[Alternative]:
    clause = [Alternative((form,), 1.0) for form in word.same]
    if word.parts:
        clause.append(Alternative(word.parts, PARTS_WEIGHT if word.same else 1.0))
    return clause


def _instead(word: Word, lexicon: Lexicon) -> list[Alternative]:
    """Offer other readings of a word that the index does not know: "fuer" for "für", a code by its beginning."""
    other = word.plain
    for written, folded in UMLAUTS:
        other = other.replace(written, folded)
    found = [Alternative(one.same, 1.0) for one in words(other) if other != word.plain and one.same]
    if word.same and is_code(word.same[0]):
        beginnings = lexicon.beginning_with(word.same[0], MAX_BEGINNINGS)
        found += [Alternative((term,), BEGINNING_WEIGHT) for term in beginnings]
    return found


def _add_joins(clauses: list[list[Alternative]], found: list[Word], lexicon: Lexicon) -> None:
    for first, behind, joined in joins(found):
        whole = words(joined)
        # "C# crash" joins to what is read as two words again, the first of them another language.
        term = whole[0].same[0] if len(whole) == 1 and whole[0].same else ""
        if term and lexicon.frequency(term):
            clauses[first].append(Alternative((term,), 1.0))
            for clause in clauses[first + 1 : behind]:
                clause.append(Alternative((term,), 0.0))


def _row(phrase: Sequence[Word]) -> tuple[tuple[str, ...], ...]:
    return tuple(word.same or word.parts for word in phrase)
