"""The store of finished pages of one process: bounded in bytes, least recently used ones go first."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from app.web.finished.keys import Key

_LEVEL = 5


class Address(NamedTuple):
    """What tells finished pages apart: everything of a request that changes what a visitor sees."""

    path: str
    query: str
    theme: str
    audience: Hashable = None  # of members: see members.py
    index_stamp: str = ""  # of pages of results: the state of the search index


@dataclass(frozen=True)
class Searched:
    """A search that counts each time its page is sent, and how many results were on it."""

    text: str
    found: int


@dataclass(frozen=True)
class FinishedPage:
    """The bytes of a page, and what they are true for. Kept compressed: few clients want it otherwise."""

    compressed: bytes
    etag: str
    headers: tuple[tuple[bytes, bytes], ...]
    depends_on: frozenset[Key]
    tick: int  # of the follower, before the page was made
    until: float  # monotonic seconds
    viewed_question_id: int | None
    searched: Searched | None = None


class PageStore:
    """Keeps pages by address, and the most wanted of them uncompressed as well. For one thread."""

    def __init__(self, *, max_bytes: int) -> None:
        self._pages: OrderedDict[Address, FinishedPage] = OrderedDict()
        self._plain: OrderedDict[str, bytes] = OrderedDict()
        self._room = max_bytes * 3 // 4
        self._plain_room = max_bytes - self._room
        self._size = self._plain_size = 0

    def __len__(self) -> int:
        return len(self._pages)

    def __iter__(self) -> Iterator[FinishedPage]:
        return iter(list(self._pages.values()))

    @property
    def size(self) -> int:
        """Bytes held."""
        return self._size + self._plain_size

    def get(self, address: Address) -> FinishedPage | None:
        """Return the page kept under the address, whether still true or not."""
        page = self._pages.get(address)
        if page is not None:
            self._pages.move_to_end(address)
        return page

    def put(self, address: Address, page: FinishedPage) -> None:
        """Keep a page in the place of what was there."""
        self.drop(address)
        self._pages[address] = page
        self._size += len(page.compressed)
        while self._size > self._room:
            _, gone = self._pages.popitem(last=False)
            self._size -= len(gone.compressed)

    def drop(self, address: Address) -> None:
        """Forget a page."""
        gone = self._pages.pop(address, None)
        if gone is not None:
            self._size -= len(gone.compressed)

    def plain(self, page: FinishedPage) -> bytes:
        """Return the page's bytes uncompressed."""
        body = self._plain.get(page.etag)
        if body is not None:
            self._plain.move_to_end(page.etag)
            return body
        body = gzip.decompress(page.compressed)
        self._plain[page.etag] = body
        self._plain_size += len(body)
        while self._plain_size > self._plain_room:
            _, gone = self._plain.popitem(last=False)
            self._plain_size -= len(gone)
        return body


def compress(body: bytes) -> bytes:
    """Return the body as sent to clients that take gzip; the same bytes each time."""
    return gzip.compress(body, _LEVEL, mtime=0)


def etag_of(body: bytes) -> str:
    """Return a name for exactly these bytes (RFC 9110, 8.8.3), without its quotes."""
    return hashlib.blake2b(body, digest_size=12).hexdigest()
