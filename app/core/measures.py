"""How many requests a process answered and how long it took, added up over the processes of a machine.

Each process counts in its own memory. With a folder it also writes its counts there every few
seconds, and whichever process is asked adds up what all have written. The file of a process that
ended stays: totals never fall until `forget` is called when the server starts.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the latency histogram, in seconds; what took longer is counted above them."""

WRITTEN_EVERY_SECONDS = 2.0

Answered = tuple[str, str, str]
"""Route, method, class of the status ("2xx")."""


@dataclass
class Totals:
    """Counts of answers, and for each route how many fell between which bounds and the sum of their seconds."""

    answered: Counter[Answered] = field(default_factory=Counter)
    between: dict[str, list[int]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, other: Totals) -> None:
        """Add another process's."""
        self.answered.update(other.answered)
        for route, seconds in other.seconds.items():
            self.seconds[route] = self.seconds.get(route, 0.0) + seconds
        for route, counts in other.between.items():
            mine = self.between.setdefault(route, [0] * len(counts))
            self.between[route] = [one + two for one, two in zip(mine, counts, strict=True)]

    def to_json(self) -> str:
        """Return them as they are written."""
        answered = [[*key, number] for key, number in list(self.answered.items())]
        return json.dumps({"answered": answered, "between": self.between, "seconds": self.seconds})

    @classmethod
    def from_json(cls, text: str) -> Totals:
        """Read what was written."""
        found = json.loads(text)
        answered = Counter({(route, method, status): n for route, method, status, n in found["answered"]})
        return cls(answered, found["between"], found["seconds"])


class Measures:
    """The counts of this process."""

    def __init__(self, folder: Path | None = None) -> None:
        self._own = Totals()
        self._folder = folder
        self._file = folder / f"{os.getpid()}-{secrets.token_hex(4)}.json" if folder else None
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None
        self._changed = threading.Event()

    def count(self, answered: Answered, seconds: float | None) -> None:
        """Count an answer; without seconds it was a stream, whose length says nothing."""
        with self._lock:
            own = self._own
            own.answered[answered] += 1
            if seconds is not None:
                route = answered[0]
                counts = own.between.get(route)
                if counts is None:
                    counts = own.between[route] = [0] * (len(BOUNDS) + 1)
                counts[bisect_left(BOUNDS, seconds)] += 1
                own.seconds[route] = own.seconds.get(route, 0.0) + seconds
        if self._file is not None and not self._changed.is_set():
            self._changed.set()
            if self._writer is None:
                self._writer = threading.Thread(target=self._keep_writing, name="measures", daemon=True)
                self._writer.start()

    def totals(self) -> Totals:
        """Return the counts of all processes that share the folder."""
        total = Totals()
        with self._lock:
            total.add(self._own)
        for path in self._others():
            total.add(Totals.from_json(path.read_text(encoding="utf-8")))
        return total

    def write(self) -> None:
        """Write this process's counts where the others find them."""
        if self._folder is None or self._file is None:
            return
        with self._lock:
            text = self._own.to_json()
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(self._file)

    def _others(self) -> Iterable[Path]:
        if self._folder is None:
            return ()
        return (path for path in sorted(self._folder.glob("*.json")) if path != self._file)

    def _keep_writing(self) -> None:
        pause = threading.Event()
        while True:
            self._changed.wait()
            pause.wait(WRITTEN_EVERY_SECONDS)
            self._changed.clear()
            try:
                self.write()
            except OSError:
                # A full disk is told of elsewhere; the counts stay in memory and are written when it has room.
                self._changed.set()


def forget(folder: Path) -> None:
    """Begin at nothing: the server starts."""
    for path in folder.glob("*.json"):
        path.unlink(missing_ok=True)
