"""What calls are made with: a database, an instant, a folder, and people to act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session

from app.core.files import FileStore
from app.models import Answer, Question, User
from tests.factories.answers import make_answer
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.clock import MONDAY_MORNING

HOUR = timedelta(hours=1)
LATER = timedelta(days=100)


@dataclass(frozen=True)
class Scene:
    """Where a call is made."""

    db: Session
    folder: Path
    now: datetime = MONDAY_MORNING + HOUR

    @property
    def later(self) -> datetime:
        """An instant by which whatever waits is due."""
        return self.now + LATER

    @property
    def files(self) -> FileStore:
        """Where uploads lie."""
        return FileStore(self.folder / "uploads")

    def member(self, **facts: Any) -> User:
        """Return a new member whom everybody trusts."""
        return make_user(self.db, **{"reputation": 5_000, **facts})

    def agent(self) -> User:
        """Return a new agent."""
        return self.member(support_role="agent")

    def lead(self) -> User:
        """Return a new lead."""
        return self.member(support_role="lead")

    def admin(self) -> User:
        """Return a new administrator."""
        return self.member(moderation_role="admin")

    def question(self, **facts: Any) -> Question:
        """Return a new question."""
        return make_question(self.db, **{"author": self.member(), **facts})

    def answer(self, **facts: Any) -> Answer:
        """Return an answer to a new question."""
        return make_answer(self.db, question=self.question(answer_count=1), author=self.member(), **facts)


Calls = Mapping[Callable[..., Any], Callable[[Scene], object]]
