"""`peerdesk serve` as an operator runs it: processes, signals, an empty folder."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

import pytest

from app.core import schema
from app.core.db import make_engine
from tests.support.served import Ear

ANN = {"display_name": "Ann", "email": "ann@example.org", "password": "a kettle sings at noon"}
PATIENCE = 60  # seconds, for a busy machine; nothing here is about speed


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def workers() -> int:
    return 2


@pytest.fixture
def served(port: int, tmp_path: Path, workers: int) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PEERDESK_LOG_LEVEL": "warning"}
    environment.pop("PEERDESK_DATA_DIR", None)
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--workers", str(workers)]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)


def test_it_serves_in_an_empty_folder_and_tells_how_to_create_an_administrator(
    served: subprocess.Popen[str], port: int, tmp_path: Path
) -> None:
    assert eventually(lambda: status(port) == 200)
    assert (tmp_path / "data" / "peerdesk.db").exists()
    served.send_signal(signal.SIGTERM)
    printed, _ = served.communicate(timeout=PATIENCE)
    assert "peerdesk user create --role admin" in printed
    assert f"http://127.0.0.1:{port}" in printed


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The database of the folder that is served, as a newer version has left it."""
    file = tmp_path / "data" / "peerdesk.db"
    file.parent.mkdir()
    engine = make_engine(f"sqlite:///{file}")
    schema.migrate(engine)
    engine.dispose()
    with closing(sqlite3.connect(file)) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
        db.commit()
    return file


@pytest.mark.usefixtures("newer", "served")
def test_a_database_of_a_newer_version_is_served(port: int) -> None:
    assert eventually(lambda: status(port, "/readyz") == 200)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_form_that_is_under_way_when_it_is_stopped_is_saved_and_answered(
    served: subprocess.Popen[str], port: int, tmp_path: Path
) -> None:
    assert eventually(lambda: status(port) == 200)
    with HalfSent(port, "/signup", **ANN) as form:
        served.send_signal(signal.SIGTERM)
        assert eventually(lambda: status(port) == 0)
        assert form.finish() == 303
    served.communicate(timeout=PATIENCE)
    assert served.returncode == 0
    assert eventually(lambda: not processes_of_session(served.pid))
    with closing(sqlite3.connect(tmp_path / "data" / "peerdesk.db")) as db:
        assert db.execute("SELECT email FROM users").fetchall() == [(ANN["email"],)]


def test_open_event_streams_end_by_themselves_when_it_is_stopped(
    served: subprocess.Popen[str], port: int
) -> None:
    assert eventually(lambda: status(port) == 200)
    with Ear(f"http://127.0.0.1:{port}/api/v1/events") as ear:
        ear.is_open()
        served.send_signal(signal.SIGTERM)
        assert ear.next() is None
    printed, _ = served.communicate(timeout=PATIENCE)
    assert "Cancel" not in printed  # what the server says when it has to break connections off


def test_nothing_is_left_running_when_it_is_killed(served: subprocess.Popen[str], port: int) -> None:
    assert eventually(lambda: status(port) == 200)
    os.kill(served.pid, signal.SIGKILL)
    served.wait(timeout=PATIENCE)
    assert eventually(lambda: not processes_of_session(served.pid))


def test_a_worker_that_is_killed_is_replaced_by_one_that_does_what_waits_and_ends_with_the_rest(
    served: subprocess.Popen[str], port: int, tmp_path: Path
) -> None:
    assert eventually(lambda: status(port) == 200)
    (worker,) = children_of(served.pid, "peerdesk-worker")
    os.kill(worker, signal.SIGKILL)
    with HalfSent(port, "/signup", **ANN) as form:
        assert form.finish() == 303
    assert eventually(lambda: list((tmp_path / "data" / "mail").glob("*.eml")) != [])
    assert worker not in children_of(served.pid, "peerdesk-worker")
    served.send_signal(signal.SIGTERM)
    served.communicate(timeout=PATIENCE)
    assert served.returncode == 0
    assert eventually(lambda: not processes_of_session(served.pid))


