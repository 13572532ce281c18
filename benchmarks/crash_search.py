"""Kill the web process and the indexer again and again while people post, and see whether anything is lost.

    PYTHONPATH=. python benchmarks/crash_search.py [--rounds 100] [--postgresql [URL]] [--seed 1]

Each round starts `peerdesk serve` on each machine, lets people ask, edit, answer and delete through the API, and
ends with `kill -9` at moments drawn by chance: of everything at once, of one machine after the other, or of the
worker before the rest. With --postgresql there are two machines, each with a data folder and an index of its own,
on one database: an empty one whose address is given, or one of a server that is started for the purpose.

At the end the machines' own workers catch up, and it compares: every acknowledged question, edit and answer is
there, every acknowledged deletion holds, no title is there twice, each index holds exactly the visible questions
and finds each by every word of its text and by no word that was written over, no lock is held. Exits 1 when
anything is not so.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

from sqlalchemy import Engine
from sqlmodel import col, select

from app.core import schema
from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.domain import search
from app.models import Question
from tests.support import machines, postgres
from tests.support.machines import Machine, Poster, Said

CLIENTS = 3
OWN_SERVER = "own"


def main() -> int:
    """Kill, compare, and say what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--postgresql", nargs="?", default="", const=OWN_SERVER, metavar="URL")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="peerdesk-crash-") as folder, _database(args, folder) as url:
        engine = make_engine(url)
        schema.migrate(engine)
        served = machines.machines_on(url, Path(folder), count=2 if args.postgresql else 1)
        token, said, chance = machines.make_staff(engine), Said(), random.Random(args.seed)
        kills, started = Counter[str](), time.monotonic()
        for number in range(args.rounds):
            kills.update(play_round(served, token, said, chance))
            if number % 10 == 9:
                print(f"{number + 1} rounds, {said}", flush=True)
        print(f"kills: {dict(kills)}, {time.monotonic() - started:.0f} s")
        with machines.working(served):
            for machine in served:
                machines.wait_until_followed(machine, engine)
        faults = machines.faults_of_database(engine, said)
        for machine in served:
            found = machines.faults_of_index(engine, machine, said)
            faults |= {f"{machine.folder.name}: {name}": wrong for name, wrong in found.items()}
            faults[f"{machine.folder.name}: not found by title"] = not_found(engine, machine)
        engine.dispose()
    print(said)
    for name, wrong in faults.items():
        print(f"{name:64}{len(wrong):6}  {wrong[:5] or ''}")
    return 1 if any(faults.values()) else 0


def play_round(served: list[Machine], token: str, said: Said, chance: random.Random) -> Counter[str]:
    """Serve, post, kill; return what was killed."""
    killed: Counter[str] = Counter()
    with machines.serving(served) as servers:
        stopping = threading.Event()
        posters = [
            Poster(machine.port, token, said, chance.random(), stopping)
            for machine in served
            for _ in range(CLIENTS)
        ]
        for poster in posters:
            poster.start()
        _let_work(posters, chance)
        if chance.random() < 0.5:
            for server in servers:
                machines.kill_worker(server)
                killed["worker alone"] += 1
            _let_work(posters, chance)
        apart = len(served) > 1 and chance.random() < 0.5
        for server in in_any_order(servers, chance):
            machines.kill(server)
            killed["web and worker"] += 1
            if apart:  # the other machine is posted on meanwhile
                time.sleep(chance.uniform(0.1, 1.0))
        stopping.set()
        for poster in posters:
            poster.join()
    return killed


def _let_work(posters: list[Poster], chance: random.Random) -> None:
    """Wait until somebody has dealt with some more questions (or none), and then for a moment drawn by chance."""
    poster = chance.choice(posters)
    poster.wait_until(poster.done + chance.randint(0, 4))
    time.sleep(chance.uniform(0.0, 0.5))


def in_any_order(servers: list[Popen[bytes]], chance: random.Random) -> list[Popen[bytes]]:
    """Return the servers, shuffled."""
    return chance.sample(servers, len(servers))


def not_found(engine: Engine, machine: Machine) -> list[int]:
    """Return the visible questions that a search for their title, as a phrase, does not find alone."""
    with new_session(engine) as db:
        visible = db.exec(select(Question).where(col(Question.removed_at).is_(None))).all()
        return [
            one.id
            for one in visible
            if [
                row.question.id
                for row in search.search(db, machine.index, text=f'"{one.title}"', now=utc_now()).page.rows
            ]
            != [one.id]
        ]


@contextmanager
def _database(args: argparse.Namespace, folder: str) -> Iterator[str]:
    """Give the address of an empty database."""
    if args.postgresql != OWN_SERVER:
        yield args.postgresql or f"sqlite:///{folder}/peerdesk.db"
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
