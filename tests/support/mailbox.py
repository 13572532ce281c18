"""The folder that mail is written to, as its readers see it."""

from __future__ import annotations

import re
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from sqlmodel import Session

from app.settings import Settings
from app.worker.mail import Sender


class Mailbox:
    """Sends what waits, and gives each message out once."""

    def __init__(self, db: Session, settings: Settings) -> None:
        self._db = db
        self._settings = settings
        self._sender = Sender()
        self._read: set[Path] = set()

    def fetch(self, *, now: datetime) -> list[EmailMessage]:
        """Return what arrived since the last time, oldest first."""
        while self._sender.round(self._db, self._settings, now=now):
            pass
        arrived = [path for path in self._settings.mail_dir.glob("*.eml") if path not in self._read]
        self._read.update(arrived)
        return [_parsed(path) for path in sorted(arrived, key=lambda path: path.stat().st_mtime_ns)]

    def fetch_token(self, *, now: datetime) -> str:
        """Return the token of the link in the one message that arrived."""
        (message,) = self.fetch(now=now)
        return token_in(message)


def text_of(message: EmailMessage) -> str:
    """Return the plain text of a message."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def token_in(message: EmailMessage) -> str:
    """Return the token of the link in a message."""
    found = re.search(r"/(?:verify|reset)/([\w-]+)", text_of(message))
    assert found is not None, text_of(message)
    return found[1]


def _parsed(path: Path) -> EmailMessage:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message
