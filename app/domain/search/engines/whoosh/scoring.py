"""BM25F over whole posting lists with numpy: Whoosh's scores, many times faster.

For each segment there is one array of scores and one of how many clauses hold; each posting list is
added to them in a single step. Filters are boolean masks. A golden test compares the scores with
those of Whoosh's own BM25F.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.domain.search.documents import Bounds, SearchQuery
from app.domain.search.engines.whoosh.codec import NOTHING, Postings
from app.domain.search.engines.whoosh.segments import Mask, Segment, View
from app.domain.search.plan import Alternative, Clause, Plan

K1 = 1.2
B = 0.75
FIELDS = ("title", "text")
MANY = 300_000
PROPOSED = 20_000
"""So many postings of the rarest terms propose what may be like a question where there are MANY; frequent terms only
add to those. Among 200,000 questions the first ten stayed the same for each of 150."""

Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Found:
    """What holds in one segment: documents, their scores, and how many clauses each has."""

    segment: Segment
    docs: NDArray[np.int64]
    scores: Scores
    clauses: NDArray[np.int16]

    def only(self, mask: Mask) -> Found:
        """Return the part that the mask keeps."""
        return Found(self.segment, self.docs[mask], self.scores[mask], self.clauses[mask])


class _List(NamedTuple):
    """A term's documents in a field, and what the term counts there."""

    field: str
    factor: float
    postings: Postings

    def only(self, mask: Mask) -> _List:
        """Return the part that the mask keeps."""
        docs, weights = self.postings
        kept = np.flatnonzero(mask[docs])
        return self._replace(postings=Postings(docs[kept], weights[kept]))


class Bm25:
    """Scores of terms in an opened index. `fields[-1]` decides whether a document has a term."""

    def __init__(self, view: View, fields: tuple[str, ...] = FIELDS) -> None:
        self._view = view
        self._fields = fields
        self._average = {field: view.average_length(field) for field in fields}
        self._idf: dict[tuple[str, str], float] = {}
        self._norms: dict[tuple[str, str], Scores] = {}

    def has(self, segment: Segment, term: str) -> NDArray[np.int64]:
        """Return the documents that have a term."""
        return segment.postings(self._fields[-1], term).docs

    def add(self, scores: Scores, segment: Segment, term: str, weight: float, within: Mask | None) -> None:
        """Add a term's scores, for the documents in `within` only if it is given."""
        for field in self._fields:
            postings = segment.postings(field, term)
            if within is not None:
                kept = within[postings.docs]
                postings = Postings(postings.docs[kept], postings.weights[kept])
            if len(postings.docs):
                scores[postings.docs] += weight * self._scores(segment, field, term, postings)

    def sums(self, segment: Segment, terms: Mapping[str, float]) -> Scores:
        """Return the scores of many weighted terms together: what `add` makes of one after the other.

        When there are MANY postings, only of documents with one of the rarest terms: those with none of them are
        not among the best, and most of the time went by on them.
        """
        lists = [
            _List(field, weight * self.idf(field, term), postings)
            for field in self._fields
            for term, weight in terms.items()
            if len((postings := segment.postings(field, term)).docs)
        ]
        lists.sort(key=lambda one: len(one.postings.docs))
        reached = np.cumsum([0, *(len(one.postings.docs) for one in lists)])
        if reached[-1] < MANY:
            total = self._sum(segment, lists)
        else:
            rare = max(1, int(np.searchsorted(reached, PROPOSED)))
            total = self._sum(segment, lists[:rare])
            within = total > 0
            total += self._sum(segment, [one.only(within) for one in lists[rare:]])
        return (total * (K1 + 1)).astype(np.float32)

    def idf(self, field: str, term: str) -> float:
        """Return Whoosh's inverse document frequency."""
        key = (field, term)
        if key not in self._idf:
            self._idf[key] = self.idf_of(self._view.frequency(field, term))
        return self._idf[key]

    def idf_of(self, frequency: int) -> float:
        """Return Whoosh's idf of a term that so many threads have."""
        return math.log(max(self._view.count, 1) / (frequency + 1)) + 1

    def _sum(self, segment: Segment, lists: Sequence[_List]) -> NDArray[np.float64]:
        docs, scores = [NOTHING.docs], [np.zeros(0)]
        for field in self._fields:
            of_field = [one for one in lists if one.field == field]
            if not of_field:
                continue
            docs.append(np.concatenate([one.postings.docs for one in of_field]))
            weights = np.concatenate([one.postings.weights for one in of_field])
            factors = np.array([one.factor for one in of_field], dtype=np.float32)
            scores.append(weights / (weights + self._norm(segment, field)[docs[-1]]))
            scores[-1] *= np.repeat(factors, [len(one.postings.docs) for one in of_field])
        total = np.bincount(np.concatenate(docs), weights=np.concatenate(scores), minlength=segment.count)
        return total.astype(np.float64, copy=False)

    def _scores(self, segment: Segment, field: str, term: str, postings: Postings) -> Scores:
        weights = postings.weights
        scores: Scores = weights / (weights + self._norm(segment, field)[postings.docs])
        scores *= self.idf(field, term) * (K1 + 1)
        return scores

    def _norm(self, segment: Segment, field: str) -> Scores:
        """Return what the length of each document makes of its weights."""
        key = (segment.id, field)
        if key not in self._norms:
            lengths = segment.lengths(field) * np.float32(K1 * B / self._average[field])
            self._norms[key] = lengths + np.float32(K1 * (1 - B))
        return self._norms[key]


