"""A mail server in a thread: speaks as much SMTP as our transport needs, and keeps what it is given."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

DROP, SILENCE, TRICKLE = "(hangs up)", "(says nothing)", "(says a byte now and then)"
"""Answers that are none."""

CERTIFICATE = Path(__file__).with_name("localhost.pem")
"""Of localhost, vouched for by itself only; with its key, which protects nothing."""


@dataclass
class MailServer:
    """What arrived, and how the server answers: `refuse` maps a command to the line that answers it."""

    address: str = ""
    received: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    greeting: str = "220 fake"
    patience: threading.Event = field(default_factory=threading.Event)
    """With an empty greeting, or SILENCE as an answer, nothing is said until this is set."""

    encryption: str = ""
    """TLS from the first byte on, or STARTTLS when it is asked for, with CERTIFICATE."""


@contextmanager
def mail_server(encryption: str = "") -> Iterator[MailServer]:
    """Run a server on a free port of this machine; `address` is its URL."""
    state = MailServer(encryption=encryption)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):  # whoever hangs up
                _converse(self, state)
            self.connection.close()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        scheme = "smtps" if encryption == "TLS" else "smtp"
        state.address = f"{scheme}://localhost:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield state
        finally:
            state.patience.set()
            server.shutdown()
            thread.join()


def _converse(client: socketserver.StreamRequestHandler, state: MailServer) -> None:
    if state.encryption == "TLS":
        _encrypt(client)
    _say(client, state, state.greeting or SILENCE)
    while line := client.rfile.readline():
        command = line.split()[0].upper().decode() if line.strip() else ""
        if command in state.refuse:
            _say(client, state, state.refuse[command])
        elif command == "EHLO" and state.encryption == "STARTTLS":
            _say(client, state, "250-fake\r\n250 STARTTLS")
        elif command == "STARTTLS":
            _say(client, state, "220 go on")
            _encrypt(client)
        elif command == "DATA":
            _say(client, state, "354 go on")
            _say(client, state, state.refuse.get("message", "") or _take(client, state))
        elif command == "QUIT":
            _say(client, state, "221 bye")
            return
        else:
            if command == "RCPT":
                state.recipients.append(line.decode().partition(":")[2].strip())
            _say(client, state, "250 ok")


def _say(client: socketserver.StreamRequestHandler, state: MailServer, line: str) -> None:
    if line == DROP:
        raise ConnectionAbortedError
    if line == SILENCE:
        state.patience.wait()
        line = "220 fake"
    if line == TRICKLE:
        while not state.patience.wait(0.01):
            client.wfile.write(b"2")
    client.wfile.write(line.encode() + b"\r\n")


def _encrypt(client: socketserver.StreamRequestHandler) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    client.connection = context.wrap_socket(client.connection, server_side=True)
    client.rfile = client.connection.makefile("rb")
    client.wfile = client.connection.makefile("wb", buffering=0)


def _take(client: socketserver.StreamRequestHandler, state: MailServer) -> str:
    lines: list[bytes] = []
    while (line := client.rfile.readline()) != b".\r\n":
        lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
    state.received.append(b"".join(lines))
    return "250 taken"
