"""A worker of the queue that goes on until it is killed: `python -m tests.support.sweep_queue URL INSTANT...`.

It says "at it" before each turn, and takes the instants in turn for the present: its clock jumps.
"""

from __future__ import annotations

import itertools
import sys
from datetime import datetime

from sqlmodel import Session

from app.core.db import make_engine, new_session
from app.domain import escalations, outbox
from app.worker.consumers import BY_NAME, CONSUMERS


def work(db: Session, *, now: datetime, limit: int = 200) -> int:
    """Do a turn: jobs, and what is due in the queue; return how much there was."""
    done = outbox.relay(db, consumers=CONSUMERS, now=now)
    while done < limit and outbox.run_next(db, consumers=BY_NAME, now=now):
        done += 1
    return done + escalations.sweep(db, now=now, limit=limit)


def main(url: str, instants: list[str]) -> None:
    """Work for ever."""
    engine = make_engine(url)
    for instant in itertools.cycle(instants):
        print("at it", flush=True)
        with new_session(engine) as db:
            work(db, now=datetime.fromisoformat(instant), limit=3)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
