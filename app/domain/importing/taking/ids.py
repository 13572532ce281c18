"""Which of our rows a row of the source became."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from sqlalchemy import text
from sqlmodel import Session

from app.domain.importing.taking import bulk
from app.models import MovedIn

_REMEMBERED = 40_000

# One parameter for all ids: a list of thousands takes longer to write down than to look up.
_FIND_ON_SQLITE = text(
    "SELECT source_id, local_id FROM moved_in WHERE source = :source AND kind = :kind"
    " AND source_id IN (SELECT value FROM json_each(:ids))"
)
# PostgreSQL has no statistics of a table that just grew: without LIMIT it would go through all rows of the kind.
_FIND_ON_POSTGRESQL = text(
    "SELECT wanted.id, found.local_id FROM unnest(CAST(:ids AS text[])) AS wanted (id) CROSS JOIN LATERAL"
    " (SELECT local_id FROM moved_in"
    " WHERE source = :source AND kind = :kind AND source_id = wanted.id LIMIT 1) AS found"
)


class Ids:
    """Source ids and ours, of one kind. Remembers some, so that the memory stays bounded."""

    def __init__(self, source: str, kind: str) -> None:
        self._source = source
        self._kind = kind
        self._remembered: dict[str, int] = {}

    def find(self, db: Session, source_ids: Iterable[str]) -> dict[str, int]:
        """Return our ids of those that have been taken."""
        wanted = set(source_ids)
        known = {key: self._remembered[key] for key in wanted if key in self._remembered}
        found = self._ask(db, list(wanted - known.keys()))
        self._remember(found)
        return known | found

    def find_numbers(self, db: Session, source_ids: Iterable[int]) -> dict[int, int]:
        """Return the same for ids that are numbers."""
        found = self.find(db, (str(number) for number in source_ids))
        return {int(source_id): local_id for source_id, local_id in found.items()}

    def keep(self, db: Session, pairs: Mapping[str, int]) -> None:
        """Write down what has been taken."""
        rows = [
            {"source": self._source, "kind": self._kind, "source_id": source_id, "local_id": local_id}
            for source_id, local_id in pairs.items()
        ]
        bulk.insert(db, MovedIn, rows)
        self._remember(pairs)

    def forget(self) -> None:
        """Ask the database again from now on."""
        self._remembered.clear()

    def _ask(self, db: Session, source_ids: list[str]) -> dict[str, int]:
        if not source_ids:
            return {}
        is_postgresql = db.get_bind().dialect.name == "postgresql"
        rows = db.execute(
            _FIND_ON_POSTGRESQL if is_postgresql else _FIND_ON_SQLITE,
            {
                "source": self._source,
                "kind": self._kind,
                "ids": source_ids if is_postgresql else json.dumps(source_ids),
            },
        )
        return {row[0]: row[1] for row in rows.all()}

    def _remember(self, pairs: Mapping[str, int]) -> None:
        if len(self._remembered) + len(pairs) > _REMEMBERED:
            self._remembered.clear()
        self._remembered.update(pairs)
