"""A forum served for real: `peerdesk serve` in its own process and folder, on a free port."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path

from app.settings import PREFIX

PATIENCE = 60  # seconds, for a busy machine; nothing here is about speed


@dataclass(frozen=True)
class LiveForum:
    """Where it is, and where it keeps things."""

    url: str
    data_dir: Path

    def link_mailed_to(self, address: str) -> str:
        """Wait for an e-mail to the address and return the first link in it."""
        return eventually(lambda: self._link(address), f"an e-mail to {address}")

    def _link(self, address: str) -> str:
        for path in sorted((self.data_dir / "mail").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns):
            message = message_from_bytes(path.read_bytes(), policy=modern)
            text = message.get_body(("plain",))
            if address in str(message["To"]) and text is not None:
                found = re.search(rf"{re.escape(self.url)}/\S+", text.get_content())
                return found.group() if found else ""
        return ""


@contextmanager
def serve(data_dir: Path, *, database_url: str = "") -> Iterator[LiveForum]:
    """Serve from the folder until the block ends."""
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment |= {
        f"{PREFIX}DATA_DIR": str(data_dir),
        f"{PREFIX}DATABASE_URL": database_url,
        f"{PREFIX}LOG_LEVEL": "warning",
    }
    log = data_dir / "serve.log"
    data_dir.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve", "--port", str(port)],
            cwd=data_dir,
            env=environment,
            start_new_session=True,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    forum = LiveForum(f"http://127.0.0.1:{port}", data_dir)
    try:
        eventually(lambda: _answers(forum.url) or process.poll() is not None, "the server")
        assert process.poll() is None, log.read_text()
        yield forum
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=PATIENCE)


def eventually(look: Callable[[], object], what: str) -> str:
    """Look until there is something, and return it as text."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = look()
        if found:
            return str(found)
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {PATIENCE} seconds for {what}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
