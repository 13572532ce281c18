"""Cut the power after every acknowledgement, on paper: replay what was written, without what was not yet synced.

    PYTHONPATH=. python benchmarks/power_cut.py [--posts 250] [--images 3] [--seed 1]

`kill -9` can't show this: what a killed process has written, the system still has. So a process that posts is
traced (strace): each write, truncation and fsync of the database and its log, and each acknowledgement, in their
order. For each acknowledgement the files are built as a power cut just after it could have left them: all that was
synced, and of what was not either nothing or a part drawn by chance, by sectors. The image is opened, checked
and searched for every post acknowledged so far. Done with synchronous=FULL, as Peerdesk sets it, and for
comparison with NORMAL and OFF. Exits 1 when FULL has lost anything, or when NORMAL has not (then nothing is shown).
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from app.core import schema
from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.domain import questions
from app.models import User
from tests.factories.users import make_user

MODES = ("FULL", "NORMAL", "OFF")
SECTOR = 512
_CALL = re.compile(r'^(\w+)\((\d+)<([^>]*)>(?:, "((?:\\x[0-9a-f]{2})*)")?(?:, (\d+))?(?:, (\d+))?\) += (\d+)')
_TRACED = "trace=pwrite64,write,ftruncate,fsync,fdatasync"
_LONGEST = "1000000"


@dataclass(frozen=True)
class Call:
    """A call that was traced."""

    name: str
    path: str
    data: bytes
    numbers: tuple[int, ...]


@dataclass
class Disk:
    """What is surely on disk of each file, and what was written since."""

    synced: dict[str, bytearray]
    waiting: dict[str, list[Call]] = field(default_factory=dict)

    def take(self, call: Call) -> None:
        """Note a call."""
        if call.name in ("fsync", "fdatasync"):
            for written in self.waiting.pop(call.path, []):
                _apply(self.synced.setdefault(call.path, bytearray()), written)
        else:
            self.waiting.setdefault(call.path, []).append(call)

    def image(self, chance: random.Random | None) -> dict[str, bytearray]:
        """Return the files after a cut: without what waits, or with sectors of it drawn by chance."""
        files = {path: bytearray(content) for path, content in self.synced.items()}
        if chance is not None:
            for path, calls in self.waiting.items():
                for call in calls:
                    for part in _sectors(call):
                        if chance.random() < 0.5:
                            _apply(files.setdefault(path, bytearray()), part)
        return files


def main() -> int:
    """Write, replay, and say what was lost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--posts", type=int, default=250)
    parser.add_argument("--images", type=int, default=3, help="images for each acknowledgement")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", nargs=2, metavar=("FILE", "MODE"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.write:
        write(*args.write, posts=args.posts)
        return 0
    if shutil.which("strace") is None:
        raise SystemExit("This needs strace (apt-get install strace).")
    lost = {}
    for mode in MODES:
        with tempfile.TemporaryDirectory(prefix="peerdesk-power-") as folder:
            lost[mode] = measure(Path(folder), mode, args)
    return int(lost["FULL"] > 0 or lost["NORMAL"] == 0)


def measure(folder: Path, mode: str, args: argparse.Namespace) -> int:
    """Let a process post, cut the power after each acknowledgement; return how many posts were lost at worst."""
    base = folder / "forum.db"
    engine = make_engine(f"sqlite:///{base}")
    schema.migrate(engine)
    with new_session(engine) as db:
        make_user(db, moderation_role="moderator")
        db.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
    disk = Disk({str(base): bytearray(base.read_bytes())})
    chance, acknowledged, images, damaged, worst, total = random.Random(args.seed), [], 0, 0, 0, 0
    for call in traced(folder, base, mode, args.posts):
        if call.path.startswith(str(base)):
            if not call.path.endswith("-shm"):
                disk.take(call)
            continue
        if not call.data.startswith(b"posted "):
            continue
        acknowledged.append(int(call.data.split()[1]))
        for number in range(args.images):
            images += 1
            missing = missing_in(disk.image(chance if number else None), base, folder / "cut", acknowledged)
            if missing is None:
                damaged += 1
            else:
                total += len(missing)
                worst = max(worst, len(missing))
    print(
        f"synchronous={mode:7} {len(acknowledged)} acknowledged, {images} images: "
        f"{damaged} damaged, at worst {worst} acknowledged posts lost ({total} in all images)",
        flush=True,
    )
    return worst + damaged


def traced(folder: Path, base: Path, mode: str, posts: int) -> Iterator[Call]:
    """Run the writer and yield what it did, in order."""
    trace = folder / "trace"
    strace = ["strace", "-y", "-xx", "-s", _LONGEST, "-e", _TRACED, "-o", str(trace)]
    writer = [sys.executable, __file__, "--posts", str(posts), "--write", str(base), mode]
    subprocess.run([*strace, *writer], check=True, stdout=subprocess.DEVNULL)
    with trace.open() as lines:
        for line in lines:
            found = _CALL.match(line)
            if found:
                name, _handle, path, data, *numbers, _result = found.groups()
                yield Call(
                    name,
                    bytes.fromhex(path.replace("\\x", "")).decode() if path.startswith("\\x") else path,
                    bytes.fromhex((data or "").replace("\\x", "")),
                    tuple(int(number) for number in numbers if number),
                )


def write(file: str, mode: str, *, posts: int) -> None:
    """Post, and acknowledge each post when the service has returned."""
    engine = make_engine(f"sqlite:///{file}")

    def set_mode(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA synchronous = {mode}")

    event.listen(engine, "connect", set_mode)
    with new_session(engine) as db:
        author = db.get_one(User, 1)
        for number in range(posts):
            asked = questions.ask(
                db,
                author=author,
                title=f"Zebra number {number} prints stripes",
                body="It happens every time I switch it on. " * (1 + number % 50),
                tags="printing",
                product_id=None,
                environment={},
                now=utc_now(),
            )
            sys.stdout.write(f"posted {asked.id}\n")
            sys.stdout.flush()


def missing_in(
    files: dict[str, bytearray], base: Path, folder: Path, acknowledged: list[int]
) -> set[int] | None:
    """Return which acknowledged posts are not in an image; None when it is damaged."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path, content in files.items():
        (folder / Path(path).name).write_bytes(content)
    try:
        with sqlite3.connect(folder / base.name) as found:
            if found.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                return None
            ids = {row[0] for row in found.execute("SELECT id FROM question")}
    except sqlite3.DatabaseError:
        return None
    return set(acknowledged) - ids


def _apply(content: bytearray, call: Call) -> None:
    if call.name == "ftruncate":
        (length,) = call.numbers
        del content[length:]
        content.extend(bytes(length - len(content)))
        return
    start = call.numbers[1]
    content.extend(bytes(max(0, start - len(content))))
    content[start : start + len(call.data)] = call.data


def _sectors(call: Call) -> Iterator[Call]:
    if call.name == "ftruncate":
        yield call
        return
    for offset in range(0, len(call.data), SECTOR):
        part = call.data[offset : offset + SECTOR]
        yield Call(call.name, call.path, part, (len(part), call.numbers[1] + offset))


if __name__ == "__main__":
    sys.exit(main())
