"""Writing a Whoosh index."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any

from whoosh.reading import SegmentReader
from whoosh.writing import NO_MERGE

from app.domain.search.documents import Document
from app.domain.search.engines.whoosh.codec import chosen_codec, each_posting
from app.domain.search.engines.whoosh.fields import row
from app.domain.search.engines.whoosh.storage import IS_CHECKED, open_index
from app.domain.search.engines.whoosh.views import prepare

MEMORY_MB = 128
BUILD_BATCH = 250_000
"""A rebuild makes one segment of so many: searches cost per segment. Memory stays the same; the disk holds some
20 kB a thread until it is written."""
SMALL_SEGMENTS = 8
MERGED_AT_ONCE = 300
TIDY_SEGMENTS = 6
TIDIED_AT_ONCE = 1_000  # some two seconds, for which a new post may have to wait

log = logging.getLogger(__name__)


class WhooshWriter:
    """A SearchWriter: changes are collected, and written within one commit.

    The last word on a thread wins. A document that can't be written is left out with a line in the
    log: Whoosh's own writer would be unusable after some errors, and the whole batch lost.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows: dict[int, Any] = {}
        self._gone: set[int] = set()

    def index(self, batch: Iterable[Document]) -> None:
        for document in batch:
            self._gone.add(document.question_id)
            self._rows.pop(document.question_id, None)
            fields = _fields_of(document)
            if fields is not None:
                self._rows[document.question_id] = fields

    def delete(self, question_ids: Iterable[int]) -> None:
        for question_id in question_ids:
            self._gone.add(question_id)
            self._rows.pop(question_id, None)

    def publish(self) -> None:
        if not self._gone:
            return
        writer = open_index(self._folder).writer(limitmb=MEMORY_MB, codec=chosen_codec())
        try:
            for number in self._gone:
                writer.delete_by_term("key", str(number))
            for fields in self._rows.values():
                writer.add_document(**fields)
            writer.commit(mergetype=merge_smallest)
        except BaseException:
            if not writer.is_closed:
                writer.cancel()
            raise
        prepare(self._folder)
        self.cancel()

    def cancel(self) -> None:
        self._rows.clear()
        self._gone.clear()


class MergedReader(SegmentReader):  # type: ignore[misc]  # Whoosh has no types
    """Reads a segment that is merged into another one: list by list, without a matcher and a look-up for each term."""

    def iter_postings(self) -> Iterator[tuple[str, bytes, int, float, bytes | None]]:
        """Yield field, term, document, weight and payload of all postings, without those of deleted documents."""
        deleted, terms = self.deleted_docs_set, self._terms
        for (field, term), info in terms.items():
            if field not in self.schema:
                continue
            offset, (length,) = info.extent()  # as Whoosh reads it back
            for document, weight, payload in each_posting(terms._postfile.get(offset, length)):  # noqa: SLF001
                if document not in deleted:
                    yield field, term, document, weight, payload


def build(folder: Path, documents: Iterable[Document]) -> None:
    """Write all documents into an empty index: no deletions to look up, as few segments as can be."""
    left = iter(documents)
    while True:
        batch = islice(left, BUILD_BATCH)
        first = next(batch, None)
        if first is None:
            break
        _write(folder, chain([first], batch))
    prepare(folder)


def tidy(folder: Path) -> bool:
    """Merge middling segments when there is time; return whether there were enough of them."""
    index = open_index(folder)
    segments = index._segments()  # noqa: SLF001
    if len(_middling(segments)) < TIDY_SEGMENTS:
        return False
    writer = index.writer(limitmb=MEMORY_MB, codec=chosen_codec())
    try:
        writer.commit(mergetype=merge_middling)
    except BaseException:
        if not writer.is_closed:
            writer.cancel()
        raise
    prepare(folder)
    return True


def merge_smallest(writer: Any, segments: list[Any]) -> list[Any]:
    """Merge the smallest segments once there are many, but never so much that a new post would wait for it.

    Whoosh's own policy now and then merges tens of thousands of documents within one commit.
    """
    small = sorted((one for one in segments if _size(one) <= MERGED_AT_ONCE), key=_size)
    if len(small) < SMALL_SEGMENTS:
        return segments
    return _merge(writer, segments, _up_to(small, MERGED_AT_ONCE))


def merge_middling(writer: Any, segments: list[Any]) -> list[Any]:
    """Merge everything but the big segments."""
    return _merge(writer, segments, _middling(segments))


def _write(folder: Path, documents: Iterable[Document]) -> None:
    """Write a segment. Document by document: the terms of all of them at once would fill the memory."""
    writer = open_index(folder).writer(limitmb=MEMORY_MB, codec=chosen_codec())
    try:
        for document in documents:
            fields = _fields_of(document)
            if fields is not None:
                writer.add_document(**fields)
        writer.commit(mergetype=NO_MERGE)
    except BaseException:
        if not writer.is_closed:
            writer.cancel()
        raise


def _fields_of(document: Document) -> Mapping[str, object] | None:
    """Return what is written for a document; None, with a line in the log, when that can't be worked out."""
    try:
        return row(document)
    except (ValueError, TypeError, OverflowError, UnicodeError):
        log.exception("question %s can't be indexed", document.question_id)
        return None


def _middling(segments: list[Any]) -> list[Any]:
    return _up_to(sorted(segments, key=_size), TIDIED_AT_ONCE)


def _up_to(segments: list[Any], documents: int) -> list[Any]:
    chosen: list[Any] = []
    for one in segments:
        documents -= _size(one)
        if documents < 0:
            break
        chosen.append(one)
    return chosen


def _merge(writer: Any, segments: list[Any], chosen: list[Any]) -> list[Any]:
    kind = MergedReader if IS_CHECKED else SegmentReader
    for one in chosen:
        reader = kind(writer.storage, writer.schema, one)
        writer.add_reader(reader)
        reader.close()
    return [one for one in segments if one not in chosen]


def _size(segment: Any) -> int:
    return int(segment.doc_count_all())
