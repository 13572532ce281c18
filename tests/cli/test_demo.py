"""`peerdesk demo`."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.__main__ import main
from app.core import schema
from app.core.db import make_engine, new_session
from app.domain import demo
from tests.factories.users import make_user


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that does not exist yet, named by the settings."""
    new = tmp_path / "data"
    monkeypatch.setenv("PEERDESK_DATA_DIR", str(new))
    return new


@pytest.mark.slow
def test_it_loads_into_an_empty_database_and_prints_the_sign_ins(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo"]) == 0

    printed = capsys.readouterr().out
    assert "mara-k@peerdesk.example" in printed
    assert "support agent" in printed
    assert "peerdesk-demo" in printed
    assert "samples" in printed


def test_a_second_time_it_refuses_or_goes_on_as_asked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _someone_signs_up(folder)

    assert main(["demo"]) == 1
    assert "goes into an empty one only" in capsys.readouterr().err

    assert main(["demo", "--if-empty"]) == 0
    printed = capsys.readouterr().out
    assert "nothing was loaded" in printed
    assert "peerdesk-demo" not in printed


def _someone_signs_up(folder: Path) -> None:
    folder.mkdir()
    engine = make_engine(f"sqlite:///{folder / 'peerdesk.db'}")
    schema.migrate(engine)
    with new_session(engine) as db:
        assert demo.is_empty(db)
        make_user(db)
    engine.dispose()
