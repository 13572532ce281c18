"""The search index of a machine: a directory, the engine that is wanted, and the engine that answers.

They differ while an index for another engine is being built: the old one goes on answering.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.domain.outbox import START, Position
from app.domain.search import tokens
from app.domain.search.backend import BrokenIndex, IndexMissing, SearchBackend, SearchReader
from app.domain.search.directory import Generation, IndexDirectory
from app.domain.search.embedding import Embedder, embedder_named
from app.domain.search.engines import backend_named


@dataclass(frozen=True)
class Opened:
    """An index as it stood at one moment. All events up to `position` are in it."""

    reader: SearchReader
    position: Position


class SearchIndex:
    """The index under a folder; cheap to make, holds nothing open."""

    def __init__(
        self, folder: Path, *, engine: str = "whoosh", model: str = "", embedder: Embedder | None = None
    ) -> None:
        """Name an engine, and a model or an embedder of one's own when results shall be re-ranked by meaning."""
        self.directory = IndexDirectory(folder)
        self.wanted: SearchBackend = backend_named(engine)
        self.embedder = embedder or embedder_named(model)

    @contextmanager
    def opened(self) -> Iterator[Opened]:
        """Open the present state for one request; raise IndexMissing."""
        generation, backend = self.answering()
        try:
            # The position first: what it names is then surely in what is opened afterwards.
            position = position_of(generation)
            tokens.protect(generation.words())
            with backend.reader(generation.path) as reader:
                yield Opened(reader, position)
        except OSError as error:  # a disk that is damaged, or files that others own
            raise BrokenIndex(f"{generation.path} can't be read") from error

    def answering(self) -> tuple[Generation, SearchBackend]:
        """Return the generation that answers with its engine; raise IndexMissing."""
        try:
            generation = self.directory.current()
        except OSError as error:
            raise BrokenIndex(f"{self.directory.path} can't be read") from error
        if generation is None:
            raise IndexMissing
        backend = backend_named(generation.engine)
        if generation.schema != backend.schema:
            raise IndexMissing  # written by another version of the code
        return generation, backend

    def must_be_built(self) -> bool:
        """Return whether no index answers, a damaged or incomplete one, or another engine's."""
        try:
            generation, _backend = self.answering()
            with self.opened():
                pass
        except IndexMissing:
            return True
        return generation.engine != self.wanted.name or not generation.is_complete


def position_of(generation: Generation) -> Position:
    """Return how far the change feed was applied to a generation; raise BrokenIndex."""
    written = generation.position()
    try:
        return Position.parse(written) if written else START
    except ValueError as error:
        raise BrokenIndex(f"POSITION says {written!r}") from error
