"""Opened views of an index: one request's at a time, the next one's while nothing was written."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.domain.search.backend import BrokenIndex
from app.domain.search.documents import SearchQuery
from app.domain.search.engines.whoosh import views
from app.domain.search.engines.whoosh.engine import WhooshBackend
from app.domain.search.engines.whoosh.views import IDLE_AT_MOST, opened
from tests.factories.documents import make_document

backend = WhooshBackend()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    backend.create(tmp_path)
    _add(tmp_path, 1)
    return tmp_path


def test_the_next_request_takes_a_view_over(folder: Path) -> None:
    with opened(folder) as first:
        pass
    with opened(folder) as second:
        assert second is first


def test_two_requests_at_once_never_share_one(folder: Path) -> None:
    with opened(folder) as first, opened(folder) as second:
        assert first is not second


def test_what_was_written_meanwhile_is_seen_and_the_old_state_given_up(folder: Path) -> None:
    with opened(folder) as old, opened(folder):
        _add(folder, 2)
        assert _count(folder) == 2
        assert old.count == 1  # who began before goes on with what was there
    assert _count(folder) == 2
    with opened(folder) as new:
        assert new is not old
    assert _open_files(folder) == {path.name for path in folder.glob("*.seg")}


def test_no_more_are_kept_open_than_are_of_use(folder: Path) -> None:
    with ExitStack() as many:
        for _ in range(3 * IDLE_AT_MOST):
            many.enter_context(opened(folder))
    with ExitStack() as again:
        kept = {id(again.enter_context(opened(folder))) for _ in range(IDLE_AT_MOST)}
        assert len(kept) == IDLE_AT_MOST


def test_an_old_view_is_closed_and_its_memory_given_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "OPEN_SECONDS", 0)
    with opened(folder) as first:
        assert _open_files(folder)
    assert not _open_files(folder)
    with opened(folder) as second:
        assert second is not first


def test_a_view_in_which_something_failed_is_not_taken_over(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), opened(folder) as first:
        raise ZeroDivisionError
    with opened(folder) as second:
        assert second is not first


def test_damage_to_the_files_is_seen_though_a_view_was_open(folder: Path) -> None:
    with opened(folder):
        pass
    for path in folder.glob("*.seg"):
        path.unlink()
    with pytest.raises(BrokenIndex), opened(folder):
        pass


def _add(folder: Path, number: int) -> None:
    backend.build(folder, [make_document(number, "Printer")])


def _count(folder: Path) -> int:
    with backend.reader(folder) as reader:
        return reader.search(SearchQuery(words=("printer",))).total


def _open_files(folder: Path) -> set[str]:
    """Return the segments that this process has mapped, gone ones included."""
    maps = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    return {line.split("/")[-1] for line in maps if str(folder) + os.sep in line}
