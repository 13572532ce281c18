"""Posting lists as packed arrays, through Whoosh's own extension point for codecs.

Whoosh pickles a tuple of numbers for each 128 postings. Packed into arrays, in long blocks, a list
is read by numpy at the speed of memory, which is what the scorer lives on. Everything else is
Whoosh's standard codec, and its own search works on these lists too.
"""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import chain, groupby, islice, pairwise
from operator import itemgetter
from struct import Struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import (
    WHOOSH3_HEADER_MAGIC,
    W3Codec,
    W3FieldWriter,
    W3LeafMatcher,
    W3PostingsWriter,
    W3TermInfo,
)

from app.domain.search.engines.whoosh.storage import IS_CHECKED

BLOCK = 1 << 16
SHORT = 24
"""Lists of so many postings at most are packed without numpy, which takes longer for them than all else."""
_LENGTH = Struct("!i")
_FIELD_NUMBER = Struct("!H")
_EXTENT = Struct("!qi")
_FLOAT = Struct("<f")

Posting = tuple[str, bytes, int, float, bytes | None]
"""Field, term, document, weight and payload, as Whoosh hands them on to be written."""


class Postings(NamedTuple):
    """A term's documents in one segment, rising, with the weight in each."""

    docs: NDArray[np.int64]
    weights: NDArray[np.float32]


NOTHING = Postings(np.zeros(0, np.int64), np.zeros(0, np.float32))


class PackedCodec(W3Codec):  # type: ignore[misc]  # Whoosh has no types
    """Whoosh's third codec with packed blocks and without the statistics that only skipping needs."""

    length_stats = False

    def __init__(self) -> None:
        super().__init__(blocklimit=BLOCK, compression=0)

    def field_writer(self, storage: Any, segment: Any) -> Any:
        return _FieldWriter(self, storage, segment)

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> Any:  # noqa: FBT001, FBT002 (Whoosh's signature)
        if byteids:
            return super().postings_writer(dbfile, byteids=byteids)
        return _Writer(dbfile, blocklimit=self._blocklimit, compression=0)

    def postings_reader(
        self, dbfile: Any, terminfo: Any, format_: Any, term: Any = None, scorer: Any = None
    ) -> Any:
        offset, length = terminfo.extent()
        return PackedMatcher(dbfile, offset, length, format_, term=term, scorer=scorer)


def chosen_codec(*, is_checked: bool = IS_CHECKED) -> W3Codec:
    """Return the codec to write with: Whoosh's own when we have not looked into this version of it."""
    return PackedCodec() if is_checked else W3Codec()


def all_postings(data: bytes) -> Postings:
    """Return a term's whole list, of what the file of postings holds for it.

    Not by way of the matcher: that reads the head of each block byte by byte, and twice, which for most
    lists takes far longer than the list itself.
    """
    lists = [_unpacked(block, count) for block, count in _blocks_in(data)]
    if len(lists) == 1:
        return lists[0]
    docs, weights = zip(*lists, strict=True)
    return Postings(np.concatenate(docs), np.concatenate(weights))


def each_posting(data: bytes) -> Iterator[tuple[int, float, bytes | None]]:
    """Yield document, weight and payload of each posting of a list, of what the file of postings holds for it."""
    for (ids, weights, values), count in _blocks_in(data):
        if count == 1:  # as most are in a small segment: numpy takes longer than all else
            yield (
                int.from_bytes(ids[1], "little"),
                1.0 if weights is None else weights,
                (values or (None,))[0],
            )
            continue
        docs = _unpack_ids(ids).tolist()
        yield from zip(docs, _unpack_weights(weights, count).tolist(), values or (None,) * count, strict=True)


class PackedMatcher(W3LeafMatcher):  # type: ignore[misc]
    """Reads packed blocks for Whoosh's own search."""

    def values_by_doc(self) -> dict[int, bytes]:
        """Return the payload of each document."""
        found: dict[int, bytes] = {}
        for docs, _weights, values in self._blocks():
            found.update(zip(docs.tolist(), values or (), strict=False))
        return found

    def _blocks(self) -> Any:
        self.reset()
        while True:
            self._read_data()
            ids, weights, values = self._data
            yield _unpack_ids(ids), _unpack_weights(weights, self._blocklength), values
            if self._lastblock:
                return
            self._next_block()

    def _read_ids(self) -> None:
        if self._data is None:
            self._read_data()
        self._ids = tuple(_unpack_ids(self._data[0]).tolist())

    def _read_weights(self) -> None:
        if self._data is None:
            self._read_data()
        self._weights = _unpack_weights(self._data[1], self._blocklength).tolist()


