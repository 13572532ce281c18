"""Reading what was searched for, and the synonyms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from app.models import ProtectedWord, SearchCount, SynonymGroup

KINDS = ("frequent", "nothing", "no_click")
AT_MOST = 100


class Told(NamedTuple):
    """A query with its counts over some days."""

    query: str
    searches: int
    without_results: int
    clicks: int


def told(db: Session, *, kind: str, since: date) -> list[Told]:
    """Return what was searched for most since a day.

    `kind`: "frequent" all of it; "nothing" what found nothing; "no_click" what found something that nobody opened.
    """
    searches = func.sum(col(SearchCount.searches))
    nothing = func.sum(col(SearchCount.without_results))
    clicks = func.sum(col(SearchCount.clicks))
    statement: Any = (
        select(func.max(SearchCount.query), searches, nothing, clicks)
        .where(SearchCount.day >= since)
        .group_by(SearchCount.query_key)
    )
    order: ColumnElement[int] = searches
    if kind == "nothing":
        order = nothing
        statement = statement.having(nothing > 0)
    elif kind == "no_click":
        order = searches - nothing
        statement = statement.having(clicks == 0, searches > nothing)
    rows = db.exec(statement.order_by(order.desc(), SearchCount.query_key).limit(AT_MOST))
    return [Told(query, int(all_), int(none), int(opened)) for query, all_, none, opened in rows]


def groups(db: Session) -> Sequence[SynonymGroup]:
    """Return the groups of synonyms, newest first."""
    return db.exec(select(SynonymGroup).order_by(col(SynonymGroup.id).desc())).all()


def synonyms(db: Session) -> dict[str, tuple[str, ...]]:
    """Return for each word those that count as the same."""
    same: defaultdict[str, list[str]] = defaultdict(list)
    for words in db.exec(select(SynonymGroup.words)):
        for word in words:
            same[word] += [other for other in words if other != word]
    return {word: tuple(dict.fromkeys(others)) for word, others in same.items()}


def protected(db: Session) -> Sequence[ProtectedWord]:
    """Return the words that staff protected from stemming, by the alphabet."""
    return db.exec(select(ProtectedWord).order_by(ProtectedWord.word)).all()


def protected_words(db: Session) -> frozenset[str]:
    """Return the same as plain words."""
    return frozenset(db.exec(select(ProtectedWord.word)))
