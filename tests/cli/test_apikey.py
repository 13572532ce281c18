"""`peerdesk apikey`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from app.cli.__main__ import main
from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.domain import apikeys
from app.models import ApiKey
from tests.factories.users import make_user


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setenv("PEERDESK_DATA_DIR", str(tmp_path))
    assert main(["migrate"]) == 0
    engine = make_engine(f"sqlite:///{tmp_path / 'peerdesk.db'}")
    with new_session(engine) as session:
        make_user(session, handle="edda")
        yield session
    engine.dispose()


def test_a_key_is_made_listed_and_revoked(db: Session, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--name", "Nightly report", "--scope", "read", "--scope", "write", "--days", "7"]
    assert main(["apikey", "create", "@edda", *arguments, "--origin", "https://shop.example"]) == 0
    token = capsys.readouterr().out.splitlines()[-1]
    assert apikeys.is_key(token)
    key = apikeys.live(db, token=token, now=utc_now())
    assert key is not None
    assert (key.scopes, key.origins) == (["read", "write"], ["https://shop.example"])
    db.rollback()

    assert main(["apikey", "list"]) == 0
    listed = capsys.readouterr().out
    assert "Nightly report" in listed
    assert token not in listed

    assert main(["apikey", "revoke", str(key.id)]) == 0
    db.rollback()
    assert apikeys.live(db, token=token, now=utc_now()) is None


def test_a_key_reads_only_unless_more_is_asked_for(db: Session, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["apikey", "create", "edda", "--name", "Report"]) == 0
    assert db.exec(select(ApiKey.scopes)).one() == ["read"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "nobody", "--name", "Report"],
        ["create", "edda", "--name", "Report", "--scope", "admin"],
        ["create", "edda", "--name", "Report", "--origin", "shop"],
        ["revoke", "7"],
    ],
)
def test_what_can_not_be_done_is_said(
    db: Session, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(["apikey", *arguments]) == 1
    assert capsys.readouterr().err.startswith("peerdesk: ")
    assert not db.exec(select(ApiKey)).all()
