"""The steps of an import, in their order: authors before posts, posts before what hangs on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sqlmodel import Session, col, delete, select

from app.domain import outbox
from app.domain.importing.events import ContentMovedIn
from app.domain.importing.progress import Progress, end_step, is_done, position, progress_of, take_batch
from app.domain.importing.source import reading
from app.domain.importing.source.crew import Crew
from app.domain.importing.source.dump import Checked, Dump, Piece, pieces
from app.domain.importing.source.reading_posts import read_posts
from app.domain.importing.taking import accepting, badges, comments, counters, links, posts, tags, votes
from app.domain.importing.taking.accounts import take_users
from app.domain.importing.taking.run import ADAPTED, LEFT_OUT, Run
from app.models import MovedIn, Question

MB = 1024 * 1024
FINISH = "finish"
WAITING = "waiting"
"""Its position counts the answers that came before their question."""

_ACCEPTED_AT_ONCE = 2000
_QUESTIONS_IN_AN_EVENT = 500

Take = Callable[[Session, Run, Any], None]


class Import:
    """One run through the steps."""

    def __init__(self, db: Session, run: Run, dump: Dump, readers: Crew, progress: Progress) -> None:
        self._db = db
        self._run = run
        self._dump = dump
        self._readers = readers
        self._progress = progress
        self._checked: dict[str, Checked] = {}

    def take(self) -> None:
        """Do every step that is not done, but for the last one."""
        self._check()
        self._take_file("Users", reading.read_users, take_users, size=MB)
        self._take_file("Tags", reading.read_tags, tags.take_tags, size=MB)
        self._take_posts()
        self._take_file("Comments", reading.read_comments, comments.take_comments, size=MB)
        self._take_file("Votes", reading.read_votes, votes.take_votes, size=MB)
        self._take_file("PostLinks", reading.read_links, links.take_links, size=MB)
        self._take_file("Badges", reading.read_badges, badges.take_badges, size=MB)
        self._progress.step("Duplicates and counters", size=0)
        end_step(self._db, run=self._run, step="duplicates", take=self._close_duplicates)

    def _check(self) -> None:
        self._progress.step("Checking the files", size=sum(map(self._dump.size, self._dump.paths)))
        seen = 0

        def on_bytes(read: int) -> None:
            nonlocal seen
            self._progress.advance(size=read - seen, rows=0)
            seen = read

        largest_first = sorted(self._dump.paths.items(), key=lambda item: -self._dump.size(item[0]))
        for _, checked in self._readers.map(reading.check_file, largest_first, while_waiting=on_bytes):
            self._checked[checked.name] = checked

    def _take_posts(self) -> None:
        if is_done(self._db, self._run.source, "accepted"):
            return
        self._fill_scratch()
        work = partial(read_posts, to_markdown="PostHistory" not in self._checked)
        self._take_file("Posts", work, _take_posts, size=3 * MB)
        if position(self._db, self._run.source, WAITING):
            self._take_file("Posts", work, posts.take_early_answers, size=MB, step="early answers")
        self._accept()

    def _fill_scratch(self) -> None:
        scratch = self._run.scratch
        for _, found in self._read("Reading votes", "Votes", reading.read_votes):
            scratch.add_votes(found)
        for _, found in self._read("Reading links", "PostLinks", reading.read_links):
            scratch.add_duplicates(found.rows)
        for _, found in self._read("Reading history", "PostHistory", reading.read_history):
            scratch.add_history(found.rows)
            scratch.history_left_out.update(found.left_out)
            scratch.history_adapted.update(found.adapted)

    def _read(self, title: str, name: str, work: Callable[[Piece], Any]) -> Iterator[tuple[Piece, Any]]:
        if name not in self._checked:
            return
        self._progress.step(title, size=self._dump.size(name))
        for piece, found in self._readers.map(work, pieces(self._checked[name], size=MB)):
            yield piece, found
            self._progress.advance(size=piece.end - piece.start, rows=piece.rows)

    def _take_file(
        self, name: str, work: Callable[[Piece], Any], take: Take, *, size: int, step: str = ""
    ) -> None:
        """Take what is left of a file, piece by piece."""
        step = step or name.lower()
        if name not in self._checked or is_done(self._db, self._run.source, step):
            return
        self._progress.step(f"Taking {name.lower()}", size=self._dump.size(name))
        done = position(self._db, self._run.source, step)
        todo = self._behind(done, pieces(self._checked[name], size=size))
        for piece, found in self._readers.map(work, todo):
            self._take_piece(step, piece, found, take)
        end_step(self._db, run=self._run, step=step)

    def _take_piece(self, step: str, piece: Piece, found: Any, take: Take) -> None:
        take_batch(
            self._db,
            run=self._run,
            step=step,
            first=piece.first,
            count=piece.rows,
            take=lambda: take(self._db, self._run, found),
        )
        self._progress.advance(size=piece.end - piece.start, rows=piece.rows)

    def _behind(self, done: int, every: Iterator[Piece]) -> Iterator[Piece]:
        for piece in every:
            if piece.first >= done:
                yield piece
            else:
                self._progress.advance(size=piece.end - piece.start, rows=0)

    def _accept(self) -> None:
        db, run = self._db, self._run
        self._progress.step("Accepted answers", size=0)
        after = position(db, run.source, "accepted")
        while expected := accepting.next_expected(db, run, after=after, limit=_ACCEPTED_AT_ONCE):
            last = expected[-1][0]
            take = partial(accepting.accept, db, run, expected)
            take_batch(db, run=run, step="accepted", first=after, count=last - after, take=take)
            after = last
        end_step(db, run=run, step="accepted", take=self._report_history)

    def _close_duplicates(self) -> None:
        counters.refresh_statistics(self._db)
        links.close_duplicates(self._db, self._run)

    def _report_history(self) -> None:
        """Say what became of the history of posts that are not there."""
        run = self._run
        run.count_all("PostHistory", LEFT_OUT, run.scratch.history_left_out)
        run.count_all("PostHistory", ADAPTED, run.scratch.history_adapted)
        if "PostHistory" in self._checked:
            lines = [line for line in run.counts(self._db) if line.file == "PostHistory"]
            told = sum(line.number for line in lines if line.outcome != ADAPTED)
            rest = self._checked["PostHistory"].rows - told - run.scratch.history_left_out.total()
            if rest:
                run.count("PostHistory", LEFT_OUT, votes.GONE, rest)


def finish(db: Session, run: Run) -> None:
    """Do the last step: make counters right, and tell the search index."""

    def take() -> None:
        counters.recount(db, source=run.source, product_id=run.product_id)
        for first, last in _ranges(db, run.source):
            outbox.record(db, ContentMovedIn(by_id=None, first_id=first, last_id=last), now=run.now)
        helping = delete(MovedIn).where(
            col(MovedIn.source) == run.source, col(MovedIn.kind).in_(("accepted", "excerpt"))
        )
        db.execute(helping)

    end_step(db, run=run, step=FINISH, take=take)


def _take_posts(db: Session, run: Run, found: Any) -> None:
    early = posts.take_posts(db, run, found)
    if early:
        waiting = progress_of(db, run.source, WAITING, now=run.now)
        waiting.position += early
        db.add(waiting)


def _ranges(db: Session, source: str) -> list[tuple[int, int]]:
    """Return the first and last id of every few hundred questions of a source."""
    ours = select(MovedIn.local_id).where(MovedIn.source == source, MovedIn.kind == "post")
    ids = db.exec(
        select(Question.id).where(col(Question.id).in_(ours)).order_by(col(Question.id)),
        execution_options={"yield_per": _QUESTIONS_IN_AN_EVENT},
    )
    return [(some[0], some[-1]) for some in ids.partitions()]
