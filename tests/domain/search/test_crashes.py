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

KILLS = 4


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
def test_an_indexer_killed_at_any_moment_loses_and_doubles_nothing(
    real_engine: Engine, tmp_path: Path, now: datetime
) -> None:
    folder = tmp_path / "search"
    posted: set[int] = set()
    with new_session(real_engine) as db:
        moderator = make_user(db, moderation_role="moderator")
        for kill in range(KILLS):
            with follower(real_engine, folder) as saying:
                saying.readline()
                for number in range(8):
                    question = ask(db, f"Zebra {kill} {number} prints stripes", now=now)
                    posted.add(question.id)
                    if number % 4 == 3:
                        questions.remove(db, question=question, by=moderator, reason="A test", now=now)
                    if number > kill:
                        saying.readline()  # let it get one turn further before the next post
    index = SearchIndex(folder)
    with new_session(real_engine) as db:
        while search.follow(db, index):
            pass
        assert search.differences(db, index) == (set(), set())
    with index.opened() as opened:
        ids = list(opened.reader.ids())
        found = opened.reader.search(SearchQuery(words=("zebra",), limit=200))
    assert len(ids) == len(set(ids)) == len(found.hits) == found.total
    assert set(ids) < posted
