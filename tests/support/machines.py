"""Machines that serve one database, each with a folder and a search index of its own; people at work; kill -9.

For the test of several machines, and for the benchmarks that do the same for longer.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Engine
from sqlmodel import select

from app.core.clock import utc_now
from app.core.db import new_session
from app.domain import apikeys, outbox, search
from app.domain.search import SearchIndex
from app.domain.search.snapshots import all_documents
from app.domain.search.terms import text_terms
from app.models import Answer, Question
from app.settings import PREFIX
from tests.factories.users import make_user

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90  # seconds, for a busy machine; nothing here is about speed


@dataclass(frozen=True)
class Machine:
    """A data folder with what runs on it."""

    folder: Path
    database: str
    port: int
    more: tuple[tuple[str, str], ...] = ()

    @property
    def index(self) -> SearchIndex:
        """Its own search index."""
        return SearchIndex(self.folder / "search")

    def serve(self, *, twin: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
        """Run `peerdesk serve`, or a twin of it that is broken on purpose, in a process group of its own."""
        program = ("tests.support.twins", *twin) if twin else ("app.cli",)
        return self._run(*program, "serve", "--port", str(self.port))

    def work(self) -> subprocess.Popen[bytes]:
        """Run `peerdesk worker` alone."""
        return self._run("app.cli", "worker")

    def _run(self, *arguments: str) -> subprocess.Popen[bytes]:
        command, quiet = [sys.executable, "-m", *arguments], subprocess.DEVNULL
        return subprocess.Popen(
            command, env=self._environment(), cwd=ROOT, start_new_session=True, stdout=quiet, stderr=quiet
        )

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        own = {
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database,
            "SECRET_KEY": "k" * 40,
            "LOG_LEVEL": "error",
            "API_READS_PER_MINUTE": "0",
        }
        return {**kept, **{PREFIX + name: value for name, value in own.items()}, **dict(self.more)}


def machines_on(database: str, folder: Path, *, count: int = 2) -> list[Machine]:
    """Return so many machines on one database."""
    return [Machine(folder / f"machine-{number}", database, free_port()) for number in range(count)]


@contextmanager
def working(machines: Sequence[Machine]) -> Iterator[None]:
    """Run the background worker of every machine, without its web processes."""
    workers = [machine.work() for machine in machines]
    try:
        yield
    finally:
        for worker in workers:
            kill(worker)


@contextmanager
def serving(machines: Sequence[Machine]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Serve on every machine; whatever still runs at the end is killed."""
    servers = [machine.serve() for machine in machines]
    try:
        for machine in machines:
            wait_for(machine.port)
        yield servers
    finally:
        for server in servers:
            kill(server)


def kill(server: subprocess.Popen[bytes]) -> None:
    """End a server and everything that it started with `kill -9`."""
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def kill_worker(server: subprocess.Popen[bytes]) -> None:
    """End only the background worker of a server with `kill -9`."""
    os.kill(_worker_of(server.pid), signal.SIGKILL)


class Refused(Exception):
    """The server could not do it at the moment, and said so: nothing was done."""


