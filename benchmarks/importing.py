"""Measure how fast an import goes, and how much memory it takes.

    python benchmarks/importing.py DIR

Imports the dump in DIR into a new SQLite database in a temporary folder, as the command does. The
baseline, measured in the same run, is what any import must do at least: parse the same XML once,
and write the same finished rows with the driver's executemany, by itself and in one process.
Processor seconds are told beside those of the clock: on a busy machine only they can be compared.
"""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

from app.core import schema
from app.core.db import make_engine

TABLES = (
    "users", "tag", "product", "post", "question", "answer", "question_tag", "revision", "comment", "follow",
    "post_link", "badge_award", "reputation_entry", "moved_in",
)  # fmt: skip
AT_ONCE = 1000


def main(folder: Path) -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as temporary:
        data = Path(temporary)
        started, before = time.monotonic(), _children_seconds()
        memory = _import(folder, data)
        seconds, processor = time.monotonic() - started, _children_seconds() - before
        database = data / "peerdesk.db"
        with sqlite3.connect(database) as opened:
            posts = opened.execute("SELECT count(*) FROM post").fetchone()[0]
            comments = opened.execute("SELECT count(*) FROM comment").fetchone()[0]
        parse_clock, parse_processor = _measured(lambda: _parse(folder))
        write_clock, write_processor = _measured(lambda: _write_again(database, data / "again.db"))
    base_clock, base_processor = parse_clock + write_clock, parse_processor + write_processor
    print(f"{folder.name}: {posts:,} posts, {comments:,} comments, {_size(folder) / 1e6:,.0f} MB of XML")
    print(f"import:   {seconds:6.1f} s by the clock, {processor:6.1f} s of processor time")
    print(
        f"          {posts / seconds:8,.0f} posts a second; {2 * posts / processor:,.0f} if two cores were free"
    )
    print(f"baseline: {base_clock:6.1f} s by the clock, {base_processor:6.1f} s of processor time")
    print(f"          (parse once {parse_processor:.1f} s, executemany {write_processor:.1f} s)")
    print(
        f"ratio:    {seconds / base_clock:6.2f} by the clock, {processor / base_processor:6.2f} of processor time"
    )
    print(f"memory:   {memory / 1e6:6.0f} MB at most, all processes, shared pages counted once")


def _import(folder: Path, data: Path) -> int:
    """Run the command; return the most memory that it and its helpers took together."""
    command = [sys.executable, "-m", "app.cli", "import", "stackexchange", str(folder), "--quiet"]
    environment = {**os.environ, "PEERDESK_DATA_DIR": str(data), "PEERDESK_LOG_LEVEL": "error"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        most = max(most, _memory(process.pid))
        threading.Event().wait(0.2)
    if process.returncode:
        sys.exit(process.returncode)
    return most


def _memory(pid: int) -> int:
    """Return the proportional set size of a process and its children (Linux only; elsewhere 0)."""
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        rollups = [Path(f"/proc/{each}/smaps_rollup").read_text() for each in (str(pid), *listed)]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    lines = [line for rollup in rollups for line in rollup.splitlines() if line.startswith("Pss:")]
    return sum(int(line.split()[1]) * 1024 for line in lines)


def _parse(folder: Path) -> None:
    for path in folder.glob("*.xml"):
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda _tag, _attributes: None
        with path.open("rb") as file:
            while chunk := file.read(256 * 1024):
                parser.Parse(chunk)


def _write_again(database: Path, copy: Path) -> None:
    engine = make_engine(f"sqlite:///{copy}")
    schema.migrate(engine)
    engine.dispose()
    source = sqlite3.connect(database)
    target = sqlite3.connect(copy, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=OFF", "cache_size=-32768"):
        target.execute(f"PRAGMA {pragma}")
    for table in TABLES:
        rows = source.execute(f"SELECT * FROM {table}")
        marks = ", ".join("?" * len(rows.description))
        while batch := rows.fetchmany(AT_ONCE):
            target.execute("BEGIN IMMEDIATE")
            target.executemany(f"INSERT INTO {table} VALUES ({marks})", batch)
            target.execute("COMMIT")


def _measured(work: Callable[[], None]) -> tuple[float, float]:
    clock, processor = time.monotonic(), time.process_time()
    work()
    return time.monotonic() - clock, time.process_time() - processor


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.xml"))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