def test_a_web_process_that_is_killed_is_replaced_while_the_other_one_answers(
    served: subprocess.Popen[str], port: int
) -> None:
    assert eventually(lambda: status(port) == 200 and len(children_of(served.pid, "peerdesk-web")) == 2)
    one, other = sorted(children_of(served.pid, "peerdesk-web"))
    os.kill(one, signal.SIGKILL)
    assert eventually(lambda: status(port) == 200)
    assert eventually(lambda: len(children_of(served.pid, "peerdesk-web") - {one}) == 2)
    assert other in children_of(served.pid, "peerdesk-web")
    served.send_signal(signal.SIGTERM)
    printed, _ = served.communicate(timeout=PATIENCE)
    assert f"web process {one} is gone" in printed


def test_its_processes_are_copies_that_share_what_is_loaded(served: subprocess.Popen[str], port: int) -> None:
    assert eventually(lambda: status(port) == 200 and len(children_of(served.pid, "peerdesk-web")) == 2)
    asked_for = Path(f"/proc/{served.pid}/cmdline").read_bytes()
    children = children_of(served.pid, "peerdesk-web") | children_of(served.pid, "peerdesk-worker")
    assert [Path(f"/proc/{child}/cmdline").read_bytes() for child in children] == 3 * [asked_for]


@pytest.mark.parametrize("workers", [1])
def test_a_terminal_that_is_closed_ends_it(served: subprocess.Popen[str], port: int) -> None:
    assert eventually(lambda: status(port) == 200)
    os.killpg(served.pid, signal.SIGHUP)
    served.communicate(timeout=PATIENCE)
    assert eventually(lambda: not processes_of_session(served.pid))


def test_a_port_that_is_taken_is_said_in_a_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "app.cli", "serve", "--port", str(taken.getsockname()[1])]
        ended = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    assert ended.returncode != 0
    assert "in use" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr


def test_a_wrong_setting_stops_the_start_with_a_sentence_that_names_it(tmp_path: Path) -> None:
    environment = {**os.environ, "PEERDESK_BASE_URL": "support.example.com"}
    command = [sys.executable, "-m", "app.cli", "serve"]
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert ended.returncode == 1
    assert "PEERDESK_BASE_URL" in ended.stderr
    assert "Traceback" not in ended.stderr


class HalfSent:
    """One of our forms, of which the server has got all but the last byte."""

    def __init__(self, port: int, path: str, **fields: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._path = path
        self._fields = fields

    def __enter__(self) -> Self:
        self._connection.request("GET", self._path)
        page = self._connection.getresponse()
        token = re.search(r'name="csrf" value="([^"]+)"', page.read().decode())
        assert token is not None
        body = urlencode({"csrf": token[1], **self._fields}).encode()
        self._connection.putrequest("POST", self._path)
        for name, value in (
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Content-Length", str(len(body))),
            ("Cookie", str(page.headers["set-cookie"]).partition(";")[0]),
            ("Origin", f"http://127.0.0.1:{self._connection.port}"),
            ("Expect", "100-continue"),
        ):
            self._connection.putheader(name, value)
        self._connection.endheaders()
        self._wait_until_it_is_read()
        self._connection.send(body[:-1])
        self._last = body[-1:]
        return self

    def __exit__(self, *_error: object) -> None:
        self._connection.close()

    def finish(self) -> int:
        """Send the last byte, and return the status of the answer."""
        self._connection.send(self._last)
        return self._connection.getresponse().status

    def _wait_until_it_is_read(self) -> None:
        assert self._connection.sock.recv(64).startswith(b"HTTP/1.1 100 ")


def status(port: int, path: str = "/healthz") -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return int(answer.status)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return 0


def children_of(parent: int, name: str) -> set[int]:
    """Return the processes that `serve` keeps running, by what they are called."""
    found = set()
    for listed in Path(f"/proc/{parent}/task").glob("*/children"):
        for pid in listed.read_text().split():
            with suppress(FileNotFoundError):  # it has just ended
                if Path(f"/proc/{pid}/comm").read_text().strip() == name:
                    found.add(int(pid))
    return found


def processes_of_session(session: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            running = (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
            if running and os.getsid(int(entry.name)) == session:
                found.append(int(entry.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.1)
    return False
