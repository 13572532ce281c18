"""Kill the web process and the indexer again and again while people post, and see whether anything is lost.

    PYTHONPATH=. python benchmarks/crash_search.py [--rounds 100] [--postgresql URL] [--seed 1]

Each round starts `peerdesk serve` on each machine, lets clients post and delete through the API, and ends it with
`kill -9`: everything at once, or only the worker, at a moment drawn by chance. With --postgresql (an empty
database) there are two machines, each with a data folder and an index of its own. At the end it compares: every
acknowledged question is there once, every acknowledged deletion holds, no title is there twice, each index
holds exactly the visible questions and finds them, no lock is held. Exits 1 when anything is not so.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import col, select

from app.core import schema
from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.domain import apikeys, outbox, search
from app.domain.search import SearchIndex
from app.models import Question
from tests.factories.users import make_user

HERE = Path(__file__).resolve().parent
CLIENTS = 3
GIVE_UP_SECONDS = 90


@dataclass
class Acknowledged:
    """What the server said it had done."""

    asked: dict[int, str] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Machine:
    """A data folder with what runs on it."""

    folder: Path
    database: str
    port: int
    more: tuple[tuple[str, str], ...] = ()

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PEERDESK_DATA_DIR": str(self.folder),
            "PEERDESK_DATABASE_URL": self.database,
            "PEERDESK_SECRET_KEY": "k" * 40,
            "PEERDESK_LOG_LEVEL": "error",
            "PEERDESK_API_READS_PER_MINUTE": "0",
            **dict(self.more),
        }


def main() -> int:
    """Kill, compare, and say what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--postgresql", default="", metavar="URL")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    chance = random.Random(args.seed)
    with tempfile.TemporaryDirectory(prefix="peerdesk-crash-") as folder:
        machines = [
            Machine(Path(folder) / str(number), args.postgresql, free_port())
            for number in range(2 if args.postgresql else 1)
        ]
        url = args.postgresql or f"sqlite:///{machines[0].folder}/peerdesk.db"
        machines[0].folder.mkdir()
        engine = make_engine(url)
        token = prepare(engine)
        done, kills, started = Acknowledged(), Counter[str](), time.monotonic()
        for number in range(args.rounds):
            kills.update(play_round(machines, token, done, chance))
            if number % 10 == 9:
                print(
                    f"{number + 1} rounds, {len(done.asked)} asked, {len(done.deleted)} deleted", flush=True
                )
        print(f"kills: {dict(kills)}, {time.monotonic() - started:.0f} s")
        return compare(engine, machines, done)


def prepare(engine: Engine) -> str:
    """Make the database and a member of staff (not limited in what they post); return an API key."""
    schema.migrate(engine)
    with new_session(engine) as db:
        agent = make_user(db, handle="poster", support_role="agent")
        db.commit()
        token = apikeys.create(
            db, owner=agent, name="crash", scopes=("read", "write", "staff"), now=utc_now()
        ).token
        db.commit()
        return token


