"""Walk ten thousand pages of the JSON API by cursor while posts arrive, and count what was missed or doubled.

    PYTHONPATH=. python benchmarks/walking.py [--pages 10000] [--limit 5] [--sort newest votes] [--url ...]

Fills an empty database (SQLite in a temporary folder, unless told otherwise) with pages x limit questions,
serves it, and walks through it over HTTP. Meanwhile staff ask, answer, vote and hide, so that rows come, move
and go. A row counts as missed if it was there at the start and is still visible at the end.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from serving import HERE, free_port, running
from sqlalchemy import Engine, insert, text
from sqlmodel import Session, col, select

from app.core import schema
from app.core.db import make_engine, new_session
from app.domain import answers, questions, votes
from app.models import Post, Question, User
from tests.factories.users import make_user

LOT = 10_000
VOTERS = 50
PAUSE = 0.03
"""Seconds between two writes: as many a minute as a large community has in an hour."""


@dataclass
class Outcome:
    """What a walk met, and how long its pages took."""

    seen: list[int] = field(default_factory=list)
    took: list[float] = field(default_factory=list)


@dataclass
class Writing:
    """What was done meanwhile."""

    asked: int = 0
    others: int = 0
    hidden: set[int] = field(default_factory=set)


def main() -> int:
    """Fill, serve, walk, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--limit", type=int, default=5, help="rows of a page (default: %(default)s)")
    parser.add_argument("--sort", nargs="+", default=["newest", "votes"])
    parser.add_argument("--url", default="", help="of an empty database")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = args.url or f"sqlite:///{folder}/peerdesk.db"
        engine = make_engine(url)
        schema.migrate(engine)
        with new_session(engine) as db:
            staff = _fill(db, args.pages * args.limit)
        good = [_measured(engine, url, folder, staff, sort=sort, limit=args.limit) for sort in args.sort]
        engine.dispose()
    return 0 if all(good) else 1


def _fill(db: Session, count: int) -> int:
    staff = make_user(db, handle="writer", support_role="agent", moderation_role="moderator")
    for number in range(VOTERS):
        make_user(db, handle=f"voter-{number}", reputation=500)
    start = datetime.now(UTC) - timedelta(days=300)
    for first in range(1, count + 1, LOT):
        lot = range(first, min(first + LOT, count + 1))
        db.execute(insert(Post), [{"id": number, "kind": "question"} for number in lot])
        rows = [
            {
                "id": number,
                "author_id": staff.id,
                "title": f"The fan {number} is loud",
                "body": "Since the update.",
                "body_html": "<p>Since the update.</p>",
                "created_at": start + timedelta(seconds=number // 3),
                "last_activity_at": start + timedelta(seconds=number // 3),
                "score": number % 11,
                "hot": 0.0,
            }
            for number in lot
        ]
        db.execute(insert(Question), rows)
        db.commit()
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT setval(pg_get_serial_sequence('post', 'id'), :count)"), {"count": count})
        db.commit()
    return staff.id or 0


def _measured(engine: Engine, url: str, folder: str, staff_id: int, *, sort: str, limit: int) -> bool:
    with new_session(engine) as db:
        at_start = set(db.exec(select(Question.id).where(col(Question.removed_at).is_(None))))
    port, done, writing = free_port(), threading.Event(), Writing()
    environment = {
        **os.environ,
        "PEERDESK_DATA_DIR": folder,
        "PEERDESK_DATABASE_URL": url,
        "PEERDESK_LOG_LEVEL": "error",
        "PEERDESK_API_READS_PER_MINUTE": "0",
    }
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--workers", "1"]
    with running(command, environment, port, HERE.parent):
        writer = threading.Thread(target=_write, args=(engine, staff_id, sorted(at_start), writing, done))
        writer.start()
        walked = _walk(port, f"/api/v1/questions?sort={sort}&limit={limit}")
        done.set()
        writer.join()
    missed = at_start - writing.hidden - set(walked.seen)
    doubled = len(walked.seen) - len(set(walked.seen))
    first, last = (statistics.median(part) * 1000 for part in (walked.took[:500], walked.took[-500:]))
    worst = statistics.quantiles(walked.took, n=100)[98] * 1000
    print(
        f"{sort:8} {len(walked.took):7,} pages {len(walked.seen):8,} rows, {len(missed)} missed, {doubled} doubled; "
        f"meanwhile {writing.asked:,} asked, {writing.others:,} answers and votes, {len(writing.hidden):,} hidden; "
        f"ms a page: first 500 {first:.1f}, last 500 {last:.1f}, p99 {worst:.1f}",
        flush=True,
    )
    return not missed and not doubled


def _walk(port: int, path: str) -> Outcome:
    outcome = Outcome()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    while path:
        started = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        outcome.took.append(time.perf_counter() - started)
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}: {body[:300]!r}")
        outcome.seen += [row["id"] for row in json.loads(body)["data"]]
        link = answer.getheader("Link") or ""
        path = link.partition("/api/v1")[2].partition(">")[0]
        path = f"/api/v1{path}" if path else ""
    return outcome


def _write(
    engine: Engine, staff_id: int, present: list[int], writing: Writing, done: threading.Event
) -> None:
    dice = random.Random(7)
    voters = itertools.count()
    for turn in itertools.count():
        if done.wait(PAUSE):
            return
        now = datetime.now(UTC)
        with new_session(engine) as db:
            staff = db.get_one(User, staff_id)
            number = dice.choice(present)
            if turn % 4 == 0:
                _ask(db, staff, now)
                writing.asked += 1
            elif turn % 40 == 1:
                row = questions.visible(db, viewer=staff, question_id=number)
                if not row.is_removed:
                    writing.hidden.add(number)
                    questions.remove(db, question=row, by=staff, reason="A test.", now=now)
            elif number not in writing.hidden:
                _stir(db, staff, number, next(voters), now)
                writing.others += 1


def _ask(db: Session, author: User, now: datetime) -> None:
    questions.ask(
        db,
        author=author,
        title="The fan is loud since the update",
        body="It was quiet before, whatever ran on it.",
        tags="noise",
        product_id=None,
        environment={},
        now=now,
    )


def _stir(db: Session, staff: User, number: int, turn: int, now: datetime) -> None:
    """Move a question in every order: an answer, or the vote of somebody new."""
    question = questions.visible(db, viewer=staff, question_id=number)
    if turn % 2:
        answers.post(db, question=question, author=staff, body="Clean the vents, then restart it.", now=now)
    else:
        voter = db.exec(select(User).where(User.handle == f"voter-{turn % VOTERS}")).one()
        votes.cast(db, post=question, by=voter, value=-1 if turn % 3 == 0 else 1, now=now)


if __name__ == "__main__":
    sys.exit(main())
