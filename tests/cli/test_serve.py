"""`peerdesk serve` as an operator runs it: processes, signals, an empty folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.served import Ear

PATIENCE = 60  # seconds, for a busy machine; nothing here is about speed


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def served(port: int, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PEERDESK_LOG_LEVEL": "warning"}
    environment.pop("PEERDESK_DATA_DIR", None)
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--workers", "2"]
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


def test_a_wrong_setting_stops_the_start_with_a_sentence_that_names_it(tmp_path: Path) -> None:
    environment = {**os.environ, "PEERDESK_BASE_URL": "support.example.com"}
    command = [sys.executable, "-m", "app.cli", "serve"]
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert ended.returncode == 1
    assert "PEERDESK_BASE_URL" in ended.stderr
    assert "Traceback" not in ended.stderr


def status(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return int(answer.status)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return 0


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
