from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from app.core.db import new_session
from app.domain import questions, search
from app.domain.search import SearchIndex
from app.domain.search.documents import SearchQuery
from app.models import Question
from tests.factories.users import make_user

KILLS = 2


@contextmanager
def follower(engine: Engine, folder: Path) -> Iterator[IO[str]]:
    """Run an indexer, give what it says, and kill it at the end, wherever it then is."""
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.support.follow_index", url, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout
        finally:
            process.kill()


def ask(db: Session, title: str, *, now: datetime) -> Question:
    return questions.ask(
        db,
        author=make_user(db),
        title=title,
        body="It happens every time I switch it on.",
        tags="printing",
        product_id=None,
        environment={},
        now=now,
    )


@pytest.mark.slow
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # of PostgreSQL: test_machines.py
def test_indexers_killed_at_any_moment_lose_and_double_nothing(
    real_engine: Engine, tmp_path: Path, now: datetime
) -> None:
    """Two indexers, each with an index of its own, follow one database."""
    folders = [tmp_path / "here", tmp_path / "there"]
    posted: set[int] = set()
    with new_session(real_engine) as db:
        moderator = make_user(db, moderation_role="moderator")
        for kill in range(KILLS):
            with follower(real_engine, folders[0]) as here, follower(real_engine, folders[1]) as there:
                here.readline()
                there.readline()
                for number in range(8):
                    question = ask(db, f"Zebra {kill} {number} prints stripes", now=now)
                    posted.add(question.id)
                    if number % 4 == 3:
                        questions.remove(db, question=question, by=moderator, reason="A test", now=now)
                    if number > kill:
                        (here, there)[
                            number % 2
                        ].readline()  # let one get a turn further before the next post
    for folder in folders:
        _is_as_the_database(real_engine, SearchIndex(folder), among=posted)


def _is_as_the_database(engine: Engine, index: SearchIndex, *, among: set[int]) -> None:
    with new_session(engine) as db:
        while search.follow(db, index):
            pass
        assert search.differences(db, index) == (set(), set())
    with index.opened() as opened:
        ids = list(opened.reader.ids())
        found = opened.reader.search(SearchQuery(words=("zebra",), limit=200))
    assert len(ids) == len(set(ids)) == len(found.hits) == found.total
    assert set(ids) < among
