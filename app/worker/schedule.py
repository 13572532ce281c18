"""What the worker does by the clock. Each task must be safe to run in several workers at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """Run `run(db, settings, now=...)` every so many seconds; it returns whether there was work (then it is asked again)."""

    name: str
    every_seconds: float
    run: Callable[..., object]


SCHEDULE: tuple[Task, ...] = ()
