"""Kill a forum with -9 again and again while people use it, and see whether anything that it acknowledged is lost.

    PYTHONPATH=. python benchmarks/crash.py [--rounds 100] [--postgresql] [--seed 1] [--broken TWIN] [--seconds 0]

Each round starts `peerdesk serve`, lets two processes of four people each ask, answer, comment, edit, vote, accept
and upload, and kills the whole process group at a moment drawn by chance (in three rounds of ten the worker before).
In the end all that waits is done, and everything is compared with what the people noted
(tests/support/promises_kept.py). Exits 1 when anything is not as it was promised.

With --broken the server is one with a fault (tests/support/twins.py), and the same comparison must find it:
exits 1 when it does not.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.core import schema
from app.core.db import make_engine
from tests.fakes.webhook_receiver import receiving
from tests.support import crash, postgres, promises_kept, twins

CROWDS, PEOPLE = 2, 4
LATE = "0.1"  # seconds by which a twin is late


def main() -> int:
    """Kill, compare, and say what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--broken", choices=twins.TWINS, default="")
    parser.add_argument("--seconds", type=float, default=0, help="no new round after so long (0: no bound)")
    args = parser.parse_args()
    if args.postgresql and args.broken in twins.SQLITE_ONLY:
        parser.error(f"{args.broken} is broken on SQLite only")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is to be ended
    with (
        tempfile.TemporaryDirectory(prefix="peerdesk-crash-") as folder,
        receiving() as receiver,
        database(Path(folder), is_postgresql=args.postgresql) as url,
    ):
        engine = make_engine(url)
        schema.migrate(engine)
        twin = (args.broken, LATE) if args.broken else ()
        forum = crash.prepare(engine, Path(folder), receiver, crowds=CROWDS, people=PEOPLE, twin=twin)
        chance, started = random.Random(args.seed), time.monotonic()
        for number in range(args.rounds):
            forum.play(chance, longest=1.5)
            took = time.monotonic() - started
            if number % 10 == 9 or number + 1 == args.rounds or took > args.seconds > 0:
                print(f"{number + 1} rounds, {took:.0f} s", flush=True)
            if took > args.seconds > 0:
                break
        forum.settle()
        print(promises_kept.read(forum.notes))
        faults = promises_kept.faults(forum)
        engine.dispose()
    for name, wrong in faults.items():
        print(f"{name:64}{len(wrong):6}  {str(wrong[:3])[:300] if wrong else ''}")
    found = any(faults.values())
    return int(not found) if args.broken else int(found)


@contextmanager
def database(folder: Path, *, is_postgresql: bool) -> Iterator[str]:
    """Give the address of an empty database."""
    if not is_postgresql:
        yield f"sqlite:///{folder}/peerdesk.db"
        return
    programs = postgres.binaries()
    if programs is None:
        raise SystemExit("There is no PostgreSQL on this machine.")
    cluster = postgres.start(programs)
    try:
        yield cluster.create("crash")
    finally:
        cluster.stop()


if __name__ == "__main__":
    sys.exit(main())
