"""The first hits of an engine in a better order: by their words and by what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from sqlmodel import Session

from app.domain.search import vectors
from app.domain.search.backend import SearchReader
from app.domain.search.documents import Hit, ResultPage, SearchQuery
from app.domain.search.embedding import Embedder
from app.domain.search.tokens import STOP_WORDS, fold, is_code

RERANKED = 50
WORDS_COUNT = 0.5
"""How much the engine's score counts; the likeness of meaning counts the rest."""
FEWEST_WORDS = 4
"""A few words are names of things, or the very words of a title: there the engine alone is measurably better."""


def is_for(query: SearchQuery) -> bool:
    """Return whether the order of a query's results can gain: a question in words, sorted by relevance."""
    return query.sort == "relevance" and not query.phrases and is_in_words(query.words)


def is_in_words(words: Sequence[str]) -> bool:
    """Return whether somebody describes something, rather than naming it by a few words or a code."""
    telling = [word for word in map(fold, words) if word not in STOP_WORDS]
    return len(telling) >= FEWEST_WORDS and not any(is_code(word) for word in telling)


def search(
    db: Session,
    embedder: Embedder,
    reader: SearchReader,
    query: SearchQuery,
    *,
    facets_at: datetime | None,
) -> ResultPage:
    """Search, and put the first RERANKED results in a better order; later pages are as the engine has them."""
    if query.offset >= RERANKED:
        return reader.search(query, facets_at=facets_at)
    end = query.offset + query.limit
    found = reader.search(replace(query, offset=0, limit=max(end, RERANKED)), facets_at=facets_at)
    hits = by_meaning(db, embedder, found.hits, text=" ".join(query.words))
    return replace(found, hits=tuple(hits[query.offset : end]))


def by_meaning(db: Session, embedder: Embedder, hits: Sequence[Hit], *, text: str) -> list[Hit]:
    """Return the hits with the first RERANKED in a new order, and with what they are worth by it as scores.

    A thread that has no vector yet is taken to be as near as the average one.
    """
    first = hits[:RERANKED]
    known = vectors.stored(db, [hit.question_id for hit in first], model=embedder.name)
    if len(known) < 2:
        return list(hits)
    asked = embedder.vectors([text])[0]
    near = {number: float(vector @ asked) for number, vector in known.items()}
    usual = sum(near.values()) / len(near)
    best = max(hit.score for hit in first) or 1.0

    def worth(hit: Hit) -> float:
        return WORDS_COUNT * hit.score / best + (1 - WORDS_COUNT) * near.get(hit.question_id, usual)

    anew = [hit._replace(score=best * worth(hit)) for hit in first]
    return [*sorted(anew, key=attrgetter("score"), reverse=True), *hits[RERANKED:]]
