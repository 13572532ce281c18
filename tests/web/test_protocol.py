"""Slow and greedy clients are closed; everybody else stays served."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import ClassVar

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

from app.settings import Settings
from app.web.protocol import BoundedProtocol

PATIENCE = 20  # seconds, for a busy machine; nothing here is about speed


class Hurried(BoundedProtocol):
    """The same with limits that a test can wait for."""

    arrives_within = 0.4
    slowest_body = 50_000
    unread_for = 0.4
    lost: ClassVar[threading.Semaphore] = threading.Semaphore(0)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.lost.release()


@pytest.fixture
def forum(settings: Settings) -> FastAPI:
    app = FastAPI()
    app.state.settings = settings.model_copy(update={"connections_per_address": 5})

    @app.get("/")
    async def page() -> PlainTextResponse:
        return PlainTextResponse("here")

    @app.get("/long")
    async def long() -> PlainTextResponse:
        return PlainTextResponse("x" * 30_000_000)

    @app.post("/")
    async def take(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    @app.post("/unread")
    async def refuse() -> PlainTextResponse:
        return PlainTextResponse("no", 403)

    return app


@contextmanager
def served(app: FastAPI) -> Iterator[int]:
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        log_level="error",
        lifespan="off",
        http=Hurried,
        proxy_headers=False,
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


@pytest.fixture
def port(forum: FastAPI) -> Iterator[int]:
    with served(forum) as number:
        yield number


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def everything_from(client: socket.socket) -> bytes:
    """Return what comes until the server closes."""
    parts: list[bytes] = []
    while True:
        try:
            part = client.recv(1 << 16)
        except ConnectionResetError:
            part = b""
        if not part:
            return b"".join(parts)
        parts.append(part)


def test_a_client_that_says_nothing_is_closed(port: int) -> None:
    with closing(connected(port)) as client:
        assert everything_from(client) == b""


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\nab",
    ],
)
def test_a_request_that_trickles_in_is_told_and_closed(port: int, beginning: bytes) -> None:
    with closing(connected(port)) as client:
        client.sendall(beginning)
        trickling = threading.Event()

        def trickle() -> None:
            while not trickling.wait(0.05):
                try:
                    client.send(b"a")
                except OSError:
                    return

        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        answer = everything_from(client)
        trickling.set()
        thread.join(PATIENCE)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"try again" in answer


def test_others_are_served_meanwhile(port: int) -> None:
    slow = [connected(port) for _ in range(3)]
    for client in slow:
        client.sendall(b"GET / HTTP/1.1\r\n")
    with closing(connected(port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert everything_from(client).endswith(b"here")
    for each in slow:
        everything_from(each)
        each.close()


def test_a_long_body_that_comes_steadily_has_its_time(port: int) -> None:
    pieces = 20
    with closing(connected(port)) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n")
        pause = threading.Event()
        for _ in range(pieces):
            client.sendall(b"a" * (200_000 // pieces))
            pause.wait(0.05)  # a second in all: longer than an empty request may take
        assert everything_from(client).endswith(b"200000")


def test_a_body_that_goes_on_after_its_answer_is_cut_off(port: int) -> None:
    """Nobody reads it, so it earns no time, however fast it comes."""
    with closing(connected(port)) as client:
        client.sendall(b"POST /unread HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        with pytest.raises(OSError, match=r"reset|pipe"):
            _feed(client, b"2710\r\n" + b"a" * 10_000 + b"\r\n", times=1000)


def test_a_connection_that_is_used_again_has_its_time_again(port: int) -> None:
    with closing(connected(port)) as client:
        for _ in range(3):
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = b""
            while not answer.endswith(b"here"):
                answer += client.recv(1 << 16)
            assert answer.startswith(b"HTTP/1.1 200")
            threading.Event().wait(0.3)


def test_an_answer_that_is_not_read_is_given_up(port: int) -> None:
    with closing(connected(port)) as client:
        while Hurried.lost.acquire(blocking=False):
            pass
        client.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
        assert Hurried.lost.acquire(timeout=PATIENCE)


def test_one_address_has_so_many_connections_and_gets_them_back(port: int) -> None:
    held = [connected(port) for _ in range(5)]
    for client in held:
        client.sendall(b"GET / HTTP/1.1\r\n")  # it is there for sure once the next one was refused
    with closing(connected(port)) as greedy:
        assert everything_from(greedy) == b""
    for client in held:
        everything_from(client)
        client.close()
    with closing(connected(port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert everything_from(client).endswith(b"here")


def test_a_proxy_of_ours_may_have_more(forum: FastAPI, settings: Settings) -> None:
    forum.state.settings = settings.model_copy(
        update={"connections_per_address": 1, "trusted_proxies": ("127.0.0.0/8",)}
    )
    with served(forum) as port:
        clients = [connected(port) for _ in range(4)]
        for client in clients:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answers = [everything_from(client) for client in clients]
        for client in clients:
            client.close()
    assert all(answer.endswith(b"here") for answer in answers)


def _feed(client: socket.socket, data: bytes, *, times: int) -> None:
    pause = threading.Event()
    for _ in range(times):
        client.sendall(data)
        pause.wait(0.01)
