"""`peerdesk escalations`."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from app.cli.__main__ import main
from app.core.db import make_engine, new_session
from app.models import Escalation, EscalationReason
from tests.factories.products import make_product
from tests.factories.questions import make_question


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PEERDESK_DATA_DIR", str(tmp_path))
    assert main(["migrate"]) == 0
    return f"sqlite:///{tmp_path / 'peerdesk.db'}"


def test_a_backlog_is_counted_and_taken_in_once(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    engine = make_engine(database)
    with new_session(engine) as db:
        line = make_product(db, slug="kestrel", parent=make_product(db, slug="norvane"))
        wanted = {make_question(db, product_id=line.id).id for _ in range(3)}
        make_question(db)
    act = ["escalations", "take-in", "--product", "norvane"]
    assert main([*act, "--before", "2026-03-02", "--dry-run"]) == 0
    assert "0 questions would come" in capsys.readouterr().out
    assert main([*act, "--dry-run"]) == 0
    assert "3 questions would come" in capsys.readouterr().out
    for words in ("3 questions came", "0 questions came"):
        assert main(act) == 0
        assert words in capsys.readouterr().out
    with new_session(engine) as db:
        assert set(db.exec(select(Escalation.question_id))) == wanted
        assert set(db.exec(select(EscalationReason.code))) == {"unanswered"}
    engine.dispose()


@pytest.mark.parametrize("wrong", [["--product", "nothing"], ["--before", "soon"]])
@pytest.mark.usefixtures("database")
def test_what_is_not_understood_is_said(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["escalations", "take-in", *wrong]) == 1
    assert wrong[1] in capsys.readouterr().err
