"""View counts: gathered in the process, written in batches."""

from __future__ import annotations

import threading
from collections import Counter

from fastapi import Request
from sqlalchemy import Connection, Engine

from app.core.db import new_session
from app.domain import questions


class ViewCounter:
    """Counts how often each question was opened since the last flush. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._views: Counter[int] = Counter()

    def add(self, question_id: int) -> None:
        """Count one view."""
        with self._lock:
            self._views[question_id] += 1

    def flush(self, bind: Engine | Connection) -> None:
        """Write what was counted; a view lost in a crash was never promised to anybody."""
        with self._lock:
            views, self._views = dict(self._views), Counter()
        if views:
            with new_session(bind) as db:
                questions.count_views(db, views=views)


async def counter_of(request: Request) -> ViewCounter:
    """Return the process's counter."""
    counter: ViewCounter = request.app.state.views
    return counter
