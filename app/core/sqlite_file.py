"""SQLite's file, which must stay in its place.

SQLite goes on writing into a file that was moved away, removed or replaced, where nobody will look for what was
acknowledged; and what it is to open and doesn't find, it makes. An engine keeps to the file that it opened first:
while that is elsewhere nothing is read or written, and when it is back everything goes on. With another file
in its place, such as a restored one, the forum has to be started again.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError


def keep_to_file(engine: Engine) -> None:
    """Use the connections of an engine for SQLite only while the file that it opened first is in its place."""
    path = Path(str(engine.url.database))
    first: int | None = None

    def refuse(*_facts: object) -> None:
        if first is not None and _number(path) != first:
            raise sqlite3.OperationalError(f"the database file was moved away or replaced: {path}")

    def remember(*_facts: object) -> None:
        nonlocal first
        first = first or _number(path)

    def close_what_is_open(*_facts: object) -> None:
        if _number(path) != first:
            raise InvalidatePoolError

    event.listen(engine, "do_connect", refuse)
    event.listen(engine, "connect", remember)
    event.listen(engine, "checkout", close_what_is_open)


def _number(path: Path) -> int | None:
    """Return what a file is known by on its disk, whatever its name."""
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None
