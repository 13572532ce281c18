"""The key that signs is made once, and never one that can be guessed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.cli.__main__ import main
from app.core.secret import BadSecretKey, secret_key


def test_all_who_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: secret_key("", tmp_path), range(8)))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("left", [b"", b"abc\n", b"\xff" * 64])
def test_a_damaged_key_signs_nothing(
    left: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret_key").write_bytes(left)
    with pytest.raises(BadSecretKey):
        secret_key("", tmp_path)
    monkeypatch.setenv("PEERDESK_DATA_DIR", str(tmp_path))
    assert main(["serve"]) == 1
    assert "secret_key is damaged" in capsys.readouterr().err
