"""Posting answers through the form, by clients that cost next to nothing beside what they measure.

A client is a thread with a socket that is kept open: with `http.client` a page and an answer took four
times as much of the cores that the forum runs on.
"""

from __future__ import annotations

import re
import socket
import statistics
import threading
import time
from collections.abc import Sequence
from itertools import cycle
from urllib.parse import urlencode

from serving import Measured, Server

_TOKEN = re.compile(rb'name="csrf" value="([^"]+)"')
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_LOCATION = re.compile(rb"\r\nlocation: (\S+)", re.IGNORECASE)


class Client:
    """One connection to the forum."""

    def __init__(self, port: int) -> None:
        self._host = f"127.0.0.1:{port}"
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def form_token(self, path: str, cookie: str) -> str:
        """Fetch a page and return the token of its forms."""
        _, body = self._exchange(f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\nCookie: {cookie}\r\n\r\n")
        found = _TOKEN.search(body)
        if found is None:
            raise RuntimeError("no form on the page")
        return found[1].decode()

    def post_answer(self, thread: int, cookie: str, token: str) -> None:
        """Post one answer; it is on the disk when this returns."""
        body = urlencode({"csrf": token, "body": f"Try this, it helped here. {time.monotonic_ns()}"})
        head, _ = self._exchange(
            f"POST /questions/{thread}/answers HTTP/1.1\r\nHost: {self._host}\r\nCookie: {cookie}\r\n"
            f"Origin: http://{self._host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        if b" 303 " not in head[:16]:
            raise RuntimeError(f"posting answered {head[:40]!r}")

    def address_of(self, thread: int) -> str:
        """Return where a thread's short address leads, without fetching (and so keeping ready) the page itself."""
        head, _ = self._exchange(f"GET /posts/{thread} HTTP/1.1\r\nHost: {self._host}\r\n\r\n")
        found = _LOCATION.search(head)
        if found is None:
            raise RuntimeError(f"/posts/{thread} leads nowhere")
        return found[1].decode().split("#")[0]

    def _exchange(self, request: str) -> tuple[bytes, bytes]:
        self._socket.sendall(request.encode())
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._socket.recv(65_536)
        head, _, body = received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if length is None:
            raise RuntimeError("an answer of unknown length")
        parts, missing = [body], int(length[1]) - len(body)
        while missing > 0:
            parts.append(self._socket.recv(262_144))
            missing -= len(parts[-1])
        return head, b"".join(parts)


def post_answers(
    server: Server,
    threads: Sequence[int],
    members: Sequence[str],
    seconds: int,
    *,
    clients: int,
    with_form: bool = False,
) -> Measured:
    """Post answers from several clients at once, each by its members in turn and to one thread after the other.

    With `with_form` each fetches the thread's page before, by its own address, as one who follows a link;
    what is measured then is both. Without it members have opened another page before the time begins.
    """
    asking = Client(server.port)
    addresses = [asking.address_of(thread) for thread in threads]
    tokens = {} if with_form else {each: asking.form_token("/questions", each) for each in members}
    latencies: list[list[float]] = [[] for _ in range(clients)]
    until, before = time.monotonic() + seconds, server.processor_seconds()

    def run(number: int) -> None:
        client, turn = Client(server.port), number * 17
        for cookie in cycle(members[number::clients]):
            if time.monotonic() >= until:
                return
            place, turn = turn % len(threads), turn + 1
            started = time.perf_counter()
            token = client.form_token(addresses[place], cookie) if with_form else tokens[cookie]
            client.post_answer(threads[place], cookie, token)
            latencies[number].append((time.perf_counter() - started) * 1000)

    running = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    everything = [each for taken in latencies for each in taken]
    used = server.processor_seconds() - before
    percentiles = statistics.quantiles(everything, n=100)
    rate = len(everything) / seconds
    return Measured(rate, percentiles[49], percentiles[98], used * 1000 / len(everything))
