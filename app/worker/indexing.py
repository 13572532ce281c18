"""The search index: follow the change feed, build anew when needed, tidy when there is time."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from datetime import datetime

from sqlmodel import Session

from app.domain import questions, search
from app.domain.search import SearchIndex, VectorKeeper
from app.settings import Settings

BUILT_AT_ONCE = 1_000
"""So many questions are indexed within the worker's round; more in a process of their own."""
AGAIN_AFTER_SECONDS = 30
"""A builder that could not (a full disk, another one at work) is not started again at once."""

log = logging.getLogger(__name__)


class Builder:
    """Builds the index in a process of its own, one at a time, while the old one answers and is followed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0

    def start(self) -> None:
        """Begin, unless it is at it. Another process that builds already makes this one end at once."""
        if self._process is not None:
            code = self._process.poll()
            if code is None or (code and time.monotonic() - self._started_at < AGAIN_AFTER_SECONDS):
                return
        log.info("building the search index anew")
        self._started_at = time.monotonic()
        self._process = subprocess.Popen([sys.executable, "-m", "app.cli", "reindex", "--gently"])


builder = Builder()
keepers: dict[str, VectorKeeper] = {}


def keep_up(db: Session, settings: Settings, *, now: datetime) -> bool:  # noqa: ARG001 (as every task)
    """Apply what changed to the index; return whether there was anything.

    Raises OSError when it can't be written (a full disk, say): its position stays, so nothing is missed later.
    """
    index = SearchIndex(settings.index_dir, engine=settings.search_engine)
    if index.must_be_built():
        if questions.how_many(db) <= BUILT_AT_ONCE:
            search.rebuild(db.get_bind(), index)
            return True
        builder.start()
    try:
        if search.is_far_behind(db, index):
            builder.start()  # quicker than following; what is followed meanwhile is found all the sooner
        return search.follow(db, index) > 0
    except search.IndexMissing:
        return False


def keep_vectors(db: Session, settings: Settings, *, now: datetime) -> bool:  # noqa: ARG001 (as every task)
    """Compute what re-ranking needs to know of questions; return whether there is more to do."""
    embedder = SearchIndex(settings.index_dir, model=settings.search_model).embedder
    if embedder is None:
        return False
    if embedder.name not in keepers:
        keepers[embedder.name] = VectorKeeper(embedder)
    return keepers[embedder.name].step(db)


def tidy(db: Session, settings: Settings, *, now: datetime) -> None:  # noqa: ARG001 (as every task)
    """Merge what has become scattered, or have the index built anew when it is too much."""
    index = SearchIndex(settings.index_dir, engine=settings.search_engine)
    if search.is_worn(index):
        builder.start()
    elif search.state(index) is not None:
        search.tidy(index)
