"""A forum that people use while it is killed with -9, and whether anything that it acknowledged is gone.

`tests.support.crowd` are the people, `tests.support.promises_kept` compares.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.core.clock import utc_now
from app.core.db import new_session
from app.core.signing import csrf_token, hash_token, mask
from app.domain import apikeys
from app.models import LoginSession
from app.settings import Settings
from app.worker.loop import Worker
from tests.factories.users import make_user
from tests.factories.webhooks import make_endpoint
from tests.fakes.webhook_receiver import Receiver
from tests.support import machines
from tests.support.databases import beside_a_server
from tests.support.machines import Machine

SECRET = "k" * 40  # as machines.Machine has it
LATER = timedelta(minutes=6)
"""What a killed worker had in hand is taken up again when its lease has run out; we do not wait for that."""


@dataclass
class Forum:
    """A machine with its database, and what its people noted."""

    machine: Machine
    engine: Engine
    receiver: Receiver
    people: Sequence[Path]
    notes: list[Path] = field(default_factory=list)
    twin: tuple[str, ...] = ()
    _seeds: count[int] = field(default_factory=count)

    def play(self, chance: random.Random, *, longest: float) -> None:
        """Serve, let people work, and kill everything at some moment. They are let alone when it is gone."""
        server = self.serve()
        crowds = [self.start_crowd(path) for path in self.people]
        try:
            self.wait_for_work(len(crowds))
            time.sleep(chance.uniform(0.0, longest))
            if chance.random() < 0.3:
                machines.kill_worker(server)
                time.sleep(chance.uniform(0.0, longest / 2))
        finally:
            machines.kill(server)
            for crowd in crowds:
                crowd.communicate(timeout=machines.PATIENCE)

    def serve(self) -> subprocess.Popen[bytes]:
        """Start the server, or its broken twin, and wait for it."""
        server = self.machine.serve(twin=self.twin)
        machines.wait_for(self.machine.port)
        return server

    def wait_for_work(self, crowds: int) -> None:
        """Wait until each of the crowds at work has had something acknowledged."""
        until = time.monotonic() + machines.PATIENCE
        while not all(b'"done"' in notes.read_bytes() for notes in self.notes[-crowds:]):
            if time.monotonic() > until:
                raise RuntimeError("nothing was acknowledged")
            time.sleep(0.02)

    def settle(self) -> None:
        """Do all that waits, as the worker does it after a restart, until nothing is left."""
        now = utc_now() + LATER
        # A new one looks at everything at once.
        while (worker := Worker(self.engine, self.settings)).round(now=now):
            worker.drain(now=now)

    @property
    def settings(self) -> Settings:
        """The settings of the machine."""
        return Settings(
            _env_file=None,  # type: ignore[call-arg]
            data_dir=self.machine.folder,
            database_url=self.machine.database,
            secret_key=SECRET,
            base_url=f"http://127.0.0.1:{self.machine.port}",
            webhook_networks=("127.0.0.1/32",),
        )

    def start_crowd(self, people: Path) -> subprocess.Popen[bytes]:
        """Let one crowd work, in a process of its own."""
        number = next(self._seeds)
        notes = self.machine.folder / f"notes-{number:05}.jsonl"
        notes.touch()
        self.notes.append(notes)
        words = ["-m", "tests.support.crowd", str(self.machine.port), str(people), str(notes), str(number)]
        return subprocess.Popen([sys.executable, *words], stdin=subprocess.PIPE, cwd=machines.ROOT)


def prepare(
    engine: Engine,
    folder: Path,
    receiver: Receiver,
    *,
    crowds: int,
    people: int,
    twin: tuple[str, ...] = (),
) -> Forum:
    """Make the accounts of so many crowds, each of so many people, and an endpoint that is told everything."""
    url = engine.url.render_as_string(hide_password=False)
    more = (("PEERDESK_WEBHOOK_NETWORKS", "127.0.0.1/32"),)
    machine = Machine(folder / "machine", url, machines.free_port(), more)
    machine.folder.mkdir(parents=True)
    files = []
    for number in range(crowds):
        file = machine.folder / f"people-{number}.json"
        file.write_text(json.dumps([_person(engine, f"person-{number}-{each}") for each in range(people)]))
        files.append(file)
    with new_session(beside_a_server(engine)) as db:
        make_endpoint(db, url=receiver.url)
    return Forum(machine, engine, receiver, files, twin=twin)


def _person(engine: Engine, handle: str) -> dict[str, Any]:
    """Make a moderator, who may post without limits, with a key and a session."""
    now, session = utc_now(), f"session-of-{handle}"
    with new_session(beside_a_server(engine)) as db:
        user = make_user(db, handle=handle, support_role="agent", moderation_role="moderator")
        key = apikeys.create(db, owner=user, name="posting", scopes=("read", "write", "staff"), now=now)
        facts: dict[str, Any] = {
            "created_at": now,
            "last_seen_at": now,
            "expires_at": now + timedelta(days=30),
        }
        db.add(LoginSession(token_hash=hash_token(session), user_id=user.id or 0, **facts))
        db.commit()
        csrf = mask(csrf_token(SECRET, session))
        return {"id": user.id, "token": key.token, "session": session, "csrf": csrf}
