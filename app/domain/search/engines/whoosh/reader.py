"""Searching an opened Whoosh index."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.domain.search import spelling
from app.domain.search.documents import Hit, ResultPage, SearchQuery, Stats
from app.domain.search.engines.whoosh import facets
from app.domain.search.engines.whoosh.scoring import Found, find, find_like, ideal
from app.domain.search.engines.whoosh.segments import Segment, View
from app.domain.search.plan import Alternative, Clause, Plan, likeness, plan
from app.domain.search.tokens import STOP_WORDS, fold, word, words

ENOUGH = 5
MAX_COMPLETIONS = 50
SHORT_QUERY = 4


class Terms:
    """A Lexicon: what a plan may know of the terms of a view, as if hidden threads were not there."""

    def __init__(self, view: View, hidden_ids: frozenset[int]) -> None:
        self._view = view
        self._hidden_ids = hidden_ids

    def frequency(self, term: str) -> int:
        return self._view.told_frequency("text", term, self._hidden_ids)

    def beginning_with(self, prefix: str, limit: int) -> list[str]:
        return self._view.beginning_with("text", prefix, limit)


class WhooshReader:
    """A SearchReader on a view of the index."""

    def __init__(self, view: View) -> None:
        self._view = view

    def search(self, query: SearchQuery, *, facets_at: datetime | None = None) -> ResultPage:
        planned = plan(query, Terms(self._view, query.hidden_ids))
        found = find(self._view, query, planned)
        found, is_partial = _all_words_if_enough(found, len(planned.clauses) + len(planned.required))
        total = sum(len(one.docs) for one in found)
        hits = self._best(found, query, planned, is_partial=is_partial)
        counts = facets.count(found, now=facets_at) if facets_at else {}
        return ResultPage(hits=tuple(hits), total=total, is_partial=is_partial, facets=counts)

    def related(
        self, *, title: str, body: str, limit: int, hidden_ids: frozenset[int] = frozenset()
    ) -> list[Hit]:
        known = Terms(self._view, hidden_ids)
        terms = likeness(title, body, frequency=known.frequency, count=self._view.count)
        if not terms:
            return []
        query = SearchQuery(hidden_ids=hidden_ids, limit=limit)
        planned = Plan(tuple((Alternative((term,), weight),) for term, weight in terms.items()), (), (), ())
        hits = self._best(find_like(self._view, query, terms), query, planned, is_partial=False)
        whole = ideal(self._view, terms, hidden_ids)
        return [hit._replace(score=hit.score / whole) for hit in hits]

    def suggest(self, text: str, *, limit: int, hidden_ids: frozenset[int] = frozenset()) -> list[Hit]:
        typed = words(text)
        if not typed:
            return []
        completed = self._completions(typed[-1].plain)
        clauses: list[Clause] = [
            tuple(Alternative((form,), 1.0) for form in (word.same or word.parts))
            for word in typed[:-1]
            if word.plain not in STOP_WORDS
        ]
        if not completed:
            return []
        planned = Plan((*clauses, completed), (), (), ())
        query = SearchQuery(hidden_ids=hidden_ids, limit=limit)
        found = find(self._view, query, planned, fields=("title",))
        complete = [one.only(one.clauses == len(planned.clauses)) for one in found]
        return self._best(complete, query, planned, is_partial=False)

    def did_you_mean(
        self, words: Sequence[str], *, hidden_ids: frozenset[int] = frozenset()
    ) -> list[str] | None:
        return spelling.corrected(self, words, hidden_ids)

    def ids(self) -> Iterator[int]:
        for segment in self._view.segments:
            ids = segment.numbers("qid")
            yield from (ids if segment.alive is None else ids[segment.alive]).tolist()

    def holding(self, terms: Sequence[str], *, limit: int) -> set[int]:
        found: set[int] = set()
        for segment in self._view.segments:
            for term in terms:
                docs = segment.postings("text", term).docs
                if segment.alive is not None:
                    docs = docs[segment.alive[docs]]
                found.update(segment.numbers("qid")[docs[:limit]].tolist())
        return set(sorted(found)[:limit])

    def stats(self) -> Stats:
        deleted = sum(segment.deleted_count for segment in self._view.segments)
        return Stats("whoosh", self._view.count - deleted, deleted, len(self._view.segments))

    def occurrences(self, plain: str) -> int:
        """Return in how many threads a word stands (Vocabulary)."""
        return max((self._view.live_frequency("text", form) for form in word(plain).same), default=0)

    def beginning_with_letter(self, letter: str) -> Iterator[str]:
        """Return the words of titles and tags with a first letter (Vocabulary)."""
        for segment in self._view.segments:
            vocabulary = segment.words()
            yield from vocabulary[
                bisect_left(vocabulary, letter) : bisect_left(vocabulary, chr(ord(letter) + 1))
            ]

    def live_frequency(self, word: str, hidden_ids: frozenset[int]) -> int:
        """Return in how many present titles and tags a word stands (Vocabulary)."""
        return self._view.live_frequency("word", word, hidden_ids)

    def _completions(self, beginning: str) -> Clause:
        """Return the words that begin so; one that is whole already counts most."""
        if len(beginning) < 2:
            return tuple(Alternative((form,), 1.0) for one in words(beginning) for form in one.same)
        completed = self._view.beginning_with("word", fold(beginning), MAX_COMPLETIONS)
        forms = dict.fromkeys(form for word in completed for one in words(word) for form in one.same)
        whole = {form for one in words(beginning) for form in one.same}
        return tuple(
            Alternative((form,), 2.0 if form in whole else 1.0) for form in {**forms, **dict.fromkeys(whole)}
        )

    def _best(self, found: list[Found], query: SearchQuery, planned: Plan, *, is_partial: bool) -> list[Hit]:
        keys = [_sort_keys(one, query, planned, is_partial=is_partial) for one in found]
        if not keys:
            return []
        ids = np.concatenate([one.segment.numbers("qid")[one.docs] for one in found])
        scores = np.concatenate([one.scores for one in found])
        order = _top(np.concatenate(keys), ids, query.offset + query.limit)[query.offset :]
        in_title = self._with_phrases(found, planned) if planned.phrases else None
        return [
            Hit(int(ids[at]), float(scores[at]), in_title is None or int(ids[at]) in in_title) for at in order
        ]

    def _with_phrases(self, found: list[Found], planned: Plan) -> set[int]:
        holding: set[int] = set()
        for one in found:
            docs = set(one.docs.tolist())
            for phrase in planned.phrases:
                docs &= _in_a_row(one.segment, phrase)
            ids = one.segment.numbers("qid")
            holding |= {int(ids[doc]) for doc in docs}
        return holding


def _all_words_if_enough(found: list[Found], clauses: int) -> tuple[list[Found], bool]:
    if clauses < 2:
        return found, False
    complete = [one.only(one.clauses == clauses) for one in found]
    count = sum(len(one.docs) for one in complete)
    if count >= ENOUGH or count == sum(len(one.docs) for one in found):
        return complete, False
    return found, True


def _sort_keys(one: Found, query: SearchQuery, planned: Plan, *, is_partial: bool) -> NDArray[np.float64]:
    if query.sort == "votes":
        return one.segment.numbers("score")[one.docs].astype(np.float64)
    if query.sort == "activity":
        return one.segment.numbers("activity")[one.docs].astype(np.float64)
    if query.sort == "newest" or not (planned.clauses or planned.required):
        return one.segment.numbers("created")[one.docs].astype(np.float64)
    keys = one.scores * one.segment.worth()[one.docs]
    if is_partial and len(planned.clauses) <= SHORT_QUERY:
        keys = keys + 1000.0 * one.clauses  # a few words are keywords: who has more of them stands first
    return keys.astype(np.float64)


def _top(keys: NDArray[np.float64], ids: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return where the largest keys stand, best first; of equal ones the newer thread first."""
    at = np.arange(len(keys))
    if len(keys) > count:
        last = -np.partition(-keys, count - 1)[count - 1]
        above, equal = np.flatnonzero(keys > last), np.flatnonzero(keys == last)
        missing = count - len(above)
        newest = np.argpartition(-ids[equal], missing - 1)[:missing]
        at = np.concatenate([above, equal[newest]])
    return at[np.lexsort((-ids[at], -keys[at]))]


def _in_a_row(segment: Segment, phrase: tuple[tuple[str, ...], ...]) -> set[int]:
    """Return the documents whose title has the terms in a row."""
    rows: list[dict[int, set[int]]] = []
    for forms in phrase:
        at: dict[int, set[int]] = {}
        for form in forms:
            for doc, positions in segment.positions("title", form).items():
                at.setdefault(doc, set()).update(positions)
        rows.append(at)
    docs = set(rows[0]) if rows else set()
    for left, right in pairwise(rows):
        for doc in list(docs):
            left[doc] = right[doc] = {to for to in right.get(doc, ()) if to - 1 in left[doc]}
            if not left[doc]:
                docs.discard(doc)
    return docs
