"""Attack case 44, where files are kept."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.files import CheckedFile, FileStore

FILE = CheckedFile(b"some pixels", "png", 4, 3)


def test_a_file_is_kept_under_its_hash_and_read_back(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "uploads")
    path = store.write(FILE)
    assert path == tmp_path / "uploads" / FILE.sha256[:2] / f"{FILE.sha256}.png"
    assert store.read(FILE.sha256, "png") == b"some pixels"
    assert list(store.names()) == [(FILE.sha256, "png")]


def test_only_the_owner_may_read_files_on_disk(tmp_path: Path) -> None:
    assert FileStore(tmp_path).write(FILE).stat().st_mode & 0o777 == 0o600


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    before = store.write(FILE).stat().st_mtime_ns
    assert store.write(FILE).stat().st_mtime_ns == before


def test_many_writers_of_one_file_leave_one_whole_file(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    large = CheckedFile(b"x" * 3_000_000, "txt")
    threads = [Thread(target=store.write, args=[large]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read(large.sha256, "txt") == large.content
    assert len(list(tmp_path.glob("*/*"))) == 1
    assert not list(tmp_path.glob("*/.*"))


def test_what_is_missing_is_none_and_may_be_removed(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "not made yet")
    assert store.read("0" * 64, "png") is None
    store.remove("0" * 64, "png")
    assert list(store.names()) == []


@pytest.mark.parametrize(
    ("sha256", "extension"),
    [
        ("../" * 20 + "etc/passwd", "png"),
        ("..", "png"),
        ("0" * 64, "svg"),
        ("0" * 64, "png/../../x"),
        ("0" * 64 + "\n", "png"),
        ("0" * 63 + "G", "png"),
        ("0" * 63 + "/", "png"),
        ("", ""),
        ("0" * 64 + "\x00", "png"),
        ("\u0660" * 64, "png"),
    ],
)
def test_no_other_name_is_a_file(tmp_path: Path, sha256: str, extension: str) -> None:
    store = FileStore(tmp_path)
    for act in (store.read, store.remove, store.path):
        with pytest.raises(ValueError, match="not the name"):
            act(sha256, extension)


@given(st.text(max_size=70), st.text(max_size=10))
def test_no_name_leads_out_of_the_folder(sha256: str, extension: str) -> None:
    folder = Path("/uploads")
    try:
        path = FileStore(folder).path(sha256, extension)
    except ValueError:
        return
    assert path.resolve().is_relative_to(folder)
