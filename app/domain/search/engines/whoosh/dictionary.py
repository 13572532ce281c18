"""The dictionary of a segment's terms, read where it lies in memory.

Whoosh's own way to a term goes through eight functions and makes an object of all that is known of it: four
times as long, and to find questions like one, some five hundred terms are looked up. The format is that of
`whoosh.filedb.filetables.OrderedHashReader` with `whoosh.codec.whoosh3.W3TermInfo` as values.
"""

from __future__ import annotations

from hashlib import md5
from struct import Struct
from typing import Any, NamedTuple

_SLOT = Struct("!Iq")  # a key's hash and where it stands; 0: nothing does
_LENGTHS = Struct("!ii")  # of a key and of its value, before them
_FREQUENCY = Struct("!I")
_FREQUENCY_AT = 5  # behind a byte of flags and the total weight
_EXTENT = Struct("!qi")
_EXTENT_AT = Struct("!BfIBBfII").size
_FIELD = Struct("!H")


class Place(NamedTuple):
    """In how many documents a term stands, and where the list of them is in the file of postings."""

    frequency: int
    offset: int
    length: int


class Dictionary:
    """Where the terms of one segment are."""

    def __init__(self, terms: Any) -> None:
        """Read from the `W3TermsReader` of an opened segment."""
        table = terms._tindex  # noqa: SLF001
        self._data: memoryview = table.dbfile._buf  # noqa: SLF001
        self._tables: list[tuple[int, int]] = table.tables
        self._fields = {name: _FIELD.pack(number) for name, number in terms._fieldmap.items()}  # noqa: SLF001

    def find(self, field: str, term: str) -> Place | None:
        """Return where a term is; None if the field has no such term."""
        if field not in self._fields:
            return None
        key, data = self._fields[field] + term.encode(), self._data
        hashed = int.from_bytes(md5(key, usedforsecurity=False).digest()[-4:], "big")
        start, slots = self._tables[hashed & 255]
        for step in range(slots):
            slot = (hashed >> 8) % slots + step
            slot_hash, at = _SLOT.unpack_from(data, start + slot % slots * _SLOT.size)
            if not at:
                return None
            if slot_hash == hashed:
                key_length, _ = _LENGTHS.unpack_from(data, at)
                value = at + _LENGTHS.size + key_length
                if data[at + _LENGTHS.size : value] == key:
                    (frequency,) = _FREQUENCY.unpack_from(data, value + _FREQUENCY_AT)
                    return Place(frequency, *_EXTENT.unpack_from(data, value + _EXTENT_AT))
        return None
