"""Attack case 45: what a proxy and the forum could read as different requests is refused, on a real socket."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
import uvicorn
from fastapi import FastAPI

from app.settings import Settings
from app.web.protocol import BoundedProtocol

PATIENCE = 20  # seconds, for a busy machine; nothing here is about speed
PREFIX = b"POST /healthz HTTP/1.1\r\nHost: testserver\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
HIDDEN = b"GET /robots.txt HTTP/1.1\r\nHost: testserver\r\n\r\n"

AMBIGUOUS = {
    "both lengths": PREFIX + b"Content-Length: 4\r\n" + CHUNKED + b"\r\n0\r\n\r\n" + HIDDEN,
    "both lengths, the other way round": PREFIX + CHUNKED + b"Content-Length: 6\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": PREFIX + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + HIDDEN,
    "a list of lengths": PREFIX + b"Content-Length: 0, 44\r\n\r\n" + HIDDEN,
    "a list of equal lengths": PREFIX + b"Content-Length: 0, 0\r\n\r\n" + HIDDEN,
    "a signed length": PREFIX + b"Content-Length: +44\r\n\r\n" + HIDDEN,
    "an unknown coding": PREFIX + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a coding twice": PREFIX + CHUNKED + CHUNKED + b"\r\n0\r\n\r\n" + HIDDEN,
    "a coding before": PREFIX + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a folded line": PREFIX + b"X-Note: a\r\n Content-Length: 44\r\n\r\n" + HIDDEN,
    "a folded coding": PREFIX + b"Content-Length: 0\r\nTransfer-Encoding:\r\n chunked\r\n\r\n" + HIDDEN,
    "a folded first line": b"GET /healthz HTTP/1.1\r\n Host: testserver\r\n\r\n",
    "bare line feeds": b"GET /healthz HTTP/1.1\nHost: testserver\n\n" + HIDDEN,
    "one bare line feed": PREFIX + b"X-Note: a\nContent-Length: 44\r\n\r\n" + HIDDEN,
    "a bare line feed at the end": PREFIX + b"Content-Length: 0\r\n\n" + HIDDEN,
    "a bare carriage return": PREFIX + b"X-Note: a\rContent-Length: 44\r\n\r\n" + HIDDEN,
    "a space before the colon": PREFIX + b"Content-Length : 44\r\n\r\n" + HIDDEN,
    "a zero byte": PREFIX + b"X-Note: a\x00b\r\n\r\n" + HIDDEN,
    "two hosts": PREFIX + b"Host: evil.example\r\n\r\n" + HIDDEN,
    "a signed chunk": PREFIX + CHUNKED + b"\r\n+2\r\nab\r\n0\r\n\r\n" + HIDDEN,
    "a chunk in other digits": PREFIX + CHUNKED + b"\r\n0x2\r\nab\r\n0\r\n\r\n" + HIDDEN,
    "a chunk longer than it says": PREFIX + CHUNKED + b"\r\n2\r\nabcd\r\n0\r\n\r\n" + HIDDEN,
    "a chunk with a space behind its length": PREFIX + CHUNKED + b"\r\n2 \r\nab\r\n0\r\n\r\n" + HIDDEN,
    "a chunk with a bare carriage return": PREFIX + CHUNKED + b"\r\n2;a=\rb\r\nab\r\n0\r\n\r\n" + HIDDEN,
    "a chunk with a zero byte": PREFIX + CHUNKED + b"\r\n2;a=\x00\r\nab\r\n0\r\n\r\n" + HIDDEN,
    "a chunk longer than 64 bits": PREFIX + CHUNKED + b"\r\n10000000000000002\r\nab\r\n0\r\n\r\n" + HIDDEN,
    "a folded trailer": PREFIX + CHUNKED + b"\r\n0\r\nX-Note: a\r\n b\r\n\r\n" + HIDDEN,
}


@pytest.fixture
def port(app: FastAPI, settings: Settings) -> Iterator[int]:
    """The forum itself behind our own protocol, as `peerdesk serve` runs it."""
    app.state.settings = settings.model_copy(update={"connections_per_address": 100})
    config = uvicorn.Config(
        app, port=0, log_level="critical", lifespan="off", http=BoundedProtocol, proxy_headers=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "the server did not start"
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # nothing here reaches the database
def test_case_45_an_ambiguous_request_is_refused_and_nothing_behind_it_is_read(port: int) -> None:
    answers = {name: _statuses(_sent(port, sent)) for name, sent in AMBIGUOUS.items()}
    # A body turns out wrong after its head was answered, here with 405; what is behind it is never read.
    bodies = {name for name, found in answers.items() if "chunk" in name and found == [b"405"]}
    assert {name: found for name, found in answers.items() if found not in ([b"400"], [b"501"])} == {
        name: [b"405"] for name in bodies
    }


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_case_45_plain_requests_one_after_the_other_are_answered_in_their_order(port: int) -> None:
    chunked = PREFIX + CHUNKED + b"\r\n2;why=not\r\nab\r\n0\r\n\r\n"
    counted = PREFIX + b"Content-Length: 2\r\n\r\nab"
    last = b"GET /robots.txt HTTP/1.1\r\nHost: testserver\r\nConnection: close\r\n\r\n"
    assert _statuses(_sent(port, chunked + counted + last)) == [b"405", b"405", b"200"]


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_case_45_what_follows_a_good_request_is_looked_at_as_closely(port: int) -> None:
    first = PREFIX + b"Content-Length: 2\r\n\r\nab"
    assert _statuses(_sent(port, first + AMBIGUOUS["both lengths"])) == [b"405", b"400"]


def _sent(port: int, request: bytes) -> bytes:
    """Send this, and return what comes until the server closes or has nothing more to say."""
    parts: list[bytes] = []
    with closing(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        while True:
            try:
                part = client.recv(1 << 16)
            except ConnectionResetError:
                part = b""
            if not part:
                return b"".join(parts)
            parts.append(part)


def _statuses(answer: bytes) -> list[bytes]:
    return re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)
