"""Memory that is given back."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from app.core import heap

PIECES, SIZE = 4_000, 10_000


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' C libraries do it their own way")
def test_what_lies_between_things_that_are_kept_is_given_back() -> None:
    pieces: list[bytes | None] = [os.urandom(1) * SIZE for _ in range(PIECES)]
    for number in range(PIECES):
        if number % 50:
            pieces[number] = None
    before = _resident()
    heap.give_back()
    assert before - _resident() > PIECES * SIZE / 2
    assert sum(each is not None for each in pieces) == PIECES / 50


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
