"""What the worker does by the clock. Each task must be safe to run in several workers at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.worker import escalating, indexing, mail, reminding, tidying, webhooks


@dataclass(frozen=True)
class Task:
    """Run `run(db, settings, now=...)` every so many seconds; if it did some work, again after its rest.

    `land(db, now=..., seconds=...)` ends, in so long at most, what is still on its way when the worker ends.
    """

    name: str
    every_seconds: float
    run: Callable[..., object]
    rest_seconds: float = 0
    land: Callable[..., object] | None = None


def tasks() -> tuple[Task, ...]:
    """Return what one worker does. What it has on its way is its own."""
    letters, calls = mail.Sender(), webhooks.Sender()
    return (
        # Writing the index costs nearly as much for one post as for fifty: what is posted meanwhile is collected.
        Task("keep the search index up", 0, indexing.keep_up, rest_seconds=0.5),
        Task("keep the vectors of questions up", 0.5, indexing.keep_vectors),
        Task("tidy the search index", 60, indexing.tidy),
        Task("bring back what a wrong clock put off", 60, tidying.bring_back),
        Task("send mail", 1, letters.round, land=letters.land),
        Task("send webhooks", 1, calls.round, land=calls.land),
        Task("bring cases in and carry them up", 5, escalating.sweep),
        Task("remind askers", 60, reminding.remind),
        Task("forget what is over", 3600, tidying.forget_old),
    )
