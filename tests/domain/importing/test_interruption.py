"""An import that is stopped anywhere and run again makes what an undisturbed one makes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session

from app.core.db import make_engine, new_session
from app.core.errors import Conflict
from app.domain import importing
from app.models import ImportProgress
from tests.support import databases, dumps
from tests.support.dumps import answer, comment, history, link, question, user, vote


class Stopped(Exception):
    """The statement that fails."""


class Silence:
    """Progress that nobody looks at."""

    def step(self, title: str, *, size: int) -> None:
        pass

    def advance(self, *, size: int, rows: int) -> None:
        pass


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.domain.importing.steps.MB", 900)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_community(tmp_path / "dump", threads=12)


def write_community(folder: Path, *, threads: int) -> Path:
    """Write a dump in which every table has something; thread n is question 10 n with two answers."""
    numbers = range(10, 10 * threads + 10, 10)
    posts = [
        row
        for n in numbers
        for row in (
            answer(n - 1, n, owner=3),  # before its question
            question(n, AcceptedAnswerId=n + 1, Score=1, AnswerCount=9, Tags=f"<t{n % 3}><printer>"),
            answer(n + 1, n, owner=None, OwnerDisplayName=f"Guest {n % 4}"),
        )
    ]
    return dumps.write(
        folder,
        Users=[user(-1, "Community"), *(user(n, f"Twin {n % 2}") for n in range(1, 9))],
        Tags=[{"Id": 1, "TagName": "printer"}],
        Posts=posts,
        Comments=[comment(n, n) for n in numbers] + [comment(n + 1, n + 1, UserId=5) for n in numbers],
        Votes=[vote(n, n, 2) for n in numbers]
        + [vote(n + 1, n + 1, 1) for n in numbers]
        + [vote(n + 2, n, 5, UserId=4) for n in numbers],
        PostLinks=[link(n, n, n - 10, 3) for n in numbers[1:]],
        Badges=[
            {"Id": n, "UserId": n % 8 + 1, "Name": "Guru", "Date": "2017-01-01T00:00:00"} for n in numbers
        ],
        PostHistory=[
            row
            for n in numbers
            for row in (
                history(n, n, 2, f"a{n}", f"Body of {n}"),
                history(n + 1, n, 1, f"a{n}", f"Question {n}"),
                history(n + 2, n, 5, f"b{n}", f"Better body of {n}"),
            )
        ],
    )


def run(db: Session, folder: Path, now: datetime) -> importing.Report:
    return importing.import_dump(db, folder=folder, source="dump", now=now, progress=Silence(), helpers=0)


@contextmanager
def failing_at(db: Session, number: int) -> Iterator[None]:
    """Let the statement of that number fail."""
    left = number

    def count(*_facts: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Stopped

    bind = db.get_bind()
    event.listen(bind, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(bind, "before_cursor_execute", count)


def undisturbed(folder: Path, now: datetime, server: databases.Server) -> dict[str, Any]:
    """Return what an import makes that nobody stops."""
    engine = make_engine(server.migrated())
    with new_session(engine) as db:
        run(db, folder, now)
        made = dumps.picture(db)
    engine.dispose()
    return made


@pytest.mark.usefixtures("small_pieces")
def test_a_statement_that_fails_undoes_its_batch_only_and_the_next_run_goes_on(
    real_engine: Engine, folder: Path, now: datetime, server: databases.Server
) -> None:
    chance = random.Random(4)
    stops = 0
    with new_session(real_engine) as db:
        while True:
            try:
                with failing_at(db, chance.randint(10, 90)):
                    run(db, folder, now)
            except Stopped:
                stops += 1
            else:
                break
        assert dumps.picture(db) == undisturbed(folder, now, server)
    assert stops > 3


@pytest.mark.usefixtures("small_pieces")
def test_a_second_import_at_the_same_time_is_refused(
    real_engine: Engine, folder: Path, now: datetime
) -> None:
    class Rival(Silence):
        title = ""

        def step(self, title: str, *, size: int) -> None:  # noqa: ARG002
            self.title = title

        def advance(self, *, size: int, rows: int) -> None:  # noqa: ARG002
            if self.title == "Taking comments":
                self.title = ""
                with new_session(real_engine) as other:
                    run(other, folder, now)

    with new_session(real_engine) as db:
        options = {"folder": folder, "source": "dump", "now": now, "helpers": 0}
        with pytest.raises(Conflict, match="Another import with this name"):
            importing.import_dump(db, progress=Rival(), **options)  # type: ignore[arg-type]


@pytest.mark.slow
def test_kill_9_at_any_moment_doubles_and_loses_nothing(
    real_engine: Engine, tmp_path: Path, now: datetime, server: databases.Server
) -> None:
    folder = write_community(tmp_path / "dump", threads=120)
    environment = {
        **os.environ,
        "PEERDESK_DATA_DIR": str(tmp_path / "data"),
        "PEERDESK_DATABASE_URL": real_engine.url.render_as_string(hide_password=False),
    }
    command = [sys.executable, "-m", "app.cli", "import", "stackexchange", str(folder), "--quiet"]
    killed = 0
    for _ in range(3):
        process = subprocess.Popen(command, env=environment, start_new_session=True)
        _wait_for_progress(process, real_engine)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            killed += 1
        process.wait()
    finished = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    with new_session(real_engine) as db:
        assert dumps.picture(db) == undisturbed(folder, now, server)
    assert killed > 1
    assert "left out" in finished.stdout


def _wait_for_progress(process: subprocess.Popen[bytes], engine: Engine) -> None:
    """Wait until the process has committed something more, or has ended."""
    with new_session(engine) as db:
        before = _state(db)
        while process.poll() is None and _state(db) == before:
            time.sleep(0.01)


def _state(db: Session) -> tuple[int, int]:
    db.rollback()
    rows = dumps.everything(db, ImportProgress)
    return sum(row.position for row in rows), sum(row.is_done for row in rows)
