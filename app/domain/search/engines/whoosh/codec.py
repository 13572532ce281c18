"""Posting lists as packed arrays, through Whoosh's own extension point for codecs.

Whoosh pickles a tuple of numbers for each 128 postings. Packed into arrays, in long blocks, a list
is read by numpy at the speed of memory, which is what the scorer lives on. Everything else is
Whoosh's standard codec, and its own search works on these lists too.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from io import BytesIO
from struct import Struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC, W3Codec, W3LeafMatcher, W3PostingsWriter

from app.domain.search.engines.whoosh.storage import IS_CHECKED

BLOCK = 1 << 16
_LENGTH = Struct("!i")


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


class _Writer(W3PostingsWriter):  # type: ignore[misc]
    # Most terms of what was just posted stand in one thread only, for which numpy takes longer than all else.

    def _mini_ids(self) -> tuple[str, bytes]:
        if len(self._ids) == 1:
            (number,) = self._ids
            kind = _kind_for(number)
            return kind, number.to_bytes(int(kind[-1]), "little")
        ids = np.frombuffer(self._ids, dtype=np.uint32)
        gaps = np.diff(ids, prepend=np.uint32(0))
        return _smallest(gaps)

    def _mini_weights(self) -> float | tuple[str, bytes] | None:
        if len(self._weights) == 1:
            (weight,) = self._weights
            return None if weight == 1 else float(weight)
        weights = np.frombuffer(self._weights, dtype=np.float32)
        if (weights == weights[0]).all():
            return None if weights[0] == 1 else float(weights[0])
        if (weights == np.floor(weights)).all() and weights.max() < 256:
            return "<u1", weights.astype("<u1").tobytes()
        return "<f4", weights.astype("<f4").tobytes()


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


def _smallest(numbers: NDArray[np.uint32]) -> tuple[str, bytes]:
    kind = _kind_for(int(numbers.max()))
    return kind, numbers.astype(kind).tobytes()


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
