"""Cost of a page, a list, a vote and a claim in a small and in a large community: it must not grow.

    PYTHONPATH=. python benchmarks/growth.py SMALL_DATA_DIR LARGE_DATA_DIR

Both are data folders on SQLite with an index, such as those of 2,000 and of 200,000 imported questions. What is
voted and claimed is undone in the end. Processor milliseconds, so that other work matters little; the median
over different questions. Those like a question are looked for at its first visit, as if nobody had come before.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlmodel import Session, col, select

from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.domain import answers, catalog, escalations, questions, search, votes
from app.domain.search import SearchIndex
from app.models import Question, User
from app.settings import Settings
from app.web.thread import question_page

TIMES = 36
"""Fewer than the votes that a member has for a day."""


def main() -> int:
    """Measure both communities and print them beside each other."""
    small, large = (measure(Path(folder)) for folder in sys.argv[1:3])
    print(f"{'what':28}{'small':>10}{'large':>10}{'ratio':>8}")
    for what in small:
        print(f"{what:28}{small[what]:10.2f}{large[what]:10.2f}{large[what] / small[what]:8.2f}")
    return 0


def measure(folder: Path) -> dict[str, float]:
    """Return the median cost of each act in one community."""
    engine = make_engine(f"sqlite:///{folder / 'peerdesk.db'}")
    index = SearchIndex(Settings(data_dir=folder).index_dir)
    with engine.connect() as connection, undone(connection) as db:
        ids = list(db.exec(select(Question.id).where(col(Question.removed_at).is_(None))))
        chosen = ids[:: max(1, len(ids) // TIMES)][:TIMES]
        member = User(handle="growth", handle_key="growth", display_name="G", created_at=utc_now())
        member.email_verified_at, member.reputation, member.support_role = utc_now(), 500, "agent"
        db.add(member)
        db.commit()
        print(f"{folder}: {len(ids)} questions, {len(chosen)} of them", file=sys.stderr)
        return {
            "first visit, signed in": median(chosen, lambda number: _page(db, number, member, index)),
            "question page, signed in": median(chosen, lambda number: _page(db, number, member)),
            "question page, anonymous": median(chosen, lambda number: _page(db, number, None)),
            "list page": median(chosen, lambda number: _list(db, number)),
            "vote": median(chosen, lambda number: _vote(db, number, member)),
            "escalate and claim": median(chosen, lambda number: _claim(db, number, member)),
        }


def median(chosen: list[int], act: Callable[[int], object]) -> float:
    """Return the median of the processor time of an act, in ms; the first tenth warms up."""
    taken = []
    for number in chosen:
        started = time.process_time()
        act(number)
        taken.append((time.process_time() - started) * 1000)
    return statistics.median(taken[len(taken) // 10 :])


@contextmanager
def undone(connection: Connection) -> Iterator[Session]:
    """Yield a session whose commits are savepoints, all taken back in the end."""
    transaction = connection.begin()
    try:
        with new_session(connection) as db:
            yield db
    finally:
        transaction.rollback()


def _page(db: Session, number: int, viewer: User | None, index: SearchIndex | None = None) -> None:
    db.expunge_all()
    viewer = viewer and db.get_one(User, viewer.id)
    question = questions.visible(db, viewer=viewer, question_id=number)
    related = search.related(db, index, question) if index else ()
    question_page(db, question, viewer=viewer, now=utc_now(), related=related)


def _list(db: Session, number: int) -> None:
    db.expunge_all()
    sort = questions.SORTS[number % len(questions.SORTS)]
    questions.listing(db, questions.ListOf(sort=sort), page=1 + number % 3)
    catalog.popular_tags(db)


def _vote(db: Session, number: int, by: User) -> None:
    post = answers.visible_post(db, viewer=by, post_id=number)
    votes.cast(db, post=post, by=db.get_one(User, by.id), value=1, now=utc_now())


def _claim(db: Session, number: int, by: User) -> None:
    member = db.get_one(User, by.id)
    question = questions.visible(db, viewer=member, question_id=number)
    if question.is_closed or question.duplicate_of_id is not None:
        return
    case = escalations.open_case(db, question=question, code="by_staff", by=member, now=utc_now())
    escalations.claim(db, escalation=case, by=member, now=utc_now())


if __name__ == "__main__":
    sys.exit(main())
