from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.domain import accounts, audit
from app.models import AuditEntry, User
from tests.factories.users import make_user


def roles(
    db: Session, *, by: User | None, member: User, now: datetime, support: str = "", moderation: str = ""
) -> None:
    accounts.set_roles(
        db, by=by, member=member, support_role=support, moderation_role=moderation, now=now, reason="a reason"
    )


def test_an_administrator_gives_roles_and_it_is_written_down(db: Session, admin: User, now: datetime) -> None:
    ann = make_user(db, handle="ann")
    roles(db, by=admin, member=ann, support="agent", moderation="moderator", now=now)
    db.refresh(ann)
    assert ann.is_agent
    assert ann.is_moderator
    entry = db.exec(select(AuditEntry)).one()
    assert (entry.action, entry.actor_label, entry.subject_label) == ("user.roles", "admin", "ann")
    assert entry.before == {"support": "", "moderation": ""}
    assert entry.after == {"support": "agent", "moderation": "moderator"}
    assert entry.reason == "a reason"


def test_nobody_else_gives_roles(
    db: Session, moderator: User, lead: User, asker: User, now: datetime
) -> None:
    for by in (moderator, lead, asker):
        with pytest.raises(NotAllowed):
            roles(db, by=by, member=by, moderation="admin", now=now)
    assert db.exec(select(AuditEntry)).first() is None


def test_the_last_administrator_stays_one(db: Session, admin: User, now: datetime) -> None:
    with pytest.raises(Conflict):
        roles(db, by=admin, member=admin, now=now)
    other = make_user(db, handle="other")
    roles(db, by=None, member=other, moderation="admin", now=now)
    roles(db, by=other, member=admin, now=now)
    db.refresh(admin)
    assert not admin.is_staff


def test_there_are_no_other_roles(db: Session, admin: User, asker: User, now: datetime) -> None:
    with pytest.raises(Invalid):
        roles(db, by=admin, member=asker, support="owner", now=now)


def test_a_suspension_has_an_end_and_a_reason_and_can_be_taken_back(
    db: Session, moderator: User, asker: User, now: datetime
) -> None:
    until = now + timedelta(days=7)
    for wrong in ({"until": now, "reason": "Spam."}, {"until": until, "reason": "  "}):
        with pytest.raises(Invalid):
            accounts.suspend(db, by=moderator, member=asker, now=now, **wrong)  # type: ignore[arg-type]
    accounts.suspend(db, by=moderator, member=asker, until=until, reason="Spam.", now=now)
    db.refresh(asker)
    assert asker.is_suspended(now)
    assert not asker.is_suspended(until)
    accounts.release(db, by=moderator, member=asker, now=now)
    db.refresh(asker)
    assert not asker.is_suspended(now)
    with pytest.raises(Conflict):
        accounts.release(db, by=moderator, member=asker, now=now)
    assert [entry.action for entry in audit.entries(db, viewer=moderator).rows] == [
        "user.release",
        "user.suspend",
    ]


def test_moderators_suspend_customers_and_only_administrators_staff(
    db: Session, moderator: User, agent: User, admin: User, asker: User, now: datetime
) -> None:
    until = now + timedelta(days=1)
    for by, member in (
        (moderator, agent),
        (moderator, moderator),
        (agent, asker),
        (asker, moderator),
        (admin, admin),
    ):
        with pytest.raises(NotAllowed):
            accounts.suspend(db, by=by, member=member, until=until, reason="No.", now=now)
    accounts.suspend(db, by=admin, member=moderator, until=until, reason="Yes.", now=now)
    db.refresh(moderator)
    assert moderator.is_suspended(now)


def test_the_audit_log_is_for_staff(db: Session, asker: User, agent: User) -> None:
    assert audit.entries(db, viewer=agent).rows == []
    for viewer in (asker, None):
        with pytest.raises(NotFound):
            audit.entries(db, viewer=viewer)
