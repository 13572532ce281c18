"""Keeping the index equal to the database.

The index follows the outbox by its own position. What a batch of events touched is read anew and
written again, so applying an event twice, or late, does no harm; a process killed at any moment
leaves an index that is behind, never wrong, and the next one goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, func
from sqlmodel import Session, col, select

from app.core.db import new_session
from app.core.errors import Conflict
from app.domain import outbox, searches
from app.domain.search import changes, snapshots, tokens
from app.domain.search.backend import IndexMissing, SearchBackend
from app.domain.search.directory import Generation
from app.domain.search.documents import Document, Stats
from app.domain.search.index import SearchIndex, position_of
from app.models import Question

EVENTS_AT_ONCE = 200
FAR_BEHIND = 20_000
MANY_SEGMENTS = 24
DOCUMENTS_IN_BIG_SEGMENT = 10_000
MANY_DELETED = 0.3

Progress = Callable[[int, int], None]
"""Called with how many threads are done, and how many there are."""


def follow(db: Session, index: SearchIndex, *, limit: int = EVENTS_AT_ONCE) -> int:
    """Apply the next events of the change feed; return how many. 0: none, or another process is at it.

    What touches very many threads, such as an import, is passed over, and the index marked as incomplete:
    it must then be built anew, while what people post meanwhile is still found at once.
    """
    with index.directory.writing() as is_ours:
        if not is_ours:
            return 0
        generation, backend = index.answering()
        cut_anew = _cut_anew(db, generation, backend)
        events = outbox.feed(db, after=position_of(generation), limit=limit)
        if not events:
            return cut_anew
        ids, is_all = changes.touched(db, [one.event for one in events])
        if not is_all:
            generation.mark_incomplete()
        _write(db, generation, backend, ids, protected=generation.words())
        generation.set_position(str(events[-1].position))
        return len(events)


def rebuild(bind: Engine | Connection, index: SearchIndex, *, progress: Progress | None = None) -> int:
    """Build a new index beside the present one, then let it answer; return how many threads it has.

    Searches and `follow` go on meanwhile. Raise Conflict when another process is building.
    """
    with index.directory.rebuilding() as is_ours:
        if not is_ours:
            raise Conflict("The search index is being rebuilt by another process.")
        with new_session(bind) as db:
            # Before anything is read: what changes from now on is applied again afterwards.
            position = outbox.end_of_feed(db)
            protected = searches.protected_words(db)
            total = db.exec(select(func.count()).where(col(Question.removed_at).is_(None))).one()
        backend = index.wanted
        generation = index.directory.start(engine=backend.name, schema=backend.schema)
        backend.create(generation.path)
        generation.set_words(protected)
        tokens.protect(protected)
        counted = _Counted(
            snapshots.all_documents(bind), total, _both(index.directory.show_progress, progress)
        )
        backend.build(generation.path, counted)
        generation.set_position(str(position))
        with index.directory.writing(wait=True):
            index.directory.activate(generation)
        index.directory.remove_old()
        return counted.done


def is_far_behind(db: Session, index: SearchIndex) -> bool:
    """Return whether so much has changed that building anew is quicker than following."""
    generation, _backend = index.answering()
    return changes.waiting(db, after=position_of(generation), at_most=FAR_BEHIND) >= FAR_BEHIND


def behind(db: Session, index: SearchIndex, *, at_most: int) -> tuple[int, datetime | None]:
    """Return how many changes the index has not seen, counted up to `at_most`, and when the first of them was."""
    try:
        with index.opened() as opened:
            position = opened.position
    except IndexMissing:
        position = outbox.START
    return changes.waiting(db, after=position, at_most=at_most), changes.oldest_waiting(db, after=position)


def is_worn(index: SearchIndex) -> bool:
    """Return whether the index has become so scattered that it should be built anew."""
    stats = state(index)
    if stats is None:
        return False
    many = MANY_SEGMENTS + stats.documents // DOCUMENTS_IN_BIG_SEGMENT
    return stats.segments > many or stats.deleted > MANY_DELETED * (stats.documents + 100)


def tidy(index: SearchIndex) -> bool:
    """Merge small pieces of the index, when nothing else is to be done; return whether it was needed."""
    with index.directory.writing() as is_ours:
        if not is_ours:
            return False
        generation, backend = index.answering()
        return backend.tidy(generation.path)


def state(index: SearchIndex) -> Stats | None:
    """Return the size of the index, or None when there is none."""
    try:
        with index.opened() as opened:
            return opened.reader.stats()
    except IndexMissing:
        return None


def differences(db: Session, index: SearchIndex) -> tuple[set[int], set[int]]:
    """Return the ids of threads that the index lacks, and of those it has too many: both empty when all is well."""
    with index.opened() as opened:
        indexed = set(opened.reader.ids())
    visible = set(db.exec(select(Question.id).where(col(Question.removed_at).is_(None))))
    return visible - indexed, indexed - visible


def _write(
    db: Session,
    generation: Generation,
    backend: SearchBackend,
    ids: Sequence[int],
    *,
    protected: frozenset[str],
) -> None:
    """Write the documents of these questions as they are now; take out those that nobody may see."""
    tokens.protect(protected)
    for start in range(0, len(ids), snapshots.BATCH):
        batch = ids[start : start + snapshots.BATCH]
        found = snapshots.documents(db, batch)
        writer = backend.writer(generation.path)
        writer.delete(set(batch) - {document.question_id for document in found})
        writer.index(found)
        writer.publish()


def _cut_anew(db: Session, generation: Generation, backend: SearchBackend) -> int:
    """Let words that staff protected, or no longer do, be cut so in the documents; return how many words changed.

    Searches cut what is typed as the index's own words say, so both change together.
    """
    wanted, written = searches.protected_words(db), generation.words()
    changed = wanted ^ written
    if not changed or not generation.is_complete:
        return 0
    terms = sorted(changed | {tokens.stem_of(word) for word in changed})
    with backend.reader(generation.path) as reader:
        ids = reader.holding(terms, limit=changes.AT_ONCE + 1)
    if len(ids) > changes.AT_ONCE:
        generation.mark_incomplete()
        return 0
    _write(db, generation, backend, sorted(ids), protected=wanted)
    generation.set_words(wanted)
    return len(changed)


def _both(one: Progress, other: Progress | None) -> Progress:
    def tell(done: int, total: int) -> None:
        one(done, total)
        if other:
            other(done, total)

    return tell


class _Counted:
    """Passes documents on and tells how many there were."""

    def __init__(self, documents: Iterator[Document], total: int, progress: Progress) -> None:
        self._documents = documents
        self._total = total
        self._progress = progress
        self.done = 0

    def __iter__(self) -> Iterator[Document]:
        for document in self._documents:
            yield document
            self.done += 1
            if self.done % snapshots.BATCH == 0:
                self._progress(self.done, self._total)
        self._progress(self.done, self._total)
