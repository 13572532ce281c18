from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.domain.search.directory import KEEP_OLD_SECONDS, IndexDirectory


@pytest.fixture
def directory(tmp_path: Path) -> IndexDirectory:
    return IndexDirectory(tmp_path / "search")


def test_nothing_answers_before_a_generation_is_activated(directory: IndexDirectory) -> None:
    generation = directory.start(engine="whoosh", schema=3)
    assert directory.current() is None
    directory.activate(generation)
    assert directory.current() == generation


def test_the_position_is_kept_with_its_generation(directory: IndexDirectory) -> None:
    first = directory.start(engine="whoosh", schema=3)
    first.set_position("7:42")
    assert first.position() == "7:42"
    assert directory.start(engine="whoosh", schema=3).position() == ""


def test_only_one_process_writes_at_a_time(directory: IndexDirectory) -> None:
    with directory.writing() as first, directory.writing() as second, directory.rebuilding() as building:
        assert (first, second, building) == (True, False, True)
    with directory.writing() as again:
        assert again


def test_old_generations_go_after_a_while(directory: IndexDirectory) -> None:
    old, recent, present = (directory.start(engine="whoosh", schema=3) for _ in range(3))
    directory.activate(present)
    long_ago = old.path.stat().st_mtime - KEEP_OLD_SECONDS - 1
    os.utime(old.path, (long_ago, long_ago))
    os.utime(present.path, (long_ago, long_ago))
    directory.remove_old()
    assert not old.path.exists()
    assert recent.path.exists()
    assert present.path.exists()


def test_nobody_else_may_read_the_index(directory: IndexDirectory) -> None:
    generation = directory.start(engine="whoosh", schema=3)
    assert generation.path.stat().st_mode & 0o077 == 0
    assert directory.path.stat().st_mode & 0o077 == 0
