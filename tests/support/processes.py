"""Several processes at work on one database, each with an engine of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.synchronize import Barrier
from typing import Any

from sqlmodel import Session

from app.core.db import make_engine, new_session
from app.core.errors import DomainError
from app.domain import answers, comments, escalations, me_too, moderation, questions, suggestions, votes
from app.models import Answer, Escalation, Flag, Question, SuggestedEdit, User

COUNT = 4
Order = tuple[str, dict[str, Any]]
"""The name of one of VERBS, and its arguments by ids."""

_together: Barrier


@contextmanager
def workers() -> Iterator[ProcessPoolExecutor]:
    """Provide COUNT processes for `all_do`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.support.processes"])
    barrier = context.Barrier(COUNT)
    with ProcessPoolExecutor(COUNT, context, _remember, (barrier,)) as pool:
        yield pool


def all_do(
    pool: ProcessPoolExecutor, url: str, orders: Sequence[Sequence[Order]], *, now: datetime
) -> list[list[str]]:
    """Let each process carry out its orders, all starting at one moment; return what each came to.

    "done", or the name of the DomainError that refused it. Anything else that is raised is raised here.
    """
    assert len(orders) == COUNT
    futures = [pool.submit(_do, url, own, now) for own in orders]
    return [future.result(timeout=120) for future in futures]


def ask(db: Session, *, now: datetime, by: int, product: int, tags: str) -> None:
    body = "It worked before the update; a restart did not help."
    parts: dict[str, Any] = {"title": f"No sound after the update of {tags}", "body": body, "environment": {}}
    author = db.get_one(User, by)
    questions.ask(db, author=author, tags=tags, product_id=product, now=now, **parts)


def answer(db: Session, *, now: datetime, by: int, question: int) -> None:
    body = "Reset the mixer to its defaults, then restart."
    answers.post(db, question=db.get_one(Question, question), author=db.get_one(User, by), body=body, now=now)


def comment(db: Session, *, now: datetime, by: int, post: int) -> None:
    author = db.get_one(User, by)
    comments.post(db, post=_post(db, post), author=author, body="Which version is it?", now=now)


def vote(db: Session, *, now: datetime, by: int, post: int, value: int) -> None:
    votes.cast(db, post=_post(db, post), by=db.get_one(User, by), value=value, now=now)


def accept(db: Session, *, now: datetime, by: int, answer: int) -> None:
    answers.accept(db, answer=db.get_one(Answer, answer), by=db.get_one(User, by), now=now)


def unaccept(db: Session, *, now: datetime, by: int, question: int) -> None:
    answers.unaccept(db, question=db.get_one(Question, question), by=db.get_one(User, by), now=now)


def remove(db: Session, *, now: datetime, by: int, answer: int) -> None:
    found = db.get_one(Answer, answer)
    answers.remove(db, answer=found, by=db.get_one(User, by), reason="Advertising.", now=now)


def restore(db: Session, *, now: datetime, by: int, answer: int) -> None:
    answers.restore(db, answer=db.get_one(Answer, answer), by=db.get_one(User, by), now=now)


def say_me_too(db: Session, *, now: datetime, by: int, question: int) -> None:
    me_too.add(db, question=db.get_one(Question, question), by=db.get_one(User, by), now=now)


def close(db: Session, *, now: datetime, by: int, question: int, original: int) -> None:
    repeated, first = db.get_one(Question, question), db.get_one(Question, original)
    questions.close(
        db, question=repeated, by=db.get_one(User, by), reason="duplicate", original=first, now=now
    )


def approve(db: Session, *, now: datetime, by: int, suggestion: int) -> None:
    found = db.get_one(SuggestedEdit, suggestion)
    suggestions.approve(db, suggestion=found, by=db.get_one(User, by), now=now)


def flag(db: Session, *, now: datetime, by: int, post: int) -> None:
    moderation.flag(db, subject=_post(db, post), by=db.get_one(User, by), reason="spam", now=now)


def decide(db: Session, *, now: datetime, by: int, flag: int) -> None:
    moderator, found = db.get_one(User, by), db.get_one(Flag, flag)
    moderation.decide(db, flag=found, by=moderator, helpful=True, act="spam", reason="Advertising.", now=now)


def claim(db: Session, *, now: datetime, by: int, escalation: int) -> None:
    case = db.get_one(Escalation, escalation)
    escalations.claim(db, escalation=case, by=db.get_one(User, by), now=now)


VERBS: dict[str, Callable[..., None]] = {
    verb.__name__: verb
    for verb in (
        *(ask, answer, comment, vote, accept, unaccept, remove, restore, say_me_too, close),
        *(approve, flag, decide, claim),
    )
}


def _remember(barrier: Barrier) -> None:
    global _together  # noqa: PLW0603 (a pool's initializer has no other way to hand something over)
    _together = barrier


def _do(url: str, orders: Sequence[Order], now: datetime) -> list[str]:
    engine = make_engine(url)
    engine.connect().close()
    _together.wait(timeout=60)
    try:
        return [_outcome(new_session(engine), name, arguments, now) for name, arguments in orders]
    finally:
        engine.dispose()


def _outcome(db: Session, name: str, arguments: dict[str, Any], now: datetime) -> str:
    with db:
        try:
            VERBS[name](db, now=now, **arguments)
        except DomainError as refusal:
            return type(refusal).__name__
    return "done"


def _post(db: Session, post_id: int) -> Question | Answer:
    return db.get(Question, post_id) or db.get_one(Answer, post_id)
