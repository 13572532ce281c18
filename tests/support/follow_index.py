"""A process that keeps a search index up until it is killed: `python -m tests.support.follow_index URL FOLDER`.

It says "ready" once, then "at it" before each turn.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.core.db import make_engine, new_session
from app.domain import answers, comments, questions, search
from app.domain.search import SearchIndex

EVERY_EVENT_IS_KNOWN = (answers, comments, questions)


def main(url: str, folder: str) -> None:
    """Follow the change feed, and build anew now and then."""
    engine, index = make_engine(url), SearchIndex(Path(folder))
    turn = 0
    while True:
        print("at it" if turn else "ready", flush=True)
        with new_session(engine) as db:
            if turn % 20 == 0:
                search.rebuild(engine, index)
            search.follow(db, index, limit=3)
        turn += 1


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
