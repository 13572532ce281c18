"""Sending e-mail: by a mail server, or into a folder that a developer can read."""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import EmailPolicy
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 20
"""So long the server may take for each answer."""

DEADLINE_SECONDS = 120
"""So long it may take for all of them: well below the time after which the message is sent anew."""

_READY = 220
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class _WholeAddresses(EmailPolicy):
    """The usual policy, but an address in List-Unsubscribe stays whole.

    The library folds what is longer than a line into encoded words, in which no mail program looks
    for an address; RFC 5322 allows lines of 998 characters.
    """

    def fold(self, name: str, value: str) -> str:
        if name.lower() == "list-unsubscribe":
            return f"{name}: {value}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() == "list-unsubscribe":
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


POLICY = _WholeAddresses(linesep="\r\n")
"""How messages are written: as for SMTP."""


class NotSent(Exception):
    """The message was not taken; trying again later may help."""


class Undeliverable(NotSent):
    """The message was refused for good; trying again does not help."""


class Transport(Protocol):
    """Takes messages. When `send` returns, the message is somebody else's duty."""

    def send(self, message: EmailMessage) -> None:
        """Send to the one address in `To`; raise NotSent or Undeliverable."""


class Folder:
    """Writes each message to `<Message-ID>.eml`, the whole file at once; sent twice, it is there once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage) -> None:
        """Write the message."""
        name = message["Message-ID"].strip("<>").partition("@")[0]
        target = self._folder / f"{name}.eml"
        unfinished = target.with_suffix(".tmp")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                file.write(message.as_bytes(policy=message.policy.clone(linesep="\r\n")))
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(target)
        except OSError as error:
            raise NotSent(f"the folder {self._folder}: {error}") from error


class Smtp:
    """Hands messages to a mail server, over TLS where `smtps://` asks for it or the server offers it."""

    def __init__(
        self, url: str, *, timeout: float = TIMEOUT_SECONDS, deadline: float = DEADLINE_SECONDS
    ) -> None:
        parts = urlsplit(url)
        self._is_tls = parts.scheme == "smtps"
        self._host = parts.hostname or ""
        self._port = parts.port or (465 if self._is_tls else 587)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._timeout = timeout
        self._deadline = deadline

    def send(self, message: EmailMessage) -> None:
        """Send in a connection of its own."""
        try:
            with self._connected() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refusal:
            codes = [code for code, _text in refusal.recipients.values()]
            raise _refused(refusal, codes[0] if codes else 0) from refusal
        except smtplib.SMTPDataError as refusal:
            raise _refused(refusal, refusal.smtp_code) from refusal
        except (smtplib.SMTPException, OSError) as error:
            # A greeting, TLS, password or sender that fails is not the message's fault: it waits for that.
            raise NotSent(f"the mail server {self._host}: {error}") from error

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        context = ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(timeout=self._timeout, context=context)
            if self._is_tls
            else smtplib.SMTP(timeout=self._timeout)
        )
        # `connect` leaves unset what certificates are compared with.
        server._host = self._host  # type: ignore[attr-defined]  # noqa: SLF001
        # Each answer has its time, but a server that trickles would hold on for ever.
        end = threading.Timer(self._deadline, _hang_up, [server])
        end.daemon = True
        end.start()
        try:
            code, greeting = server.connect(self._host, self._port)
            if code != _READY:
                raise smtplib.SMTPConnectError(code, greeting)
            self._secure_and_log_in(server, context)
            yield server
            _take_leave(server)
        finally:
            end.cancel()
            server.close()

    def _secure_and_log_in(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        is_safe = self._is_tls or self._start_tls(server, context)
        if not self._user:
            return
        if not is_safe and self._host not in _LOOPBACK:
            raise NotSent(
                f"the mail server {self._host} offers no TLS; the password is not sent in the clear"
            )
        server.login(self._user, self._password)

    @staticmethod
    def _start_tls(server: smtplib.SMTP, context: ssl.SSLContext) -> bool:
        server.ehlo()
        if not server.has_extn("starttls"):
            return False
        server.starttls(context=context)
        return True


def transport(smtp_url: str, mail_dir: Path) -> Transport:
    """Return how mail leaves: by the server of the settings, or into the folder."""
    return Smtp(smtp_url) if smtp_url else Folder(mail_dir)


def _hang_up(server: smtplib.SMTP) -> None:
    sock = server.sock  # looked at once: it may be closed at any moment
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _take_leave(server: smtplib.SMTP) -> None:
    """Say good-bye; how that is answered is of no matter, for the message was taken."""
    with suppress(smtplib.SMTPException, OSError):
        server.quit()


def _refused(refusal: Exception, code: int) -> NotSent:
    return Undeliverable(str(refusal)) if 500 <= code < 600 else NotSent(str(refusal))
