"""Turns at writing: first come, first served, and nobody's for ever."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.core.turns import IN_VAIN_SECONDS, PATIENCE_SECONDS, Turns

TAKE = """
import sys
from app.core.turns import Turns
with Turns(sys.argv[1]).turn():
    print("mine", flush=True)
    sys.stdin.read()
"""


def taking(path: str) -> subprocess.Popen[str]:
    """Start a process that takes a turn, says so, and keeps it."""
    command = [sys.executable, "-c", TAKE, path]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_threads_have_their_turns_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    turns, served = Turns(str(tmp_path / "data.db")), []

    def serve(number: int) -> None:
        with turns.turn():
            served.append(number)

    threads = [threading.Thread(target=serve, args=(number,)) for number in range(6)]
    with turns.turn():
        for number, thread in enumerate(threads):
            thread.start()
            while turns.in_line < number + 2:
                pass
        assert served == []
    for thread in threads:
        thread.join()
    assert served == list(range(6))


def test_a_turn_that_fails_ends(tmp_path: Path) -> None:
    turns = Turns(str(tmp_path / "data.db"))
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), turns.turn():
            assert 1 / 0
        assert turns.in_line == 0


def test_another_process_has_its_turn_until_it_ends_or_is_killed(tmp_path: Path) -> None:
    path = str(tmp_path / "data.db")
    turns = Turns(path)
    with taking(path) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "mine\n"
        assert not turns.are_wanted()
        with taking(path) as second:
            assert second.stdout is not None
            while not turns.are_wanted():
                pass
            first.kill()
            assert second.stdout.readline() == "mine\n"
            assert not turns.are_wanted()
            second.kill()
    with turns.turn():
        assert turns.are_wanted()


def test_a_disk_that_takes_no_file_stops_nobody(tmp_path: Path) -> None:
    with Turns(str(tmp_path / "nowhere" / "data.db")).turn():
        pass


def test_after_one_who_waited_in_vain_nobody_waits_long_until_a_write_gets_through(tmp_path: Path) -> None:
    turns = Turns(str(tmp_path / "data.db"))
    turns.waited_in_vain = True
    with turns.turn() as left:
        assert left <= IN_VAIN_SECONDS
    with turns.turn(seconds=0.01) as left:
        assert left <= 0.01
    turns.waited_in_vain = False
    with turns.turn() as left:
        assert IN_VAIN_SECONDS < left <= PATIENCE_SECONDS
