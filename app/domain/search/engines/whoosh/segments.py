"""An opened index as numpy sees it: each segment's posting lists, lengths and columns as arrays.

A segment never changes (but for its deletions), so what was read of it may be kept, by its id, for
all threads of the process. A reader belongs to one request at a time; the next one takes it over if the
index is still the same (views.py).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from whoosh.reading import TermNotFound
from whoosh.util.numeric import byte_to_length

from app.domain.search.engines.whoosh import prepared
from app.domain.search.engines.whoosh.codec import NOTHING, Postings, all_postings
from app.domain.search.engines.whoosh.dictionary import Dictionary
from app.domain.search.engines.whoosh.fields import NUMBERS
from app.domain.search.engines.whoosh.prepared import Facet, Prepared
from app.domain.search.engines.whoosh.storage import IS_CHECKED

V = TypeVar("V")

Mask = NDArray[np.bool_]

RARE = 16
"""Of a term in no more threads, it is told exactly how many may be seen: cheap for short lists."""
TERMS_KEPT = 10_000
OVERHEAD = 500
"""So many bytes a list takes beside its numbers: two arrays, a key, a place in a dict. Most lists are short."""
FACETED = ("p:", "s:", "t:", "h:staff")
"""The kinds of marks that results are counted by."""

_LENGTHS = np.array([byte_to_length(byte) for byte in range(256)], dtype=np.float32)


class Kept(Generic[V]):
    """What was read of segments, the longest unused forgotten first: `capacity` bytes, as `size_of` tells them.

    What is empty is not kept: that a term stands nowhere is found as soon as it would be here.
    """

    def __init__(self, capacity: int, size_of: Callable[[V], int]) -> None:
        self._capacity = capacity
        self._size_of = size_of
        self._size = 0
        self._items: OrderedDict[object, V] = OrderedDict()
        self._lock = threading.Lock()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._items.clear()
            self._size = 0

    def get(self, key: object, read: Callable[[], V]) -> V:
        """Return what is kept under the key; else read it and keep it."""
        with self._lock:
            if key in self._items:
                self._items.move_to_end(key)
                return self._items[key]
        value = read()
        if not self._size_of(value):
            return value
        with self._lock:
            if key not in self._items:
                self._items[key] = value
                self._size += self._size_of(value) + OVERHEAD
            while self._size > self._capacity:
                _, dropped = self._items.popitem(last=False)
                self._size -= self._size_of(dropped) + OVERHEAD
        return value


_postings: Kept[Postings] = Kept(8_000_000, lambda one: one.docs.nbytes + one.weights.nbytes)
_arrays: Kept[NDArray[Any]] = Kept(64_000_000, lambda array: array.nbytes)
_facets: Kept[Facet] = Kept(32_000_000, lambda facet: facet.terms.nbytes + facet.starts.nbytes)
_words: Kept[tuple[str, ...]] = Kept(200_000_000, lambda words: 70 * len(words))


class Segment:
    """One segment of an opened index."""

    def __init__(self, reader: Any, folder: Path) -> None:
        self._reader = reader
        self._folder = folder
        self._segment = reader.segment()
        self.id = self._segment.segment_id()
        self.count: int = reader.doc_count_all()

    @cached_property
    def alive(self) -> Mask | None:
        """Which documents are not deleted; None when all are there."""
        deleted = self._segment.deleted_count()
        if not deleted:
            return None
        return _arrays.get((self.id, "alive", deleted), self._read_alive)

    @property
    def deleted_count(self) -> int:
        """How many of its documents were deleted or replaced since."""
        return int(self._segment.deleted_count())

    def postings(self, field: str, term: str) -> Postings:
        """Return a term's documents, deleted ones included."""
        return _postings.get((self.id, field, term), lambda: self._read_postings(field, term))

    def frequency(self, field: str, term: str) -> int:
        """Return in how many documents a term stands, deleted ones included, without reading the list."""
        place = self._dictionary.find(field, term)
        return place.frequency if place else 0

    def positions(self, field: str, term: str) -> dict[int, bytes]:
        """Return at which positions the term stands, by document."""
        try:
            info = self._reader.term_info(field, term)
        except TermNotFound:
            return {}
        return self._matcher(info, field).values_by_doc()  # type: ignore[no-any-return]

    def lengths(self, field: str) -> NDArray[np.float32]:
        """Return the length of each document's field, as coarse as Whoosh keeps it."""
        return _arrays.get((self.id, "length", field), lambda: _LENGTHS[self._column(f"_{field}_len", "u1")])

    def numbers(self, name: str) -> NDArray[np.int64]:
        """Return a number column."""
        kind = ">i8" if NUMBERS[name] == "q" else ">i4"
        return _arrays.get((self.id, "number", name), lambda: self._column(name, kind).astype(np.int64))

    def worth(self) -> NDArray[np.float32]:
        """Return what votes and an accepted answer multiply each document's score by: some percent, never more."""
        return _arrays.get((self.id, "worth"), self._read_worth)

    def total_length(self, field: str) -> int:
        """Return the sum of the lengths of a field."""
        return int(self._reader.field_length(field))

    def facet(self, kind: str) -> Facet:
        """Return all marks of a kind ("t:") by document."""
        return _facets.get((self.id, kind), lambda: self._facet(kind))

    def words(self) -> tuple[str, ...]:
        """Return the vocabulary, sorted; words of deleted documents may be among them."""
        return _words.get((self.id, "words"), self._vocabulary)

    def prepare(self) -> None:
        """Keep beside the segment what is slow to gather from it."""
        path = prepared.path_of(self._folder, self.id)
        if self.count >= prepared.BIG_ENOUGH and not path.exists():
            facets = {kind: self._read_facet(kind) for kind in FACETED}
            prepared.save(path, Prepared(facets, self._lexicon("word")))

    def beginning_with(self, field: str, prefix: str, limit: int) -> list[str]:
        """Return the first terms of a field that begin so."""
        found: list[str] = []
        for name, term in self._reader.terms_from(field, prefix):
            text = term.decode()
            if name != field or not text.startswith(prefix) or len(found) >= limit:
                break
            found.append(text)
        return found

    @cached_property
    def _dictionary(self) -> Dictionary:
        return Dictionary(self._reader._terms)  # noqa: SLF001

    @cached_property
    def _prepared(self) -> Prepared | None:
        if self.count < prepared.BIG_ENOUGH:
            return None
        return prepared.load(prepared.path_of(self._folder, self.id))

    def _facet(self, kind: str) -> Facet:
        ready = self._prepared
        return ready.facets[kind] if ready and kind in ready.facets else self._read_facet(kind)

    def _vocabulary(self) -> tuple[str, ...]:
        return self._prepared.words if self._prepared else self._lexicon("word")

    def _lexicon(self, field: str) -> tuple[str, ...]:
        return tuple(term.decode() for term in self._reader.lexicon(field))

    def _read_alive(self) -> Mask:
        alive = np.ones(self.count, dtype=np.bool_)
        alive[np.fromiter(self._segment.deleted_docs(), dtype=np.int64)] = False
        return alive

    def _read_worth(self) -> NDArray[np.float32]:
        worth = 1 + 0.01 * np.log1p(np.maximum(self.numbers("score"), 0))
        worth[self.postings("mark", "s:solved").docs] += 0.04
        return worth.astype(np.float32)

    def _read_postings(self, field: str, term: str) -> Postings:
        place = self._dictionary.find(field, term)
        if place is None:
            return NOTHING
        return all_postings(self._reader._terms._postfile.get(place.offset, place.length))  # noqa: SLF001

    def _matcher(self, info: Any, field: str) -> Any:
        # Not reader.postings(): that wraps the list to skip deleted documents one by one.
        terms = self._reader._terms  # noqa: SLF001
        return terms._codec.postings_reader(terms._postfile, info, self._reader.schema[field].format)  # noqa: SLF001

    def _column(self, name: str, kind: str) -> NDArray[Any]:
        full = np.zeros(self.count, dtype=np.dtype(kind))
        columns = self._reader._perdoc  # noqa: SLF001
        if columns.has_column(name):
            file, offset, length = columns._get_column_file(name)  # noqa: SLF001
            stored = np.frombuffer(file.get(offset, length), dtype=kind)
            full[: len(stored)] = stored
        return full

    def _read_facet(self, kind: str) -> Facet:
        values: list[str] = []
        docs, terms = [], []
        for mark in self.beginning_with("mark", kind, 100_000):
            found = self._read_postings("mark", mark).docs
            docs.append(found)
            terms.append(np.full(len(found), len(values), dtype=np.int64))
            values.append(mark.removeprefix(kind))
        all_docs = np.concatenate(docs) if docs else np.zeros(0, np.int64)
        all_terms = np.concatenate(terms) if terms else np.zeros(0, np.int64)
        order = np.argsort(all_docs, kind="stable")
        starts = np.searchsorted(all_docs[order], np.arange(self.count + 1))
        return Facet(tuple(values), starts.astype(np.int32), all_terms[order].astype(np.int32))