class _FieldWriter(W3FieldWriter):  # type: ignore[misc]
    """Writes short lists at once. Most terms of what was just posted stand in one thread only."""

    def add_postings(self, schema: Any, lengths: None, items: Iterable[Posting]) -> None:  # noqa: ARG002 (Whoosh's signature)
        for field, of_field in groupby(items, key=itemgetter(0)):
            self.start_field(field, schema[field])
            for term, postings in groupby(of_field, key=itemgetter(1)):
                first = list(islice(postings, SHORT + 1))
                if len(first) > SHORT:
                    self._add_long(term, chain(first, postings))  # noqa: B031 (the rest of them)
                else:
                    self._add_short(term, first)
            self.finish_field()

    def _add_long(self, term: bytes, postings: Iterable[Posting]) -> None:
        self.start_term(term)
        for _field, _term, document, weight, payload in postings:
            self.add(document, weight, payload or b"", None)
        self.finish_term()

    def _add_short(self, term: bytes, postings: Sequence[Posting]) -> None:
        """Write what W3PostingsWriter would: a list of one block, and what the dictionary knows of it."""
        documents = [one[2] for one in postings]
        weights = array("f", [one[3] for one in postings])
        heaviest = max(one[3] for one in postings)
        block = (_packed_ids(documents), _packed_weights(weights), self._payloads(postings))
        head = pickle.dumps((len(documents), documents[-1], heaviest, 0, 0, 0), 2)
        body = pickle.dumps(block, 2)
        whole = b"".join((WHOOSH3_HEADER_MAGIC, _LENGTH.pack(-len(head) - len(body)), head, body))
        known = W3TermInfo._struct.pack(  # noqa: SLF001 (its to_bytes, without an object for each term)
            0, sum(weights), len(documents), 0, 0, heaviest, documents[0], documents[-1]
        )
        self._tindex.add(
            _FIELD_NUMBER.pack(self._fieldid) + term, known + _EXTENT.pack(self._postfile.tell(), len(whole))
        )
        self._postfile.write(whole)

    def _payloads(self, postings: Sequence[Posting]) -> tuple[bytes, ...] | bytes | None:
        size = self._format.fixed_value_size()
        if size == 0:
            return None
        payloads = tuple(one[4] for one in postings if one[4])
        return payloads if size is None or size < 0 else b"".join(payloads)


class _Writer(W3PostingsWriter):  # type: ignore[misc]
    def _mini_ids(self) -> tuple[str, bytes]:
        ids = np.frombuffer(self._ids, dtype=np.uint32)
        gaps = np.diff(ids, prepend=np.uint32(0))
        kind = _kind_for(int(gaps.max()))
        return kind, gaps.astype(kind).tobytes()

    def _mini_weights(self) -> float | tuple[str, bytes] | None:
        weights = np.frombuffer(self._weights, dtype=np.float32)
        if (weights == weights[0]).all():
            return None if weights[0] == 1 else float(weights[0])
        if (weights == np.floor(weights)).all() and weights.max() < 256:
            return "<u1", weights.astype("<u1").tobytes()
        return "<f4", weights.astype("<f4").tobytes()


def _packed_ids(ids: Sequence[int]) -> tuple[str, bytes]:
    gaps = [ids[0], *(after - before for before, after in pairwise(ids))]
    kind = _kind_for(max(gaps))
    size = int(kind[-1])
    return kind, b"".join([gap.to_bytes(size, "little") for gap in gaps])


def _packed_weights(weights: array[float]) -> float | tuple[str, bytes] | None:
    first = weights[0]
    if all(weight == first for weight in weights):
        return None if first == 1 else first
    if all(weight.is_integer() and weight < 256 for weight in weights):
        return "<u1", bytes(map(int, weights))
    return "<f4", b"".join(map(_FLOAT.pack, weights))


def _blocks_in(data: bytes) -> Iterator[tuple[Any, int]]:
    """Yield what each block of a list holds, and of how many postings: the format of W3PostingsWriter."""
    file = BytesIO(data)
    at = len(WHOOSH3_HEADER_MAGIC)
    while True:
        (length,) = _LENGTH.unpack_from(data, at)
        file.seek(at + _LENGTH.size)
        head = pickle.load(file)  # noqa: S301 (whoever can write the index may run code anyway; see directory.py)
        end = at + _LENGTH.size + abs(length)
        yield pickle.loads(data[file.tell() : end]), head[0]  # noqa: S301
        if length < 0:
            return  # the sign marks the last block
        at = end


def _unpacked(block: Any, count: int) -> Postings:
    ids, weights, _values = block
    return Postings(_unpack_ids(ids), _unpack_weights(weights, count))


def _kind_for(largest: int) -> str:
    return "<u1" if largest < 1 << 8 else "<u2" if largest < 1 << 16 else "<u4"


def _unpack_ids(packed: tuple[str, bytes]) -> NDArray[np.int64]:
    kind, data = packed
    return np.cumsum(np.frombuffer(data, dtype=kind), dtype=np.int64)


def _unpack_weights(packed: float | tuple[str, bytes] | None, count: int) -> NDArray[np.float32]:
    if isinstance(packed, tuple):
        kind, data = packed
        return np.frombuffer(data, dtype=kind).astype(np.float32)
    return np.full(count, 1.0 if packed is None else packed, dtype=np.float32)
