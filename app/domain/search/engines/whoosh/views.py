"""Views of an index for one request at a time, taken over by the next one while nothing was written.

To open an index means to read its table of contents and map each segment's files: some milliseconds, as
much as the search itself. Whether it is still the one on disk is seen by what its files look like.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from whoosh.index import EmptyIndexError

from app.domain.search.backend import BrokenIndex
from app.domain.search.engines.whoosh.segments import View
from app.domain.search.engines.whoosh.storage import open_index

IDLE_AT_MOST = 2
OPEN_SECONDS = 20
"""What a view has ever touched of the files stays mapped: an old one is closed, and the next begins with little."""

_Files = frozenset[tuple[str, int, int, int]]


class _Idle(NamedTuple):
    folder: Path
    files: _Files
    view: View


class _Views:
    """Opened views that nobody uses now. Safe for threads."""

    def __init__(self) -> None:
        self._idle: list[_Idle] = []
        self._lock = threading.Lock()

    def take(self, folder: Path, files: _Files) -> View | None:
        """Return a view of these very files, which is nobody else's from now on; close those of other states."""
        with self._lock:
            here = [one for one in self._idle if one.folder == folder]
            same = [one for one in here if one.files == files]
            old = [one for one in here if one.files != files]
            gone = [*same[:1], *old]
            self._idle = [one for one in self._idle if one not in gone]
        for one in old:
            one.view.close()
        return same[0].view if same else None

    def give_back(self, folder: Path, files: _Files, view: View) -> None:
        """Keep a view for the next request; close an old one, and the longest unused beyond what is kept."""
        if time.monotonic() - view.opened_at >= OPEN_SECONDS:
            view.close()
            return
        with self._lock:
            self._idle.append(_Idle(folder, files, view))
            dropped, self._idle = self._idle[:-IDLE_AT_MOST], self._idle[-IDLE_AT_MOST:]
        for one in dropped:
            one.view.close()


_views = _Views()


@contextmanager
def opened(folder: Path) -> Iterator[View]:
    """Give the newest state of an index for one request. Raise BrokenIndex."""
    files = _files(folder)
    view = _views.take(folder, files) or View(_reader(folder), folder)
    try:
        yield view
    except BaseException:
        view.close()  # perhaps its files are damaged
        raise
    _views.give_back(folder, files, view)


def prepare(folder: Path) -> None:
    """Keep beside each new segment what is slow to gather from it, so that no search has to."""
    with opened(folder) as view:
        for segment in view.segments:
            segment.prepare()


def _files(folder: Path) -> _Files:
    """Return what differs once a segment or a table of contents was written, replaced or damaged."""
    found = set()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith((".toc", ".seg")):
                    facts = entry.stat()
                    found.add((entry.name, facts.st_ino, facts.st_mtime_ns, facts.st_size))
    except FileNotFoundError:
        return frozenset({("", 0, time.monotonic_ns(), 0)})  # one was just removed: like no other state
    return frozenset(found)


def _reader(folder: Path) -> Any:
    for _attempt in range(4):
        try:
            return open_index(folder).reader()
        except (FileNotFoundError, EmptyIndexError) as error:
            # A commit may remove the table of contents between its being listed and its being opened.
            missing: Exception = error
        except Exception as error:  # whatever a damaged file makes of it
            raise BrokenIndex(str(folder)) from error
    raise BrokenIndex(str(folder)) from missing
