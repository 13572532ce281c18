"""An index of the test's own, and a way to let it catch up without waiting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlmodel import Session

from app.domain import questions
from app.domain.search import SearchIndex
from app.models import Question, User
from app.settings import Settings
from tests.support import indexing


@pytest.fixture
def index(settings: Settings) -> SearchIndex:
    return SearchIndex(settings.index_dir)


@pytest.fixture
def catch_up(settings: Settings, now: datetime) -> Callable[[Session], None]:
    """Let the index follow the change feed to its end: `catch_up(db)`."""

    return lambda db: indexing.catch_up(db, settings, now=now)


@pytest.fixture
def ask(db: Session, asker: User, now: datetime) -> Callable[..., Question]:
    """Ask a question about printing: `ask("Title", "body", tags="a, b")`."""

    def post(title: str, body: str = "It happens every time I switch it on.", **more: object) -> Question:
        details = {"tags": "printing", "product_id": None, "environment": {}, **more}
        return questions.ask(db, author=asker, title=title, body=body, now=now, **details)  # type: ignore[arg-type]

    return post
