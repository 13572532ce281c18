"""What the worker does by the clock. Each task must be safe to run in several workers at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.worker import escalating, indexing, mail, reminding, tidying, webhooks


@dataclass(frozen=True)
class Task:
    """Run `run(db, settings, now=...)` every so many seconds; if it did some work, again after its rest."""

    name: str
    every_seconds: float
    run: Callable[..., object]
    rest_seconds: float = 0


SCHEDULE: tuple[Task, ...] = (
    # Writing the index costs nearly as much for one post as for fifty: what is posted meanwhile is collected.
    Task("keep the search index up", 0, indexing.keep_up, rest_seconds=0.5),
    Task("keep the vectors of questions up", 0.5, indexing.keep_vectors),
    Task("tidy the search index", 60, indexing.tidy),
    Task("send mail", 1, mail.send_due),
    Task("send webhooks", 1, webhooks.send_due),
    Task("bring cases in and carry them up", 5, escalating.sweep),
    Task("remind askers", 60, reminding.remind),
    Task("forget what is over", 3600, tidying.forget_old),
)
