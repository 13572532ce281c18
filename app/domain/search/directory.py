"""Where an index lies on disk, safe against `kill -9` and power cuts at any moment.

    index_dir/
    ├── CURRENT            names the generation that answers; replaced atomically
    ├── indexer.lock       held (flock) by whoever changes the current generation
    ├── rebuild.lock       held by whoever builds the next one
    ├── PROGRESS           how far that one is: threads done, and all of them
    └── gen-<number>/      one index: generation.json, POSITION, WORDS, INCOMPLETE and the engine's own files

POSITION says how far the change feed has been applied. It is written after the engine's commit:
what it names is surely in the index, and what came after may be applied twice, which changes nothing.
INCOMPLETE says that something before POSITION was too much to follow and is left to the next generation.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.domain.search.backend import BrokenIndex

KEEP_OLD_SECONDS = 60


@dataclass(frozen=True)
class Generation:
    """One index on disk."""

    path: Path
    engine: str
    schema: int

    def position(self) -> str:
        """Return how far the change feed was applied, empty when never; raise BrokenIndex."""
        return self._read("POSITION")

    def set_position(self, position: str) -> None:
        """Record how far the feed was applied, durably."""
        _write_durably(self.path / "POSITION", position)

    def words(self) -> frozenset[str]:
        """Return the words that staff protected from stemming when it was written; raise BrokenIndex."""
        return frozenset(self._read("WORDS").split())

    def set_words(self, words: frozenset[str]) -> None:
        """Record, durably, with which words it is written."""
        _write_durably(self.path / "WORDS", " ".join(sorted(words)))

    @property
    def is_complete(self) -> bool:
        """Whether everything up to its position is in it."""
        return not (self.path / "INCOMPLETE").exists()

    def mark_incomplete(self) -> None:
        """Record, durably, that something was left out."""
        if self.is_complete:
            _write_durably(self.path / "INCOMPLETE", "")

    def _read(self, name: str) -> str:
        try:
            return (self.path / name).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""
        except UnicodeDecodeError as error:
            raise BrokenIndex(f"{name} can't be read") from error


class IndexDirectory:
    """A machine's index directory."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def current(self) -> Generation | None:
        """Return the generation that answers, or None: before the first was built, or when what names it is damaged."""
        try:
            name = (self.path / "CURRENT").read_text(encoding="ascii").strip()
            return _generation(self.path / name)
        except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
            return None

    def stamp(self) -> str:
        """Return what differs as soon as other answers may come: which generation it is, and how far it was written.

        What is found after reading it is of that state or a newer one.
        """
        try:
            name = (self.path / "CURRENT").read_text(encoding="ascii")
            return f"{name} {(self.path / name / 'POSITION').read_text(encoding='ascii')}"
        except (OSError, ValueError):
            return ""

    def start(self, *, engine: str, schema: int) -> Generation:
        """Make the folder of a new generation, which answers nobody before `activate`."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.path / f"gen-{time.time_ns()}"
        path.mkdir(mode=0o700)
        meta = {"engine": engine, "schema": schema}
        _write_durably(path / "generation.json", json.dumps(meta))
        return Generation(path, engine, schema)

    def activate(self, generation: Generation) -> None:
        """Let a finished generation answer, atomically."""
        _sync_folder(generation.path)
        _write_durably(self.path / "CURRENT", generation.path.name)

    def remove_old(self) -> None:
        """Remove generations that no longer answer; a reader that is still at work gets a minute to finish."""
        current = self.current()
        for path in self.path.glob("gen-*"):
            is_current = current is not None and path == current.path
            if not is_current and time.time() - path.stat().st_mtime > KEEP_OLD_SECONDS:
                shutil.rmtree(path, ignore_errors=True)

    def progress(self) -> tuple[int, int] | None:
        """Return how many threads of how many the next generation has; None when none is being built."""
        with self.rebuilding() as is_ours:
            if is_ours:
                return None  # nobody holds the lock: what the file says is over
        try:
            done, total = (self.path / "PROGRESS").read_text(encoding="ascii").split()
        except (FileNotFoundError, ValueError):
            return None
        return int(done), int(total)

    def show_progress(self, done: int, total: int) -> None:
        """Tell others how far the next generation is."""
        temporary = self.path / f"PROGRESS.{os.getpid()}.tmp"
        temporary.write_text(f"{done} {total}", encoding="ascii")
        temporary.replace(self.path / "PROGRESS")

    @contextmanager
    def writing(self, *, wait: bool = False) -> Iterator[bool]:
        """Hold the right to change the current generation; yields False when another process has it."""
        with _locked(self.path, "indexer.lock", wait=wait) as is_ours:
            yield is_ours

    @contextmanager
    def rebuilding(self, *, wait: bool = False) -> Iterator[bool]:
        """Hold the right to build the next generation; yields False when another process has it."""
        with _locked(self.path, "rebuild.lock", wait=wait) as is_ours:
            yield is_ours


def _generation(path: Path) -> Generation:
    meta = json.loads((path / "generation.json").read_text(encoding="ascii"))
    return Generation(path, str(meta["engine"]), int(meta["schema"]))


@contextmanager
def _locked(folder: Path, name: str, *, wait: bool) -> Iterator[bool]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)  # the kernel gives the lock back, also after kill -9


def _write_durably(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
