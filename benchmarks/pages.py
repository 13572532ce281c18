"""Speed of pages, search and posting, beside two baselines measured in the same run.

    PYTHONPATH=. python benchmarks/pages.py DATA_DIR [--seconds 8] [--workers 2] [--only-posting]

DATA_DIR is the data folder of a forum on SQLite with content and its index, such as the one that
`peerdesk demo` or `peerdesk import` filled; it is copied, so nothing in it changes. Needs `wrk` (in
Debian: wrk). Baselines are described in benchmarks/baselines.py, and have as many processes as the forum.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from posting import post_answers
from serving import CLIENTS, Measured, Server, baseline, fetch, forum, wrk

from app.cli.processes import as_many_as_fit
from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.core.signing import hash_token
from app.models import LoginSession, User

SESSIONS = 16
MEMBERS = 128
"""Customers who post: each may post a hundred answers in a day."""
SEARCHES = 6_000


def main() -> int:
    """Run every measurement and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--seconds", type=int, default=8, help="for each measurement (default: %(default)s)")
    parser.add_argument(
        "--workers",
        type=int,
        default=as_many_as_fit(),
        help="web processes (default: %(default)s, as for serve)",
    )
    parser.add_argument("--only-posting", action="store_true", help="nothing but what is posted")
    args = parser.parse_args()
    if shutil.which("wrk") is None:
        print("This benchmark needs wrk; on Debian: apt-get install wrk", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(
        dir=args.data_dir.parent
    ) as folder:  # the disk that is meant, not /tmp's
        data = Path(folder) / "data"
        shutil.copytree(args.data_dir, data)
        measure(data, seconds=args.seconds, workers=args.workers, only_posting=args.only_posting)
    return 0


def measure(data: Path, *, seconds: int, workers: int, only_posting: bool) -> None:
    """Measure the baselines and the forum on a copy of the data."""
    database = data / "peerdesk.db"
    threads, searches, members = prepare(database)
    with forum(data, workers) as server:
        size = len(fetch(server.port, f"/posts/{threads[0]}").read())
        read = {} if only_posting else read_pages(server, threads[0], searches, members[:SESSIONS], seconds)
        quiet = server.memory()
        posted = {
            "answers posted, 1 client": post_answers(server, threads, members, seconds, clients=1),
            "answers posted, 8 clients": post_answers(server, threads, members, seconds, clients=8),
            "form and answer, 4 clients": post_answers(
                server, threads, members, seconds, clients=4, with_form=True
            ),
        }
        memory, started_in = server.memory(), server.started_in
    with baseline(database, size, workers) as server:
        constant, select = wrk(server, "/constant", seconds=seconds), wrk(server, "/select", seconds=seconds)
    baselines = {"(i) constant page": constant, "(ii) one select, jinja2": select}
    print(
        f"\n{database.stat().st_size / 1e6:.0f} MB database, page of {size} bytes, {workers} web process(es) each,"
    )
    print(f"wrk -t1 -c{CLIENTS} for {seconds} s each, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC;", end=" ")
    print(f"the disk syncs in {sync_time(data):.1f} ms, load average {os.getloadavg()[0]:.1f}\n")
    show({**baselines, **read, **posted}, constant, select)
    print(f"\nmemory of all processes: {quiet / 1e6:.0f} MB, after posting {memory / 1e6:.0f} MB")
    print(f"from `serve` to its first answer: {started_in:.1f} s")


def read_pages(
    server: Server, thread: int, searches: list[str], sessions: list[str], seconds: int
) -> dict[str, Measured]:
    """Measure pages as visitors and members read them."""
    question = f"/posts/{thread}"
    etag = fetch(server.port, question).getheader("ETag") or ""
    return {
        "question page, anonymous": wrk(server, question, seconds=seconds),
        "… unchanged (304)": wrk(server, question, seconds=seconds, headers=[f"If-None-Match: {etag}"]),
        "list page, anonymous": wrk(server, "/questions", seconds=seconds),
        "question page, 16 signed in": wrk(server, question, seconds=seconds, cookies=sessions),
        "list page, 16 signed in": wrk(server, "/questions", seconds=seconds, cookies=sessions),
        "search, always other words": wrk(server, *searches[1::2], seconds=seconds),
        "… 16 signed in": wrk(server, *searches[2::2], seconds=seconds, cookies=sessions),
        "search, the same two words": wrk(server, searches[0], seconds=seconds),
    }


def show(rows: dict[str, Measured], constant: Measured, select: Measured) -> None:
    """Print the table, with ratios to both baselines."""
    print(f"{'what':30}{'/s':>8}{'p50 ms':>9}{'p99 ms':>9}{'cpu ms':>8}{'/ (i)':>8}{'/ (ii)':>8}")
    for name, row in rows.items():
        line = f"{name:30}{row.rate:8.0f}{row.p50:9.1f}{row.p99:9.1f}{row.processor:8.2f}"
        print(f"{line}{row.rate / constant.rate:8.2f}{row.rate / select.rate:8.2f}")


def prepare(database: Path) -> tuple[list[int], list[str], list[str]]:
    """Return ids of questions with about ten answers, addresses of searches, and signed-in cookies."""
    plain = sqlite3.connect(database)
    threads = plain.execute(
        "SELECT id FROM question WHERE removed_at IS NULL AND closed_at IS NULL AND locked_at IS NULL "
        "ORDER BY abs(answer_count - 10), id LIMIT 200"
    ).fetchall()
    searches = list(dict.fromkeys(two_words(plain)))
    plain.close()
    engine = make_engine(f"sqlite:///{database}")
    now = utc_now()
    with new_session(engine) as db:
        for number in range(MEMBERS):
            user = User(
                handle=f"bench{number}",
                handle_key=f"bench{number}",
                display_name=f"Bench {number}",
                email_verified_at=now,
                reputation=15,  # no newcomer, who may post less
                created_at=now,
            )
            db.add(user)
            db.flush()
            db.add(
                LoginSession(
                    token_hash=hash_token(f"benchmark-session-{number}"),
                    user_id=user.id or 0,
                    created_at=now,
                    last_seen_at=now,
                    expires_at=now.replace(year=now.year + 1),
                )
            )
        db.commit()
    engine.dispose()
    cookies = [f"pd_session=benchmark-session-{number}" for number in range(MEMBERS)]
    return [row[0] for row in threads], searches, cookies


def two_words(database: sqlite3.Connection) -> Iterator[str]:
    """Yield the addresses of searches for two words of each of some thousand titles, spread over all questions."""
    titles = database.execute("SELECT title FROM question WHERE removed_at IS NULL ORDER BY id").fetchall()
    for (title,) in titles[:: max(1, len(titles) // SEARCHES)]:
        words = re.findall(r"[A-Za-z]{5,}", title)
        if len(words) > 1:
            yield f"/search?{urlencode({'q': f'{words[0]} {words[-1]}'})}"


def sync_time(folder: Path) -> float:
    """Return how long the disk takes to make 4 kB durable, in ms: the median of 100."""
    taken = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(100):
            file.seek(0)
            file.write(os.urandom(4096))
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    sys.exit(main())
