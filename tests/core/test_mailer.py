"""Every transport keeps one contract; each has its own ways to fail."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from app.core.mailer import Folder, NotSent, Smtp, Transport, Undeliverable, transport
from tests.fakes.smtp_server import CERTIFICATE, DROP, SILENCE, TRICKLE, MailServer, mail_server

Taken = Callable[[], list[EmailMessage]]


def message(
    *, subject: str = "Grüße", text: str = "Hello,\n\n.a line that begins with a dot\n"
) -> EmailMessage:
    made = EmailMessage(policy=policy.SMTP)
    made["Subject"] = subject
    made["From"] = "Peerdesk <peerdesk@example.com>"
    made["To"] = "ann@example.org"
    made["Message-ID"] = "<0123456789abcdef@example.com>"
    made.set_content(text)
    return made


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture(params=["folder", "smtp"])
def way(request: pytest.FixtureRequest, tmp_path: Path, server: MailServer) -> tuple[Transport, Taken]:
    if request.param == "smtp":
        return Smtp(server.address), lambda: [_parsed(raw) for raw in server.received]
    folder = tmp_path / "mail"
    return Folder(folder), lambda: [_parsed(path.read_bytes()) for path in folder.glob("*.eml")]


def test_a_message_arrives_as_it_was(way: tuple[Transport, Taken]) -> None:
    postman, taken = way
    postman.send(message())
    (arrived,) = taken()
    assert arrived["Subject"] == "Grüße"
    assert arrived["To"] == "ann@example.org"
    assert arrived["Message-ID"] == "<0123456789abcdef@example.com>"
    assert arrived.get_content() == "Hello,\n\n.a line that begins with a dot\n"


def test_a_folder_holds_a_message_once_however_often_it_is_sent(tmp_path: Path) -> None:
    for _time in range(2):
        Folder(tmp_path).send(message())
    assert [path.name for path in tmp_path.iterdir()] == ["0123456789abcdef.eml"]


def test_a_folder_that_can_not_be_written_is_tried_again_later(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file, no folder")
    with pytest.raises(NotSent) as failure:
        Folder(tmp_path / "mail").send(message())
    assert not isinstance(failure.value, Undeliverable)


def test_a_server_is_given_just_the_one_recipient(server: MailServer) -> None:
    Smtp(server.address).send(message())
    assert server.recipients == ["<ann@example.org>"]


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_a_refusal_for_good_is_undeliverable(server: MailServer, command: str) -> None:
    server.refuse[command] = "550 no such mailbox"
    with pytest.raises(Undeliverable):
        Smtp(server.address).send(message())


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("RCPT", "451 greylisted"),
        ("DATA", "452 full"),
        ("MAIL", "550 we do not know this sender"),
        ("EHLO", DROP),
        ("message", DROP),
        ("message", SILENCE),
        ("message", TRICKLE),
    ],
)
def test_what_may_pass_is_tried_again_later(server: MailServer, command: str, answer: str) -> None:
    server.refuse[command] = answer
    with pytest.raises(NotSent) as failure:
        Smtp(server.address, timeout=0.2, deadline=0.3).send(message())
    assert not isinstance(failure.value, Undeliverable)


@pytest.mark.parametrize("greeting", ["554 no service today", "421 too busy", SILENCE, TRICKLE, DROP])
def test_a_server_that_does_not_greet_us_is_tried_again_later(server: MailServer, greeting: str) -> None:
    server.greeting = greeting
    with pytest.raises(NotSent) as failure:
        Smtp(server.address, timeout=0.2, deadline=0.3).send(message())
    assert not isinstance(failure.value, Undeliverable)


def test_a_message_that_was_taken_is_not_sent_again_for_want_of_a_good_bye(server: MailServer) -> None:
    server.refuse["QUIT"] = DROP
    Smtp(server.address).send(message())
    assert len(server.received) == 1


@pytest.mark.parametrize("encryption", ["TLS", "STARTTLS"])
def test_a_server_is_believed_that_somebody_trusted_vouches_for(
    monkeypatch: pytest.MonkeyPatch, encryption: str
) -> None:
    with mail_server(encryption) as server:
        with pytest.raises(NotSent, match="certificate verify failed"):
            Smtp(server.address).send(message())
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        with pytest.raises(NotSent, match=r"not valid for '127\.0\.0\.1'"):
            Smtp(server.address.replace("localhost", "127.0.0.1")).send(message())
        assert not server.received
        Smtp(server.address).send(message())
    assert len(server.received) == 1


def test_a_server_that_is_away_is_tried_again_later() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotSent):
        Smtp(f"smtp://127.0.0.1:{port}").send(message())


def test_the_settings_choose_the_transport(tmp_path: Path) -> None:
    assert isinstance(transport("", tmp_path), Folder)
    assert isinstance(transport("smtps://mail.example.com", tmp_path), Smtp)


def _parsed(raw: bytes) -> EmailMessage:
    parsed = message_from_bytes(raw.replace(b"\r\n", b"\n"), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed
