"""Posting lists as packed arrays, through Whoosh's own extension point for codecs.

Whoosh pickles a tuple of numbers for each 128 postings. Packed into arrays, in long blocks, a list
is read by numpy at the speed of memory, which is what the scorer lives on. Everything else is
Whoosh's standard codec, and its own search works on these lists too.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import W3Codec, W3LeafMatcher, W3PostingsWriter

from app.domain.search.engines.whoosh.storage import IS_CHECKED

BLOCK = 1 << 16


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


class PackedMatcher(W3LeafMatcher):  # type: ignore[misc]
    """Reads packed blocks for Whoosh's own search, and all at once for ours."""

    def all_postings(self) -> Postings:
        """Return the whole list."""
        docs, weights = [], []
        for block_docs, block_weights, _values in self._blocks():
            docs.append(block_docs)
            weights.append(block_weights)
        if len(docs) == 1:
            return Postings(docs[0], weights[0])
        return Postings(np.concatenate(docs), np.concatenate(weights))

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
    def _mini_ids(self) -> tuple[str, bytes]:
        ids = np.frombuffer(self._ids, dtype=np.uint32)
        gaps = np.diff(ids, prepend=np.uint32(0))
        return _smallest(gaps)

    def _mini_weights(self) -> float | tuple[str, bytes] | None:
        weights = np.frombuffer(self._weights, dtype=np.float32)
        if (weights == weights[0]).all():
            return None if weights[0] == 1 else float(weights[0])
        if (weights == np.floor(weights)).all() and weights.max() < 256:
            return "<u1", weights.astype("<u1").tobytes()
        return "<f4", weights.astype("<f4").tobytes()


def _smallest(numbers: NDArray[np.uint32]) -> tuple[str, bytes]:
    largest = int(numbers.max())
    kind = "<u1" if largest < 1 << 8 else "<u2" if largest < 1 << 16 else "<u4"
    return kind, numbers.astype(kind).tobytes()


def _unpack_ids(packed: tuple[str, bytes]) -> NDArray[np.int64]:
    kind, data = packed
    return np.cumsum(np.frombuffer(data, dtype=kind), dtype=np.int64)


def _unpack_weights(packed: float | tuple[str, bytes] | None, count: int) -> NDArray[np.float32]:
    if isinstance(packed, tuple):
        kind, data = packed
        return np.frombuffer(data, dtype=kind).astype(np.float32)
    return np.full(count, 1.0 if packed is None else packed, dtype=np.float32)
