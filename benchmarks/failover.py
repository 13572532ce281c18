"""Kill the primary of two PostgreSQL servers while people write, promote the standby, and count what was lost.

    PYTHONPATH=. python benchmarks/failover.py [--rounds 5]

Each round makes a primary and a synchronous standby from this machine's binaries, serves a forum whose address
names both, lets two processes of four people each work, kills every process of the primary with -9, promotes the
standby at once, and lets them work on. Then everything is compared with what they noted, as in benchmarks/crash.py,
and it prints the time from the kill to the first new acknowledgement. The forum is not restarted. Exits 1 when
anything acknowledged is lost.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from app.core import schema
from app.core.db import make_engine
from tests.fakes.webhook_receiver import receiving
from tests.support import crash, machines, postgres, promises_kept

PATIENCE = 60
ACCOUNT = "postgres" if os.geteuid() == 0 else None
EXPECTED = "answers that no server should give"
"""While there is no primary, people are told so (503)."""


@dataclass
class Server:
    """A PostgreSQL server on a port of this machine."""

    programs: Path
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self, *settings: str) -> None:
        """Start it and wait until it answers."""
        words = [part for setting in settings for part in ("-c", setting)]
        log = (self.folder.parent / f"{self.folder.name}.log").open("ab")
        self.process = subprocess.Popen(  # type: ignore[call-overload]
            [self.programs / "postgres", f"-D{self.folder}", f"-p{self.port}", f"-k{self.folder}", *words],
            user=ACCOUNT,
            stdout=log,
            stderr=log,
        )
        _await(lambda: self.ask("SELECT true"))

    def ask(self, question: str) -> Any:
        """Return the one value that a statement gives."""
        with self.connected() as connection:
            row = connection.execute(question.encode()).fetchone()
            return row[0] if row else None

    def connected(self) -> psycopg.Connection[Any]:
        """Connect to the database that is always there."""
        where: dict[str, Any] = {"host": "127.0.0.1", "port": self.port, "dbname": "postgres"}
        return psycopg.connect(**where, user=postgres.USER, autocommit=True)

    def kill(self) -> None:
        """End all its processes with -9: they are gone as with the machine."""
        if self.process is None or self.process.poll() is not None:
            return
        first = self.process.pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for pid in (first, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


def main() -> int:
    """Kill, promote, compare, and say what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is to be ended
    programs = postgres.binaries()
    if programs is None:
        raise SystemExit("There is no PostgreSQL on this machine.")
    lost = 0
    for number in range(args.rounds):
        with two_servers(programs) as (primary, standby), receiving() as receiver:
            waited, told, faults = play(primary, standby, receiver)
        wrong = {name: found for name, found in faults.items() if found and name != EXPECTED}
        lost += bool(wrong)
        print(
            f"round {number + 1}: first new acknowledgement after {waited:.2f} s; {told}; wrong: {wrong or 'nothing'}",
            flush=True,
        )
    return int(lost > 0)


def play(primary: Server, standby: Server, receiver: Any) -> tuple[float, Any, Any]:
    """Serve on both, kill the primary under load, promote, and compare."""
    hosts = f"host=127.0.0.1:{primary.port}&host=127.0.0.1:{standby.port}"
    url = f"postgresql+psycopg://{postgres.USER}@/forum?{hosts}&target_session_attrs=read-write&connect_timeout=2"
    engine = make_engine(url)
    schema.migrate(engine)
    with tempfile.TemporaryDirectory(prefix="peerdesk-failover-") as folder:
        forum = crash.prepare(engine, Path(folder), receiver, crowds=2, people=4)
        server = forum.serve()
        crowds = [forum.start_crowd(path) for path in forum.people]
        forum.wait_for_work(len(crowds))
        time.sleep(2)
        killed_at = time.time()
        primary.kill()
        promote(standby)
        _await(lambda: _first_since(forum.notes, killed_at))
        time.sleep(2)
        machines.kill(server)
        for crowd in crowds:
            crowd.communicate(timeout=machines.PATIENCE)
        forum.settle()
        told, faults = promises_kept.read(forum.notes), promises_kept.faults(forum)
        waited = _first_since(forum.notes, killed_at) - killed_at
    engine.dispose()
    return waited, told, faults


def promote(standby: Server) -> None:
    """Make the standby the primary."""
    command = [standby.programs / "pg_ctl", "promote", f"-D{standby.folder}", "--no-wait"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=ACCOUNT)  # type: ignore[call-overload]


@contextmanager
def two_servers(programs: Path) -> Iterator[tuple[Server, Server]]:
    """Run a primary with a synchronous standby."""
    folder = Path(tempfile.mkdtemp(prefix="pd-failover-", dir="/tmp"))
    if ACCOUNT:
        shutil.chown(folder, ACCOUNT)
    primary = Server(programs, folder / "primary", machines.free_port())
    standby = Server(programs, folder / "standby", machines.free_port())

    def run(*command: str | Path) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=ACCOUNT, cwd=folder)  # type: ignore[call-overload]

    create = ["--auth=trust", f"--username={postgres.USER}", "--encoding=UTF8", "--locale=C.UTF-8"]
    try:
        run(programs / "initdb", f"--pgdata={primary.folder}", *create)
        primary.start("max_connections=100")
        where = ["-h127.0.0.1", f"-p{primary.port}", f"-U{postgres.USER}"]
        # -R: the copy follows the primary as soon as it is started.
        copy = ["-D", str(standby.folder), "-R", "-X", "stream", "--checkpoint=fast"]
        run(programs / "pg_basebackup", *where, *copy)
        standby.start("max_connections=100", "hot_standby=on")
        primary.ask("SELECT 1")
        with primary.connected() as connection:
            connection.execute("CREATE DATABASE forum")
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            connection.execute("SELECT pg_reload_conf()")
        _await(lambda: primary.ask("SELECT count(*) > 0 FROM pg_stat_replication WHERE sync_state = 'sync'"))
        yield primary, standby
    finally:
        for server in (primary, standby):
            server.kill()
        shutil.rmtree(folder)


def _first_since(notes: list[Path], moment: float) -> float:
    """Return when the first thing after that moment was acknowledged; 0 when nothing was."""
    first = 0.0
    for path in notes:
        lines = [json.loads(line) for line in path.read_text().splitlines() if line[-1:] == "}"]
        new = {line["n"] for line in lines if line.get("sent_at", 0) > moment}
        done = [line["at"] for line in lines if "at" in line and line["n"] in new]
        first = min([first or float("inf"), *done]) if done else first
    return first


def _await(look: Any) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        with suppress(psycopg.OperationalError):
            if look():
                return
        if time.monotonic() > until:
            raise TimeoutError("waited in vain")
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
