"""What agents see beside a question."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlmodel import Session

from app.domain import questions
from app.models import Question, User
from app.settings import Settings
from tests.support import indexing

HEAD = "Perhaps a duplicate of"


@pytest.fixture
def alike(db: Session, asker: User, now: datetime, settings: Settings) -> list[Question]:
    titles = (
        "Docking station is not recognised after sleep",
        "After sleep my docking station is no longer recognised",
    )
    found = [
        questions.ask(
            db,
            author=asker,
            title=title,
            body="The dock stays dark until I unplug the power of the docking station after sleep.",
            tags="dock",
            product_id=None,
            environment={},
            now=now,
        )
        for title in titles
    ]
    indexing.catch_up(db, settings, now=now)
    return found


def test_agents_see_what_an_open_question_may_be_a_duplicate_of_and_nobody_else_does(
    client: Any,
    db: Session,
    alike: list[Question],
    agent: User,
    moderator: User,
    answerer: User,
    now: datetime,
) -> None:
    older, newer = alike
    address = f"/questions/{newer.id}/after-sleep-my-docking-station-is-no-longer-recognised"
    assert HEAD not in client.get(address).text
    assert HEAD not in client.sign_in(answerer).get(address).text
    box = client.sign_in(agent).get(address).text.partition(HEAD)[2].partition("</section>")[0]
    assert f"/questions/{older.id}/docking-station-is-not-recognised-after-sleep" in box
    questions.remove(db, question=older, by=moderator, reason="Private data", now=now)
    assert HEAD not in client.get(address).text
