"""Taking turns."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.core.db import LOCK, atomic
from app.domain.teams.assignment import WEIGHTS, choose
from app.domain.teams.queries import turn_takers
from app.models import Question, Team, TeamMember, User


@atomic
def candidate(
    db: Session, *, team: Team, question: Question, now: datetime, priority: str = "normal"
) -> User | None:
    """Return who gets a case about this question, and count it as their turn; None leaves it in the queue.

    The caller gives them the case in the same transaction: until then others who ask wait, so no two
    cases are given by the same state of things.
    """
    if team.assignment == "manual":
        return None
    row = db.get_one(Team, team.id, with_for_update=LOCK, populate_existing=True)
    able = turn_takers(db, team=row, question=question, now=now)
    chosen = choose(row.assignment, able, weight=WEIGHTS[priority], asker_id=question.author_id)
    if chosen is None:
        return None
    turn = db.get_one(TeamMember, (row.id, chosen))
    turn.last_assigned_at = now
    db.add(turn)
    db.flush()
    return db.get_one(User, chosen)
