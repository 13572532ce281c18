"""The default engine: Whoosh's index files, scored by numpy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.domain.search.documents import Document
from app.domain.search.engines.whoosh import storage, writer
from app.domain.search.engines.whoosh.fields import SCHEMA_VERSION
from app.domain.search.engines.whoosh.reader import WhooshReader
from app.domain.search.engines.whoosh.views import opened


class WhooshBackend:
    """Pure Python, no service to run; good to some 200,000 questions."""

    name = "whoosh"
    schema = SCHEMA_VERSION if storage.IS_CHECKED else -SCHEMA_VERSION

    def create(self, folder: Path) -> None:
        storage.create(folder)

    @contextmanager
    def reader(self, folder: Path) -> Iterator[WhooshReader]:
        with opened(folder) as view:
            yield WhooshReader(view)

    def writer(self, folder: Path) -> writer.WhooshWriter:
        return writer.WhooshWriter(folder)

    def tidy(self, folder: Path) -> bool:
        return writer.tidy(folder)

    def build(self, folder: Path, documents: Iterable[Document]) -> None:
        writer.build(folder, documents)
