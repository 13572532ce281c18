"""The one interface of search engines. Only `app/domain/search/engines/` imports an engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from app.domain.search.documents import Document, Hit, ResultPage, SearchQuery, Stats


class IndexMissing(Exception):
    """There is no index that can be read yet; it is being built, or must be (`peerdesk reindex`)."""


class BrokenIndex(IndexMissing):
    """The files of an index can't be read; it must be built anew."""


class SearchReader(Protocol):
    """An index as it stood when opened: for one request, never shared between threads."""

    def search(self, query: SearchQuery, *, facets_at: datetime | None = None) -> ResultPage:
        """Find threads; with `facets_at` (the present) count all of them by product, status, tag, staff and age."""

    def related(
        self, *, title: str, body: str, limit: int, hidden_ids: frozenset[int] = frozenset()
    ) -> list[Hit]:
        """Return the threads most like a title and body; scores are about 1 for the very same text, 0 for nothing."""

    def suggest(self, text: str, *, limit: int, hidden_ids: frozenset[int] = frozenset()) -> list[Hit]:
        """Return threads whose title completes what is being typed: its last word is taken as a beginning."""

    def did_you_mean(
        self, words: Sequence[str], *, hidden_ids: frozenset[int] = frozenset()
    ) -> list[str] | None:
        """Return the words with misspelt ones replaced by words of present titles and tags, or None."""

    def ids(self) -> Iterator[int]:
        """Return the ids of all threads in the index."""

    def holding(self, terms: Sequence[str], *, limit: int) -> set[int]:
        """Return the ids of threads whose text has one of the terms, no more than `limit`."""

    def stats(self) -> Stats:
        """Return its size."""


class SearchWriter(Protocol):
    """Collects changes; nothing shows before `publish`. One process at a time (see directory.py)."""

    def index(self, batch: Iterable[Document]) -> None:
        """Add documents, in place of older ones with the same id."""

    def delete(self, question_ids: Iterable[int]) -> None:
        """Take threads out."""

    def publish(self) -> None:
        """Make all changes visible and durable, at once."""

    def cancel(self) -> None:
        """Forget the changes."""


class SearchBackend(Protocol):
    """An engine on a folder."""

    name: str
    schema: int

    def create(self, folder: Path) -> None:
        """Make an empty index."""

    def reader(self, folder: Path) -> AbstractContextManager[SearchReader]:
        """Open the newest committed state for one request; raise BrokenIndex."""

    def writer(self, folder: Path) -> SearchWriter:
        """Begin changes."""

    def tidy(self, folder: Path) -> bool:
        """Merge what has become many small pieces, when there is time; return whether there was anything to do."""

    def build(self, folder: Path, documents: Iterable[Document]) -> None:
        """Fill a new folder with documents, in bounded memory: the fast way for a rebuild."""
