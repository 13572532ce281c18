"""The queue, page after page, while cases come, go and change places.

As with questions (walking.py): orders by the instant of opening never change; for the others the first
page takes a snapshot of the first RANKED cases, which travels in the cursor, and when these are
through, all others that were there follow, newest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from app.api.cursors import Place
from app.api.walking import pack, unpack
from app.domain import queue
from app.models import User

RANKED = 500
_STEADY = ("newest", "oldest")


@dataclass(frozen=True)
class Page:
    """Cases, and where those after them begin (None: nowhere)."""

    rows: Sequence[queue.Row]
    next: Place | None


@dataclass(frozen=True)
class Walk:
    """Whose walk through which list it is, and how long its pages are."""

    viewer: User
    wanted: queue.Listing
    size: int
    now: datetime

    def page(self, db: Session, place: Place | None) -> Page:
        """Return the page at the place that a cursor named; None is the list's beginning."""
        if self.wanted.sort in _STEADY:
            found = self._listed(db, self.wanted, place[0] if place else "", self.size)
            return Page(found.rows, [found.after] if found.after else None)
        if place is None:
            ids = queue.ranked_ids(db, viewer=self.viewer, wanted=self.wanted, now=self.now, limit=RANKED)
            return self._ranked(db, ids, 0, self.now)
        kind, packed, started, rest = place
        ids, start = unpack(packed), datetime.fromisoformat(started)
        if kind == "ranked":
            return self._ranked(db, ids, int(rest), start)
        return self._others(db, ids, start, rest, self.size)

    def _ranked(self, db: Session, ids: list[int], at: int, started: datetime) -> Page:
        shown: list[queue.Row] = []
        while at < len(ids) and len(shown) < self.size:  # cases that left the list meanwhile make room
            chunk = ids[at : at + self.size - len(shown)]
            shown += queue.still_listed(db, viewer=self.viewer, wanted=self.wanted, ids=chunk, now=self.now)
            at += len(chunk)
        if at < len(ids):
            return Page(shown, ["ranked", pack(ids), started.isoformat(), at])
        if len(ids) < RANKED:
            return Page(shown, None)
        others = self._others(db, ids, started, "", self.size - len(shown))
        return Page([*shown, *others.rows], others.next)

    def _others(self, db: Session, ids: list[int], started: datetime, after: str, size: int) -> Page:
        """Return those that the snapshot does not hold; what was opened after the start belongs to another walk."""
        wanted = replace(self.wanted, sort="newest")
        known = set(ids)
        shown: list[queue.Row] = []
        after = after or str(queue.Cursor(0, started, 2**31 - 1))
        while after and len(shown) < size:
            found = self._listed(db, wanted, after, size - len(shown))
            shown += [row for row in found.rows if row.case.id not in known]
            after = found.after
        return Page(shown, ["others", pack(ids), started.isoformat(), after] if after else None)

    def _listed(self, db: Session, wanted: queue.Listing, after: str, size: int) -> queue.Rows:
        return queue.listing(db, viewer=self.viewer, wanted=wanted, now=self.now, after=after, size=size)
