"""`peerdesk user`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from app.cli.__main__ import main
from app.core.db import make_engine, new_session
from app.core.passwords import verify_password
from app.domain import accounts
from app.models import AuditEntry, User
from tests.factories.accounts import PASSWORD

EDDA = ["user", "create", "--email", "edda@example.org", "--handle", "edda"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PEERDESK_DATA_DIR", str(tmp_path))
    assert main(["migrate"]) == 0
    return tmp_path


@pytest.fixture
def db(folder: Path) -> Iterator[Session]:
    engine = make_engine(f"sqlite:///{folder / 'peerdesk.db'}")
    with new_session(engine) as session:
        yield session
    engine.dispose()


def edda(db: Session) -> User:
    db.expire_all()
    found = accounts.by_handle(db, "edda")
    assert found is not None
    return found


def test_the_first_administrator_gets_the_password_of_a_file(db: Session, folder: Path) -> None:
    file = folder / "password"
    file.write_text(f"{PASSWORD}\n")
    assert not accounts.has_admin(db)
    db.rollback()
    assert main([*EDDA, "--role", "admin", "--password-file", str(file)]) == 0
    assert accounts.has_admin(db)
    assert edda(db).email_verified_at is not None
    assert verify_password(PASSWORD, edda(db).password_hash)


def test_without_a_terminal_a_link_is_printed_that_sets_the_password(
    db: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*EDDA, "--role", "agent", "--role", "moderator"]) == 0
    printed = capsys.readouterr().out
    assert "agent and moderator" in printed
    found = re.search(r"http://127\.0\.0\.1:8000/reset/([\w-]{43})\n", printed)
    assert found is not None
    link = accounts.link(db, token=found[1], purposes=accounts.RESET_PURPOSES, now=edda(db).created_at)
    assert link is not None


def test_a_password_is_asked_for_twice_at_a_terminal(db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter([PASSWORD, "something else", PASSWORD, PASSWORD])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))
    assert main(EDDA) == 1
    assert main(EDDA) == 0
    assert verify_password(PASSWORD, edda(db).password_hash)


def test_what_is_wrong_is_said_in_a_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "weak").write_text("edda-edda")
    assert main(EDDA) == 0
    for refused in (
        EDDA,
        ["user", "create", "--email", "x", "--handle", "other"],
        [
            "user",
            "create",
            "--email",
            "x@example.org",
            "--handle",
            "other",
            "--password-file",
            str(folder / "weak"),
        ],
        [
            "user",
            "create",
            "--email",
            "x@example.org",
            "--handle",
            "other",
            "--password-file",
            str(folder / "none"),
        ],
        ["user", "role", "nobody", "lead"],
        ["user", "role", "edda", "lead", "agent"],
        ["user", "password-link", "nobody"],
    ):
        assert main(refused) == 1
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 7
    assert all(line.startswith("peerdesk: ") for line in errors)


def test_roles_are_given_taken_and_listed(db: Session, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(EDDA) == 0
    assert main(["user", "role", "@edda", "lead", "admin", "--reason", "she founded it"]) == 0
    assert main(["user", "list"]) == 0
    assert "lead and admin" in capsys.readouterr().out.splitlines()[-1]
    assert main(["user", "role", "edda", "member"]) == 1  # the only administrator
    assert main([*EDDA[:3], "ben@example.org", "--handle", "ben", "--role", "admin"]) == 0
    assert main(["user", "role", "edda", "member"]) == 0
    assert not edda(db).is_staff
    assert {entry.actor_label for entry in db.exec(select(AuditEntry))} == {"operator"}


def test_before_the_database_is_made_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PEERDESK_DATA_DIR", str(tmp_path / "new"))
    assert main(["user", "list"]) == 1
    assert "peerdesk migrate" in capsys.readouterr().err
