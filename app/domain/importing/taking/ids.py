"""Which of our rows a row of the source became."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlmodel import Session, col, select

from app.domain.importing.taking import bulk
from app.models import MovedIn

_REMEMBERED = 40_000


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
        asked = sorted(wanted - known.keys())
        found: dict[str, int] = {}
        for at in range(0, len(asked), 1000):
            rows = db.execute(
                select(MovedIn.source_id, MovedIn.local_id).where(
                    MovedIn.source == self._source,
                    MovedIn.kind == self._kind,
                    col(MovedIn.source_id).in_(asked[at : at + 1000]),
                )
            )
            found.update(rows.tuples().all())
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

    def _remember(self, pairs: Mapping[str, int]) -> None:
        if len(self._remembered) + len(pairs) > _REMEMBERED:
            self._remembered.clear()
        self._remembered.update(pairs)
