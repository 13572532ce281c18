"""Teams with their people, and cases that weigh on them."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from app.models import Absence, Escalation, Question, SlaPolicyVersion, Team, TeamMember, User
from tests.factories.questions import make_question
from tests.support.clock import MONDAY_MORNING

_numbers = itertools.count(1)


def make_team(db: Session, *members: User, slug: str = "", capacity: int = 20, **facts: Any) -> Team:
    """Save a team with these members."""
    name = slug or f"team-{next(_numbers)}"
    team = Team(**{"slug": name, "name": name.title(), "created_at": MONDAY_MORNING, **facts})
    db.add(team)
    db.flush()
    db.add_all(TeamMember(team_id=team.id or 0, user_id=user.id or 0, capacity=capacity) for user in members)
    db.commit()
    return team


def make_absence(db: Session, *, user: User, starts_at: datetime, ends_at: datetime) -> Absence:
    """Save when somebody is away."""
    absence = Absence(user_id=user.id or 0, starts_at=starts_at, ends_at=ends_at, created_at=MONDAY_MORNING)
    db.add(absence)
    db.commit()
    return absence


def make_case(db: Session, *, question: Question | None = None, **facts: Any) -> Escalation:
    """Save an escalation as a bare row: no clocks, no events."""
    question = question or make_question(db)
    policy = db.exec(select(SlaPolicyVersion.id)).first()
    defaults: dict[str, Any] = {
        "state_since": MONDAY_MORNING,
        "opened_at": MONDAY_MORNING,
        "touched_at": MONDAY_MORNING,
        "policy_version_id": policy,
    }
    case = Escalation(question_id=question.id, **{**defaults, **facts})
    db.add(case)
    db.commit()
    return case
