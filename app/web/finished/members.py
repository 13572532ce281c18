"""Who asks, and which of the pages that members share is right for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import anyio.to_thread
from sqlalchemy import Connection, Engine
from sqlmodel import Session

from app.core.db import new_session
from app.domain import accounts, escalations, marks, notifications, reputation
from app.models import User
from app.web.identity import SignedInAs
from app.web.staff_box import StaffBox

READERS = 2
"""Readings at a time, apart from page work: on SQLite each is some statements, and most come from the memory."""

KEPT_AT_MOST = 20_000

Case = tuple[int, str, str]
"""What the box for staff says: the case's id, its state in words, its owner's name."""


@dataclass(frozen=True)
class Audience:
    """Members who see the same page: of the same rights, with the same marks in the thread, in the same colours."""

    theme: str
    support_role: str
    moderation_role: str
    is_verified: bool
    privileges: frozenset[str]
    marks: marks.Marks
    case: Case | None = None


@dataclass(frozen=True)
class Reading:
    """A member who asks for a page."""

    viewer: SignedInAs
    token: str
    audience: Audience


@dataclass
class Members:
    """Reads who asks. What was read is kept as long as nothing at all is committed to the database."""

    bind: Engine | Connection
    _limiter: anyio.CapacityLimiter | None = None
    _stamp: int | None = None
    _kept: dict[tuple[str, int], tuple[datetime, Reading | None]] = field(default_factory=dict)

    async def reading(
        self, token: str, question_id: int, *, stamp: int | None, now: datetime
    ) -> Reading | None:
        """Return who asks for a thread (0: for a list); None for who has to be answered for themselves.

        `stamp` is the follower's: equal stamps mean an unchanged database.
        """
        if stamp is None or stamp != self._stamp:
            self._kept.clear()
            self._stamp = stamp
        until, found = self._kept.get((token, question_id), (now, None))
        if until <= now:
            self._limiter = self._limiter or anyio.CapacityLimiter(READERS)
            until, found = await anyio.to_thread.run_sync(
                self._read, token, question_id, now, limiter=self._limiter
            )
            if stamp is not None and stamp == self._stamp and len(self._kept) < KEPT_AT_MOST:
                self._kept[token, question_id] = until, found
        return found

    def _read(self, token: str, question_id: int, now: datetime) -> tuple[datetime, Reading | None]:
        with new_session(self.bind) as db:
            login = accounts.login(db, token=token, now=now)
            if login is None or accounts.is_due(login, now=now) or login.user.is_suspended(now):
                return now, None
            user = login.user
            found = (
                marks.in_thread(db, member_id=user.id or 0, question_id=question_id)
                if question_id
                else marks.Marks()
            )
            if found.wrote or found.has_draft or found.has_news:
                return now, None
            viewer = SignedInAs.copy_of(user, unread_count=notifications.unread_count(db, user))
            case = _case(db, user, question_id)
            return accounts.due_at(login), Reading(viewer, token, audience(user, found, case))


def audience(user: User, found: marks.Marks, case: Case | None) -> Audience:
    """Return among whom a member is, with these marks."""
    return Audience(
        theme=user.theme,
        support_role=user.support_role,
        moderation_role=user.moderation_role,
        is_verified=user.email_verified_at is not None,
        privileges=frozenset(one.key for one in reputation.PRIVILEGES if reputation.may(user, one.key)),
        marks=found,
        case=case,
    )


def case_in(box: StaffBox | None) -> Case | None:
    """Return what a box for staff says of a case."""
    if box is None or box.case is None:
        return None
    owner = box.case.owner
    return box.case.id or 0, box.case.state, owner.display_name if owner else ""


def _case(db: Session, user: User, question_id: int) -> Case | None:
    if not question_id or not escalations.may_work(user):
        return None
    case = escalations.of_question(db, user, question_id)
    return None if case is None else case_in(StaffBox(case, "", may_escalate=False))