def ideal(view: View, terms: Mapping[str, float], hidden_ids: frozenset[int]) -> float:
    """Return about the score of a thread that has every one of the weighted terms in its text."""
    bm25, whole = Bm25(view), 0.0
    for term, weight in terms.items():
        whole += weight * bm25.idf_of(view.told_frequency("text", term, hidden_ids))
    return whole * (K1 + 1) / 2 or 1.0


def find(view: View, query: SearchQuery, plan: Plan, *, fields: tuple[str, ...] = FIELDS) -> list[Found]:
    """Return everything that has at least one clause (or, without words, passes the filters)."""
    bm25 = Bm25(view, fields)
    return [_find_in(segment, query, plan, bm25) for segment in view.segments]


def find_like(view: View, query: SearchQuery, terms: Mapping[str, float]) -> list[Found]:
    """Return everything that has at least one of many weighted terms: `find` without counting who has how many."""
    bm25 = Bm25(view)
    found = []
    for segment in view.segments:
        scores = bm25.sums(segment, terms)
        mask = scores > 0
        _apply_filters(mask, segment, query)
        docs = np.flatnonzero(mask)
        found.append(Found(segment, docs, scores[docs], np.ones(len(docs), dtype=np.int16)))
    return found


def _find_in(segment: Segment, query: SearchQuery, plan: Plan, bm25: Bm25) -> Found:
    scores = np.zeros(segment.count, dtype=np.float32)
    held = np.zeros(segment.count, dtype=np.int16)
    for clause in (*plan.clauses, *plan.required):
        held += _hold(clause, segment, bm25, scores)
    has_words = bool(plan.clauses or plan.required)
    mask = held > 0 if has_words else np.ones(segment.count, dtype=np.bool_)
    for clause in plan.required:
        mask &= _hold(clause, segment, bm25, None)
    for clause in plan.without:
        mask &= ~_hold(clause, segment, bm25, None)
    _apply_filters(mask, segment, query)
    docs = np.flatnonzero(mask)
    return Found(segment, docs, scores[docs], held[docs])


def _hold(clause: Clause, segment: Segment, bm25: Bm25, scores: Scores | None) -> Mask:
    """Return which documents have a clause; add its scores where they are wanted."""
    mask = np.zeros(segment.count, dtype=np.bool_)
    for alternative in clause:
        docs = _having_all(alternative, segment, bm25)
        if not len(docs):
            continue
        mask[docs] = True
        if scores is not None and alternative.weight:
            within = None
            if len(alternative.terms) > 1:
                within = np.zeros(segment.count, dtype=np.bool_)
                within[docs] = True
            for term in alternative.terms:
                bm25.add(scores, segment, term, alternative.weight, within)
    return mask


def _having_all(alternative: Alternative, segment: Segment, bm25: Bm25) -> NDArray[np.int64]:
    lists = sorted((bm25.has(segment, term) for term in alternative.terms), key=len)
    return reduce(lambda left, right: np.intersect1d(left, right, assume_unique=True), lists)


def _apply_filters(mask: Mask, segment: Segment, query: SearchQuery) -> None:
    if segment.alive is not None:
        mask &= segment.alive
    for mark in query.marks:
        has_mark = np.zeros(segment.count, dtype=np.bool_)
        has_mark[segment.postings("mark", mark).docs] = True
        mask &= has_mark
    for mark in query.without_marks:
        mask[segment.postings("mark", mark).docs] = False
    for name, bounds in (("score", query.score), ("answers", query.answers), ("created", query.created)):
        _apply_bounds(mask, segment, name, bounds)
    if query.only_ids is not None:
        mask &= np.isin(segment.numbers("qid"), np.fromiter(query.only_ids, dtype=np.int64))
    if query.hidden_ids:
        mask &= ~np.isin(segment.numbers("qid"), np.fromiter(query.hidden_ids, dtype=np.int64))


def _apply_bounds(mask: Mask, segment: Segment, name: str, bounds: Bounds) -> None:
    if bounds.low is not None:
        mask &= segment.numbers(name) >= bounds.low
    if bounds.high is not None:
        mask &= segment.numbers(name) <= bounds.high
