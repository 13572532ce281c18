"""`peerdesk backup` and `peerdesk restore`."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest

from app.cli.__main__ import main
from app.core.db import make_engine, new_session
from app.core.files import CheckedFile, FileStore
from app.models import User
from tests.factories.users import make_user


@pytest.fixture
def forum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one member, named by the settings."""
    folder = tmp_path / "data"
    monkeypatch.setenv("PEERDESK_DATA_DIR", str(folder))
    monkeypatch.setenv("PEERDESK_SMTP_URL", "smtp://user:hunter2@mail.example.com:587")
    monkeypatch.chdir(tmp_path)
    assert main(["migrate"]) == 0
    engine = make_engine(f"sqlite:///{folder / 'peerdesk.db'}")
    with new_session(engine) as db:
        make_user(db, handle="mara")
    engine.dispose()
    return folder


def test_there_and_back(
    forum: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", "copy.zip"]) == 0
    printed = capsys.readouterr()
    assert "Keep it in private" in printed.out
    assert ("\r" in printed.out, printed.err) == (
        False,
        "",
    )  # nobody watches: a file or a mail gets no progress
    assert main(["backup", "copy.zip", "--check"]) == 0
    assert capsys.readouterr().out.startswith("Whole: ")
    monkeypatch.setenv("PEERDESK_DATA_DIR", "elsewhere")
    assert main(["restore", "copy.zip"]) == 0
    engine = make_engine("sqlite:///elsewhere/peerdesk.db")
    with new_session(engine) as db:
        assert db.get_one(User, 1).handle == "mara"
    engine.dispose()
    assert Path("elsewhere/secret_key").read_text() == (forum / "secret_key").read_text()


def test_no_password_of_another_server_is_in_it(forum: Path) -> None:
    assert main(["backup", "copy.zip", "--quiet"]) == 0
    with zipfile.ZipFile("copy.zip") as archive:
        settings = archive.read("settings.env").decode()
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert "PEERDESK_SITE_NAME=" in settings
    assert b"hunter2" not in everything


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["restore", "missing.zip"], "can't be read as a backup"),
        (["backup", "--check", "missing.zip"], "can't be read as a backup"),
        (["backup", "nowhere/copy.zip"], "could not be written"),
        (["backup", "--check"], "name the backup"),
        (["import", "nowhere"], "There is no folder nowhere"),
    ],
)
def test_what_is_wrong_is_said(
    forum: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    if arguments[0] == "restore":
        os.environ["PEERDESK_DATA_DIR"] = "elsewhere"
    assert main(arguments) > 0
    assert told in capsys.readouterr().err


def test_a_damaged_upload_is_said_and_keeps_nothing_else_back(
    forum: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = FileStore(forum / "uploads").write(CheckedFile(b"whole", "txt"))
    damaged.write_bytes(b"cut")
    assert main(["backup", "copy.zip", "--quiet"]) == 1
    assert damaged.name in capsys.readouterr().err
    assert main(["backup", "copy.zip", "--check"]) == 0
    assert main(["export", "moving", "--quiet"]) == 1
    assert damaged.name in capsys.readouterr().err
    monkeypatch.setenv("PEERDESK_DATA_DIR", "elsewhere")
    assert main(["import", "moving", "--quiet"]) == 0


def test_a_place_in_use_is_refused(forum: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", "copy.zip", "--quiet"]) == 0
    assert main(["backup", "copy.zip"]) == 1
    assert "name another file" in capsys.readouterr().err
    assert main(["restore", "copy.zip"]) == 1
    assert "name an empty one" in capsys.readouterr().err


def test_an_export_comes_back_with_the_same_files(
    forum: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--private", "moving"]) == 0
    assert "Keep it in private" in capsys.readouterr().out
    assert main(["export", "moving"]) == 1
    assert "name a new folder" in capsys.readouterr().err
    assert main(["import", "moving", "--quiet"]) == 1
    assert "--only-dump" in capsys.readouterr().err
    monkeypatch.setenv("PEERDESK_DATA_DIR", "elsewhere")
    assert main(["import", "moving", "--product", "any"]) == 2
    assert main(["import", "stackexchange", "moving", "--report", "report.json"]) == 0
    assert json.loads(Path("report.json").read_text())["tables"]["Users"]["taken"] == 1
    assert main(["export", "--private", "--quiet", "again"]) == 0
    first, second = (json.loads(Path(name, "peerdesk.json").read_text()) for name in ("moving", "again"))
    assert first["files"] == second["files"]
    assert "hunter2" not in Path("moving/settings.env").read_text()
