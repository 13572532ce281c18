"""Killed with -9 while people write: what was acknowledged is there. `benchmarks/crash.py` does it a hundred times."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.fakes.webhook_receiver import receiving
from tests.support import crash, promises_kept


@pytest.mark.slow
def test_what_was_acknowledged_before_a_kill_is_there_once_and_everybody_is_told(
    real_engine: Engine, tmp_path: Path
) -> None:
    with receiving() as receiver:
        forum = crash.prepare(real_engine, tmp_path, receiver, crowds=2, people=2)
        forum.play(random.Random(6), longest=0.8)
        forum.settle()
    faults = promises_kept.faults(forum)
    assert {name: wrong for name, wrong in faults.items() if wrong} == {}


@pytest.mark.slow
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("twin", "fault"),
    [
        ("acknowledge-first", "acknowledged texts missing"),
        ("tell-outside", "changes without their event"),
    ],
)
def test_a_server_that_is_broken_on_purpose_is_found_out(
    real_engine: Engine, tmp_path: Path, twin: str, fault: str
) -> None:
    an_hour = "3600"  # by so much it is late, which is for ever here
    with receiving() as receiver:
        forum = crash.prepare(real_engine, tmp_path, receiver, crowds=1, people=1, twin=(twin, an_hour))
        forum.play(random.Random(6), longest=0.0)
        forum.settle()
    assert promises_kept.faults(forum)[fault]