class PublicSegment(Segment):
    """The same by Whoosh's public methods only, for versions of it that we have not looked into."""

    def frequency(self, field: str, term: str) -> int:
        return int(self._reader.doc_frequency(field, term))

    def positions(self, field: str, term: str) -> dict[int, bytes]:
        matcher = self._public(field, term)
        found = {}
        while matcher is not None and matcher.is_active():
            found[matcher.id()] = matcher.value()
            matcher.next()
        return found

    def lengths(self, field: str) -> NDArray[np.float32]:
        def read() -> NDArray[np.float32]:
            every = (self._reader.doc_field_length(doc, field, 0) or 0 for doc in range(self.count))
            return np.fromiter(every, dtype=np.float32, count=self.count)

        return _arrays.get((self.id, "length", field), read)

    def numbers(self, name: str) -> NDArray[np.int64]:
        def read() -> NDArray[np.int64]:
            column = self._reader.column_reader(name)
            return np.fromiter((column[doc] for doc in range(self.count)), dtype=np.int64, count=self.count)

        return _arrays.get((self.id, "number", name), read)

    def _read_postings(self, field: str, term: str) -> Postings:
        matcher = self._public(field, term)
        docs, weights = [], []
        while matcher is not None and matcher.is_active():
            docs.append(matcher.id())
            weights.append(matcher.weight())
            matcher.next()
        return Postings(np.array(docs, dtype=np.int64), np.array(weights, dtype=np.float32))

    def _public(self, field: str, term: str) -> Any:
        try:
            return self._reader.postings(field, term)
        except TermNotFound:
            return None


