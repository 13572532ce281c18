"""What a post needs from other files, sorted by post: votes, history, closings as duplicate.

A temporary database on disk without a name: nothing of it is left, however the process ends, and
memory stays small whatever the dump's size. A run that goes on after an interruption fills it anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from app.domain.importing.source.reading import Votes
from app.domain.importing.source.rows import HistoryRow, LinkRow

_TABLES = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -8000;
    CREATE TABLE vote (post INTEGER PRIMARY KEY, up INTEGER NOT NULL, down INTEGER NOT NULL, accepted_on TEXT);
    CREATE TABLE history (
        post INTEGER, id INTEGER, kind INTEGER, grouped TEXT, at TEXT, user TEXT, name TEXT, comment TEXT, text TEXT
    );
    CREATE TABLE duplicate (post INTEGER PRIMARY KEY);
"""
_BY_ID = attrgetter("id")
_IN = "post IN (SELECT value FROM json_each(?))"


class VoteSums(NamedTuple):
    """The votes on a post, and the day on which it was accepted."""

    up: int = 0
    down: int = 0
    accepted_on: str | None = None


class Scratch:
    """The temporary database."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_TABLES)
        self.history_rows = 0
        self.history_left_out: Counter[str] = Counter()
        self.history_adapted: Counter[str] = Counter()
        self.has_votes = False
        self._is_indexed = False

    def close(self) -> None:
        """Give back the disk space."""
        self._db.close()

    def add_votes(self, votes: Votes) -> None:
        """Add the votes of a piece."""
        self.has_votes = True
        sums: dict[int, list[int]] = {}
        for (post, kind), number in votes.counts.items():
            if kind in ("2", "3"):
                sums.setdefault(post, [0, 0])[kind == "3"] += number
        for post in votes.accepted_on:
            sums.setdefault(post, [0, 0])
        self._many(
            "INSERT INTO vote VALUES (?, ?, ?, ?) ON CONFLICT (post) DO UPDATE SET up = up + excluded.up, "
            "down = down + excluded.down, accepted_on = coalesce(excluded.accepted_on, accepted_on)",
            [(post, up, down, votes.accepted_on.get(post)) for post, (up, down) in sums.items()],
        )

    def add_history(self, rows: Sequence[HistoryRow]) -> None:
        """Add history rows, in the order of the file."""
        self.history_rows += len(rows)
        self._many("INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def add_duplicates(self, rows: Sequence[LinkRow]) -> None:
        """Remember which posts were closed as a duplicate."""
        closed = [(row.post,) for row in rows if row.kind == "duplicate"]
        self._many("INSERT OR IGNORE INTO duplicate VALUES (?)", closed)

    def votes_of(self, posts: Iterable[int]) -> dict[int, VoteSums]:
        """Return the votes on those of the posts that have any."""
        found = self._db.execute(f"SELECT post, up, down, accepted_on FROM vote WHERE {_IN}", _list(posts))
        return {row[0]: VoteSums._make(row[1:]) for row in found}

    def history_of(self, posts: Iterable[int]) -> dict[int, list[HistoryRow]]:
        """Return the history of those of the posts that have one, oldest first."""
        if not self._is_indexed:
            self._db.execute("CREATE INDEX history_post ON history (post)")
            self._is_indexed = True
        found: dict[int, list[HistoryRow]] = {}
        for row in self._db.execute(f"SELECT * FROM history WHERE {_IN}", _list(posts)):
            found.setdefault(row[0], []).append(HistoryRow._make(row))
        for rows in found.values():  # few each: SQLite would sort all texts of all
            rows.sort(key=_BY_ID)
        return found

    def closed_as_duplicate(self, posts: Iterable[int]) -> set[int]:
        """Return those of the posts that a link of type 3 begins at."""
        return {row[0] for row in self._db.execute(f"SELECT post FROM duplicate WHERE {_IN}", _list(posts))}

    def _many(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        self._db.execute("BEGIN")
        self._db.executemany(statement, rows)
        self._db.execute("COMMIT")


def _list(posts: Iterable[int]) -> tuple[str]:
    return (json.dumps(list(posts)),)
