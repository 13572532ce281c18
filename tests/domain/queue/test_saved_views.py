"""Saved views, and who has a case open."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from app.core.errors import Invalid, NotFound
from app.domain import queue
from app.models import EscalationPresence, User
from tests.factories.teams import make_case
from tests.factories.users import make_user

WANTED = queue.read({"view": "mine", "priority": "urgent", "sort": "oldest", "columns": "state,owner"})


def test_a_view_is_kept_replaced_shared_and_removed(db: Session, now: datetime, agent: User) -> None:
    other = make_user(db, support_role="agent")
    view = queue.save_view(db, by=agent, name="  Urgent   ones ", listing=WANTED, now=now)

    assert (view.name, view.filters, view.sort) == (
        "Urgent ones",
        {"view": "mine", "priority": "urgent"},
        "oldest",
    )
    assert view.columns == ["state", "owner"]
    assert queue.saved_views(db, viewer=other) == []
    with pytest.raises(NotFound):
        queue.saved_view(db, viewer=other, view_id=view.id or 0)
    again = queue.save_view(
        db, by=agent, name="Urgent ones", listing=queue.Listing(), is_shared=True, now=now
    )
    assert (again.id, again.filters) == (view.id, {})
    assert [each.id for each in queue.saved_views(db, viewer=other)] == [view.id]
    with pytest.raises(NotFound):
        queue.remove_view(db, view=view, by=other)
    queue.remove_view(db, view=view, by=agent)
    assert queue.saved_views(db, viewer=agent) == []


def test_cases_are_counted_by_filters_where_their_view_is_not_too_large(
    db: Session, now: datetime, agent: User
) -> None:
    for priority in ("urgent", "urgent", "normal"):
        make_case(db, priority=priority)
    wanted = {
        1: queue.Filters(priority=("urgent",)),
        2: queue.Filters(view="mine", priority=("urgent",)),
        3: queue.Filters(owner="none"),
    }

    def counted(**common: int) -> dict[int, int]:
        known = {**queue.counts(db, viewer=agent, now=now), **common}
        return queue.narrow_counts(db, viewer=agent, wanted=wanted, common=known, now=now)

    assert counted() == {1: 2, 2: 0, 3: 3}
    assert counted(open=queue.MANY) == {2: 0}
    with pytest.raises(NotFound):
        queue.narrow_counts(db, viewer=make_user(db), wanted=wanted, common={}, now=now)


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_view_needs_a_name(db: Session, now: datetime, agent: User, name: str) -> None:
    with pytest.raises(Invalid, match="at most 60"):
        queue.save_view(db, by=agent, name=name, listing=WANTED, now=now)


def test_others_see_who_has_a_case_open_until_they_leave_or_fall_silent(
    db: Session, now: datetime, agent: User, lead: User
) -> None:
    case = make_case(db)
    number = case.id or 0

    def seen_by(viewer: User, at: datetime) -> list[tuple[str, bool]]:
        here = queue.present(db, viewer=viewer, case_ids=[number], now=at).get(number, [])
        return [(one.user.handle, one.is_replying) for one in here]

    queue.seen(db, escalation_id=number, by=agent, now=now)
    queue.seen(db, escalation_id=number, by=agent, doing="replying", now=now)
    queue.seen(db, escalation_id=number, by=lead, now=now)

    assert seen_by(lead, now) == [("agent", True)]
    assert seen_by(agent, now) == [("lead", False)]
    assert seen_by(lead, now + timedelta(minutes=1)) == []
    queue.left(db, escalation_id=number, by=agent)
    assert seen_by(lead, now) == []
    queue.forget_absent(db, now=now + timedelta(hours=1))
    assert db.exec(select(EscalationPresence)).all() == []


def test_only_who_works_on_cases_is_seen(db: Session, now: datetime, moderator: User, agent: User) -> None:
    case = make_case(db)
    with pytest.raises(NotFound):
        queue.seen(db, escalation_id=case.id or 0, by=moderator, now=now)
    with pytest.raises(NotFound):
        queue.seen(db, escalation_id=999_999, by=agent, now=now)
    with pytest.raises(Invalid):
        queue.seen(db, escalation_id=case.id or 0, by=agent, doing="sleeping", now=now)