def play_round(
    machines: list[Machine], token: str, done: Acknowledged, chance: random.Random
) -> Counter[str]:
    """Serve, post, kill; return what was killed."""
    killed: Counter[str] = Counter()
    with serving(machines) as servers:
        stopping = threading.Event()
        clients = [
            threading.Thread(target=post, args=(machine.port, token, done, stopping, chance.random()))
            for machine in machines
            for _ in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        time.sleep(chance.uniform(0.1, 1.5))
        if chance.random() < 0.5:
            for server in servers:
                for worker in workers_of(server.pid):
                    os.kill(worker, signal.SIGKILL)
                    killed["worker"] += 1
            time.sleep(chance.uniform(0.1, 1.5))
        for server in servers:
            os.killpg(server.pid, signal.SIGKILL)
            killed["web and worker"] += 1
        stopping.set()
        for client in clients:
            client.join()
    return killed


@contextmanager
def serving(machines: list[Machine]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Serve on every machine; whatever still runs at the end is killed."""
    servers = []
    try:
        for machine in machines:
            command = [sys.executable, "-m", "app.cli", "serve", "--port", str(machine.port)]
            servers.append(
                subprocess.Popen(
                    command,
                    env=machine.environment(),
                    cwd=HERE.parent,
                    start_new_session=True,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
        for machine in machines:
            wait_for(machine.port)
        yield servers
    finally:
        for server in servers:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def post(port: int, token: str, done: Acknowledged, stopping: threading.Event, seed: float) -> None:
    """Ask, and now and then delete, until the server is gone."""
    chance = random.Random(seed)
    client = Client(port, token)
    while not stopping.is_set():
        title = f"Zebra {chance.getrandbits(60):x} prints stripes"
        body = {"title": title, "body": "It happens every time I switch it on.", "tags": ["printing"]}
        try:
            number = int(client.call("POST", "/api/v1/questions", body, expected=201)["id"])
            with done.lock:
                done.asked[number] = title
            if chance.random() < 0.2:
                client.call("DELETE", f"/api/v1/questions/{number}", expected=204)
                with done.lock:
                    done.deleted.add(number)
        except (OSError, http.client.HTTPException):
            return


class Client:
    """A connection to the API with a key."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: object = None, *, expected: int) -> dict[str, Any]:
        """Return what was answered; raise RuntimeError when it is not what was expected."""
        self._connection.request(method, path, json.dumps(body) if body else None, self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != expected:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        answered: dict[str, Any] = json.loads(text) if text else {}
        return answered


def compare(engine: Engine, machines: list[Machine], done: Acknowledged) -> int:
    """Let every index catch up as it would, and tell what differs."""
    with serving(machines), new_session(engine) as db:
        for machine in machines:
            wait_until_followed(machine, engine)
        rows = db.exec(select(Question.id, Question.title, Question.removed_at)).all()
    there = {number: title for number, title, _removed in rows}
    titles = Counter(title for _number, title, _removed in rows)
    removed = {number for number, _title, at in rows if at is not None}
    faults: dict[str, list[Any]] = {
        "acknowledged questions missing": [
            number for number, title in done.asked.items() if there.get(number) != title
        ],
        "titles there twice": [title for title, times in titles.items() if times > 1],
        "acknowledged deletions undone": sorted(done.deleted - removed),
    }
    for machine in machines:
        index = SearchIndex(machine.folder / "search")
        with new_session(engine) as db:
            missing, surplus = search.differences(db, index)
            visible = db.exec(select(Question).where(col(Question.removed_at).is_(None))).all()
            found = sum(
                [
                    hit.question.id
                    for hit in search.search(db, index, text=f'"{one.title}"', now=utc_now()).page.rows
                ]
                == [one.id]
                for one in visible
            )
        faults[f"index {machine.folder.name}: missing"] = sorted(missing)
        faults[f"index {machine.folder.name}: too many"] = sorted(surplus)
        faults[f"index {machine.folder.name}: not found by title"] = ["?"] * (len(visible) - found)
        with index.directory.writing() as writing, index.directory.rebuilding() as rebuilding:
            faults[f"index {machine.folder.name}: locks held"] = [] if writing and rebuilding else ["lock"]
    print(f"{len(done.asked)} asked, {len(done.deleted)} deleted, {len(rows)} in the database")
    for name, wrong in faults.items():
        print(f"{name:40}{len(wrong):6}  {wrong[:5] or ''}")
    return 1 if any(faults.values()) else 0


def wait_until_followed(machine: Machine, engine: Engine) -> None:
    """Wait until the machine's own worker has brought its index to the end of the feed."""
    index = SearchIndex(machine.folder / "search")
    until = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < until:
        generation = index.directory.current()
        with new_session(engine) as db:
            if generation and generation.position() == str(outbox.end_of_feed(db)):
                return
        time.sleep(0.2)
    raise RuntimeError(f"the worker of machine {machine.folder.name} did not catch up")


def workers_of(server: int) -> list[int]:
    """Return the process ids of a server's background worker."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            if os.getpgid(int(folder.name)) == server and b"worker" in command:
                found.append(int(folder.name))
        except (ProcessLookupError, FileNotFoundError):
            continue
    return found


def wait_for(port: int) -> None:
    """Wait until a server answers."""
    until = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < until:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