class View:
    """The whole index as it stood when it was opened."""

    def __init__(
        self, reader: Any, folder: Path, *, kind: type[Segment] = Segment if IS_CHECKED else PublicSegment
    ) -> None:
        self.opened_at = time.monotonic()
        self._reader = reader
        self._frequencies: dict[tuple[str, str], int] = {}
        leaves = [leaf for leaf, _offset in reader.leaf_readers()]
        self.segments = [kind(leaf, folder) for leaf in leaves if leaf.segments()]
        self.count = sum(segment.count for segment in self.segments)

    def close(self) -> None:
        """Give back its files."""
        self._reader.close()

    def frequency(self, field: str, term: str) -> int:
        """Return in how many documents a term stands, deleted ones included: what Whoosh's own idf counts."""
        known = self._frequencies.get((field, term))
        if known is None:
            known = sum(segment.frequency(field, term) for segment in self.segments)
            if len(self._frequencies) < TERMS_KEPT:
                self._frequencies[field, term] = known
        return known

    def told_frequency(self, field: str, term: str, hidden_ids: frozenset[int]) -> int:
        """Return the same, of a rare term without what is deleted or hidden: it must not show by what is found."""
        frequency = self.frequency(field, term)
        return frequency if frequency > RARE else self.live_frequency(field, term, hidden_ids)

    def live_frequency(self, field: str, term: str, hidden_ids: frozenset[int] = frozenset()) -> int:
        """Return in how many documents a term stands that are still there, and not hidden."""
        total = 0
        for segment in self.segments:
            docs = segment.postings(field, term).docs
            if segment.alive is not None:
                docs = docs[segment.alive[docs]]
            total += len(docs)
            if hidden_ids and len(docs):
                total -= len(hidden_ids.intersection(segment.numbers("qid")[docs].tolist()))
        return total

    def average_length(self, field: str) -> float:
        """Return the mean length of a field."""
        return sum(segment.total_length(field) for segment in self.segments) / (self.count or 1) or 1

    def beginning_with(self, field: str, prefix: str, limit: int) -> list[str]:
        """Return the terms of a field that begin so, the most frequent first."""
        found = {
            term for segment in self.segments for term in segment.beginning_with(field, prefix, limit * 8)
        }
        counts = {term: self.frequency(field, term) for term in found}
        return sorted(found, key=lambda term: (-counts[term], term))[:limit]
