"""`peerdesk migrate`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from app.cli.__main__ import main
from app.core import schema


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)  # SQLite has one lock, and waits for it
def test_who_holds_a_lock_is_not_waited_for_and_nothing_is_done(
    real_engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PEERDESK_DATABASE_URL", real_engine.url.render_as_string(hide_password=False))
    back = ["migrate", "--to", "base", "--lock-timeout", "0.05"]
    with real_engine.begin() as somebody:
        somebody.execute(text("SELECT * FROM alembic_version FOR UPDATE"))
        assert main(back) == 1
    told = capsys.readouterr().err
    assert told.startswith("peerdesk: Somebody holds a lock")
    assert "pg_stat_activity" in told
    assert "Traceback" not in told
    assert schema.is_current(real_engine)
    assert main(back) == 0


def test_a_database_of_a_newer_version_is_left_as_it_is(
    real_engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PEERDESK_DATABASE_URL", real_engine.url.render_as_string(hide_password=False))
    with real_engine.begin() as newer:
        newer.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert main(["migrate"]) == 1
    assert "newer version" in capsys.readouterr().err
    assert schema.present_revision(real_engine) == "9999"


def test_what_the_program_writes_only_its_owner_may_read(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "app.cli", "migrate"]
    environment = {**os.environ, "PEERDESK_DATA_DIR": str(tmp_path / "data")}
    subprocess.run(command, env=environment, umask=0o022, check=True, stdout=subprocess.DEVNULL)
    written = [tmp_path / "data", *(tmp_path / "data").iterdir()]
    assert tmp_path / "data" / "peerdesk.db" in written
    assert {
        path.name: oct(path.stat().st_mode & 0o077) for path in written if path.stat().st_mode & 0o077
    } == {}
