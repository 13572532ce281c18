"""A mail server in a thread: speaks as much SMTP as our transport needs, and keeps what it is given."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class MailServer:
    """What arrived, and how the server answers: `refuse` maps a command to the line that answers it."""

    address: str = ""
    received: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a server on a free port of this machine; `address` is its `smtp://` URL."""
    state = MailServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            _converse(self, state)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        state.address = f"smtp://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


def _converse(client: socketserver.StreamRequestHandler, state: MailServer) -> None:
    def say(line: str) -> None:
        client.wfile.write(line.encode() + b"\r\n")

    say("220 fake")
    while line := client.rfile.readline():
        command = line.split()[0].upper().decode() if line.strip() else ""
        if command in state.refuse:
            say(state.refuse[command])
        elif command == "DATA":
            say("354 go on")
            say(state.refuse.get("message", "") or _take(client, state))
        elif command == "QUIT":
            say("221 bye")
            return
        else:
            if command == "RCPT":
                state.recipients.append(line.decode().partition(":")[2].strip())
            say("250 ok")


def _take(client: socketserver.StreamRequestHandler, state: MailServer) -> str:
    lines: list[bytes] = []
    while (line := client.rfile.readline()) != b".\r\n":
        lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
    state.received.append(b"".join(lines))
    return "250 taken"
