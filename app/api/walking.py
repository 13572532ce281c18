"""Lists of questions, page after page, while questions arrive and move.

"Newest" is an order that never changes: the cursor holds the instant and id of the last row. The other
sorts (active, votes, hot) change with every answer and vote, so the first page takes a snapshot: the
cursor carries the ids of the first RANKED rows as they were ranked then. When these are through, the
walk goes on with all other rows, newest first. So every question that was there at the start and
still belongs to the list comes exactly once, whatever happens meanwhile; nothing is kept on the server.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from app.api.cursors import Place
from app.domain import questions
from app.domain.questions import ListOf
from app.models import Question

RANKED = 500


@dataclass(frozen=True)
class Page:
    """Rows, and where those after them begin (None: nowhere)."""

    rows: Sequence[Question]
    next: Place | None


def walk(db: Session, wanted: ListOf, *, place: Place | None, now: datetime) -> Page:
    """Return the page of a list at the place that a cursor named; None is its beginning."""
    if wanted.sort == "newest":
        before = _moment(place[0], place[1]) if place else None
        return _newest(db, wanted, before)
    if place is None:
        ids = questions.ranked_ids(db, wanted, limit=RANKED)
        return _ranked(db, wanted, ids, at=0, started=now)
    kind, packed, started, *rest = place
    ids, start = unpack(packed), datetime.fromisoformat(started)
    if kind == "ranked":
        return _ranked(db, wanted, ids, at=int(rest[0]), started=start)
    return _others(db, wanted, ids, started=start, before=_moment(*rest))


def pack(ids: Sequence[int]) -> str:
    """Return ids as a short text."""
    return base64.b85encode(zlib.compress(",".join(map(str, ids)).encode(), 9)).decode()


def unpack(packed: str) -> list[int]:
    """Return the ids of a text that `pack` made."""
    text = zlib.decompress(base64.b85decode(packed)).decode()
    return [int(part) for part in text.split(",")] if text else []


def _newest(db: Session, wanted: ListOf, before: tuple[datetime, int] | None) -> Page:
    rows = questions.newest_before(db, replace(wanted, size=wanted.size + 1), before=before)
    shown = rows[: wanted.size]
    return Page(shown, _after(shown[-1]) if len(rows) > wanted.size else None)


def _ranked(db: Session, wanted: ListOf, ids: list[int], *, at: int, started: datetime) -> Page:
    shown: list[Question] = []
    while at < len(ids) and len(shown) < wanted.size:  # rows that left the list meanwhile make room
        chunk = ids[at : at + wanted.size - len(shown)]
        shown += questions.still_listed(db, wanted, ids=chunk)
        at += len(chunk)
    if at < len(ids):
        return Page(shown, ["ranked", pack(ids), started.isoformat(), at])
    if len(ids) < RANKED:
        return Page(shown, None)
    if len(shown) == wanted.size:
        return Page(shown, ["others", pack(sorted(ids)), started.isoformat(), None, 0])
    rest = replace(wanted, size=wanted.size - len(shown))
    others = _others(db, rest, ids, started=started, before=None)
    return Page([*shown, *others.rows], others.next)


def _others(
    db: Session, wanted: ListOf, ids: list[int], *, started: datetime, before: tuple[datetime, int] | None
) -> Page:
    # What was asked after the start belongs to another walk; ids end at 2^31, so this is its last moment.
    start = before or (started, 2**31 - 1)
    rows = questions.newest_before(db, replace(wanted, size=wanted.size + 1), before=start, but=ids)
    shown = rows[: wanted.size]
    if len(rows) <= wanted.size:
        return Page(shown, None)
    return Page(shown, ["others", pack(sorted(ids)), started.isoformat(), *_after(shown[-1])])


def _after(row: Question) -> Place:
    return [row.created_at.isoformat(), row.id]


def _moment(instant: str | None, number: int) -> tuple[datetime, int] | None:
    return (datetime.fromisoformat(instant), number) if instant else None
