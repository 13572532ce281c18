"""`peerdesk import stackexchange`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import dumps
from tests.support.dumps import answer, question, user, vote


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return dumps.write(
        tmp_path / "robots",
        Users=[user(1, "Ann")],
        Posts=[question(1, AcceptedAnswerId=2), answer(2, 1)],
        Votes=[vote(1, 1, 2), vote(2, 99, 2)],
    )


def peerdesk(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own: it starts others."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        env={**os.environ, "PEERDESK_DATA_DIR": str(tmp_path / "data"), "PEERDESK_LOG_LEVEL": "error"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_prints_its_progress_and_a_report_and_writes_one_for_programs(
    folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "report.json"
    done = peerdesk(tmp_path, "import", "stackexchange", str(folder), "--report", str(path))
    assert done.returncode == 0
    assert "Taking posts" in done.stderr
    assert "100%" in done.stderr
    assert "\x1b" not in done.stderr  # no tricks where there is no terminal
    assert "its post is not in the dump, or was left out" in done.stdout
    report = json.loads(path.read_text())
    assert report["source"] == "robots"
    assert report["tables"]["Votes"] == {
        "read": 2,
        "taken": 1,
        "left_out": 1,
        "left_out_by_reason": {"its post is not in the dump, or was left out": 1},
        "adapted_by_reason": {},
    }

    again = peerdesk(tmp_path, "import", "stackexchange", str(folder), "--quiet")
    assert again.returncode == 0
    assert "nothing new" in again.stdout
    assert again.stderr == ""


def test_a_damaged_dump_is_refused_with_file_and_place(folder: Path, tmp_path: Path) -> None:
    posts = folder / "Posts.xml"
    posts.write_bytes(posts.read_bytes()[:-30])
    done = peerdesk(tmp_path, "import", "stackexchange", str(folder), "--quiet")
    assert done.returncode == 1
    assert "peerdesk: Posts.xml is cut off or damaged at line" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_no_dump_is_refused(tmp_path: Path) -> None:
    done = peerdesk(tmp_path, "import", "stackexchange", str(tmp_path), "--quiet")
    assert done.returncode == 1
    assert "is no Stack Exchange dump: Users.xml and Posts.xml missing" in done.stderr
