"""An application served over a real socket inside the test's process, and a listener to its event streams."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI

PATIENCE = 20  # seconds, for a busy machine; nothing here is about speed


@dataclass(frozen=True)
class Heard:
    """One message of a stream."""

    name: str
    data: Any
    id: str


@dataclass
class Ear:
    """An open event stream: `status`, and `next()` for the next message."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        parts = urlsplit(self.url)
        self._connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=PATIENCE)
        self._connection.request("GET", f"{parts.path}?{parts.query}", headers=dict(self.headers))
        self._response = self._connection.getresponse()
        self.status = self._response.status
        return self

    def __exit__(self, *_error: object) -> None:
        self._response.close()
        self._connection.close()

    def next(self) -> Heard | None:
        """Wait for the next message; None at the end of the stream. Raises TimeoutError when none comes."""
        facts: dict[str, str] = {}
        until = time.monotonic() + PATIENCE  # the socket's own never ends while heartbeats come
        while line := self._response.readline().decode():
            name, _, value = line.rstrip("\n").partition(": ")
            if line == "\n" and "data" in facts:
                return Heard(facts["event"], json.loads(facts["data"]), facts.get("id", ""))
            facts[name] = value
            if time.monotonic() > until:
                raise TimeoutError("no message came")
        return None

    def is_open(self) -> None:
        """Wait until the stream says that it listens."""
        while self._response.readline() != b": listening\n":
            pass


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve until the block ends; yields the address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "the server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
