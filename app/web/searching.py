"""Counting searches: gathered in the process, written in batches; who searched is never known."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends, Request
from sqlalchemy import Connection, Engine

from app.core.db import new_session
from app.domain import searches
from app.domain.searches import Seen

AT_MOST = 5_000  # queries held between two writes: more come from machines, not from people


class SearchCounter:
    """Counts queries, those without results, and those whose results were opened. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, Seen] = {}

    def searched(self, query: str, *, found: int) -> None:
        """Count one search."""
        with self._lock:
            one = self._one(query)
            if one:
                one.searches += 1
                one.without_results += not found

    def opened(self, request: Request) -> None:
        """Count a result that was opened, when the page before was our page of results."""
        referer = request.headers.get("referer")
        if not referer:
            return
        query = _searched(referer, request.url.netloc)
        with self._lock:
            one = self._one(query)
            if one:
                one.clicks += 1

    def flush(self, bind: Engine | Connection, *, now: datetime) -> None:
        """Write what was counted."""
        with self._lock:
            seen, self._seen = self._seen, {}
        if seen:
            with new_session(bind) as db:
                searches.count(db, seen=seen, now=now)

    def _one(self, query: str) -> Seen | None:
        text = " ".join(query.split())
        key = text.casefold()
        if not key or (key not in self._seen and len(self._seen) >= AT_MOST):
            return None
        return self._seen.setdefault(key, Seen(text))


async def counter_of(request: Request) -> SearchCounter:
    """Return the process's counter."""
    counter: SearchCounter = request.app.state.searches
    return counter


Searches = Annotated[SearchCounter, Depends(counter_of)]


def _searched(referer: str, own_site: str) -> str:
    """Return what was looked for on the page of results that a visitor comes from, "" for any other page."""
    try:
        before = urlsplit(referer)
        if before.netloc != own_site or before.path != "/search":
            return ""
        return parse_qs(before.query, max_num_fields=20).get("q", [""])[0]
    except ValueError:  # not an address, or one with more fields than our forms have
        return ""