class Client:
    """A connection to the API with a key."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "If-Match": "*",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._connection.close()

    def call(self, method: str, path: str, body: object = None, *, expected: int) -> dict[str, Any]:
        """Return what was answered; raise Refused for "not possible at the moment", RuntimeError for worse."""
        self._connection.request(method, path, json.dumps(body) if body else None, self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status == 503:
            raise Refused
        if answer.status != expected:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        answered: dict[str, Any] = json.loads(text) if text else {}
        return answered


@dataclass
class Said:
    """What was sent, and what of it the servers said they had done."""

    asked: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Questions with the titles that each may have: more than one when an edit was never acknowledged."""
    answered: set[int] = field(default_factory=set)
    edits: int = 0
    deleted: set[int] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    """Every word that was ever sent and is nowhere else: also those that were written over since."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __str__(self) -> str:
        return (
            f"{len(self.asked)} asked, {self.edits} edited, {len(self.answered)} answers, "
            f"{len(self.deleted)} deleted"
        )


@dataclass(eq=False)
class Poster(threading.Thread):
    """Somebody who asks, edits, answers and deletes on one machine until stopped, or until the server is gone."""

    port: int
    token: str
    said: Said
    seed: float
    stopping: threading.Event
    done: int = 0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self._chance = random.Random(self.seed)
        self._moved = threading.Condition()

    def run(self) -> None:
        """Work."""
        with Client(self.port, self.token) as client, suppress(OSError, http.client.HTTPException):
            # These mean that it was killed: what was not acknowledged may have been done, or not.
            while not self.stopping.is_set():
                with suppress(Refused):
                    self._act(client)
                with self._moved:
                    self.done += 1
                    self._moved.notify_all()

    def wait_until(self, acts: int) -> None:
        """Wait until so many questions of this one were dealt with."""
        with self._moved:
            while self.done < acts:
                if not self._moved.wait(PATIENCE) or not self.is_alive():
                    raise RuntimeError("the server is gone, or does not answer")

    def _act(self, client: Client) -> None:
        """Ask, and perhaps edit, answer and delete."""
        title = f"Zebra {self._word()} prints stripes"
        question = {"title": title, "body": "It happens every time I switch it on.", "tags": ["printing"]}
        number = int(client.call("POST", "/api/v1/questions", question, expected=201)["id"])
        path = f"/api/v1/questions/{number}"
        with self.said.lock:
            self.said.asked[number].add(title)
        if self._chance.random() < 0.3:
            new = f"Zebra {self._word()} has no stripes"
            with self.said.lock:
                self.said.asked[number].add(new)
            client.call("PATCH", path, {"title": new, "summary": "Clearer"}, expected=200)
            with self.said.lock:
                self.said.asked[number] = {new}
                self.said.edits += 1
        if self._chance.random() < 0.3:
            answer = {"body": f"Replace the {self._word()} cartridge, then print a page."}
            posted = client.call("POST", f"{path}/answers", answer, expected=201)
            with self.said.lock:
                self.said.answered.add(int(posted["id"]))
        if self._chance.random() < 0.25:
            client.call("DELETE", f"{path}?reason=Nonsense", expected=204)
            with self.said.lock:
                self.said.deleted.add(number)

    def _word(self) -> str:
        word = f"quagga{self._chance.getrandbits(60):x}"
        with self.said.lock:
            self.said.words.add(word)
        return word


def make_staff(engine: Engine) -> str:
    """Make a moderator, who may post without limits and delete; return an API key."""
    with new_session(engine) as db:
        handle = f"staff-{secrets.token_hex(4)}"  # the forum may have others
        moderator = make_user(db, handle=handle, support_role="agent", moderation_role="moderator")
        db.commit()
        key = apikeys.create(
            db, owner=moderator, name="posting", scopes=("read", "write", "staff"), now=utc_now()
        )
        db.commit()
        return key.token


def wait_until_followed(machine: Machine, engine: Engine) -> None:
    """Wait until the machine's own worker has brought its index to the end of the feed."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        generation = machine.index.directory.current()
        with new_session(engine) as db:
            if generation and generation.position() == str(outbox.end_of_feed(db)):
                return
        time.sleep(0.05)
    raise RuntimeError(f"the worker of {machine.folder.name} did not catch up")


def faults_of_database(engine: Engine, said: Said) -> dict[str, list[Any]]:
    """Return what of the acknowledged is not in the database, and what is there twice."""
    with new_session(engine) as db:
        rows = db.exec(select(Question.id, Question.title, Question.removed_at)).all()
        answers = set(db.exec(select(Answer.id)))
    there = {number: title for number, title, _removed in rows}
    titles = Counter(there.values())
    removed = {number for number, _title, at in rows if at is not None}
    return {
        "acknowledged questions missing or otherwise": [
            number for number, titles in said.asked.items() if there.get(number) not in titles
        ],
        "acknowledged answers missing": sorted(said.answered - answers),
        "titles there twice": [title for title, times in titles.items() if times > 1],
        "acknowledged deletions undone": sorted(said.deleted - removed),
    }


def faults_of_index(engine: Engine, machine: Machine, said: Said) -> dict[str, list[Any]]:
    """Return in what a machine's index differs from the database: in threads, or in a single word of one."""
    with new_session(engine) as db:
        missing, surplus = search.differences(db, machine.index)
    held: defaultdict[str, set[int]] = defaultdict(set)
    for document in all_documents(engine):
        for term in text_terms(document):
            held[term].add(document.question_id)
    with machine.index.opened() as opened:
        ids = list(opened.reader.ids())
        wrong = [
            word
            for word in {*held, *said.words}
            if opened.reader.holding([word], limit=len(ids) + 1) != held.get(word, set())
        ]
    with machine.index.directory.writing() as writing, machine.index.directory.rebuilding() as rebuilding:
        locks = [] if writing and rebuilding else ["lock"]
    return {
        "missing": sorted(missing),
        "too many": sorted(surplus),
        "twice": [number for number, times in Counter(ids).items() if times > 1],
        "words of other threads than in the database": wrong,
        "locks held": locks,
    }


def wait_for(port: int) -> None:
    """Wait until a server answers."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
    raise RuntimeError("the server did not start")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _worker_of(server: int) -> int:
    for pid in Path(f"/proc/{server}/task/{server}/children").read_text().split():
        if Path(f"/proc/{pid}/comm").read_text().strip() == "peerdesk-worker":
            return int(pid)
    raise RuntimeError("the server has no worker")
