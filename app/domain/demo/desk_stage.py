"""The support of the sample company at work: time passes, the rules bring questions, agents do what they did.

Between the acts of the forum the sweep runs at each instant at which something falls due, as the worker
would have run it. What the script does not say about a case, a routine does: somebody looks at it, and
says that it is done once there is an answer.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.domain import escalations, outbox, teams
from app.domain.demo.desk_moves import make, say_a_word
from app.domain.demo.desk_script import AbsenceText, DeskScript, Move
from app.domain.demo.desk_setting import set_up
from app.domain.demo.schedule import Act, BeAway, OpenDesk
from app.domain.demo.stage import Stage
from app.domain.outbox import Consumer, Event
from app.models import Absence, EntryWatch, Escalation, Question, SlaClock, TeamMember, User

Named = Callable[[str], User]
Consumers = Mapping[type[Event], Sequence[Consumer]]
"""What reacts to which event, as the worker's table has it."""

SEED = 21
"""How long the routine takes is drawn by lot, and this makes every draw the same."""

_SWEEPS_AT_MOST = 4_000
_NIGHTLY = timedelta(hours=12)
_LOOKS_AFTER = timedelta(minutes=150)
_DONE_AFTER = timedelta(hours=9)
_SEEN_AFTER = timedelta(hours=70)
_SELDOM = 8
"""Who carries no more than this leads, and takes cases only when they are given to them."""


class Desk:
    """The desk of the sample community."""

    def __init__(
        self,
        db: Session,
        *,
        script: DeskScript,
        named: Named,
        consumers: Consumers,
    ) -> None:
        self._db = db
        self._script = script
        self._named = named
        self._consumers = {
            event: [consumer for consumer in listed if not consumer.__name__.startswith("tell_")]
            for event, listed in consumers.items()
        }  # nobody is told of the past
        self._chance = Random(SEED)  # noqa: S311 (how fast a sample agent is, is no secret)
        self._scripted_ids: set[int] = set()
        self._seen = outbox.START
        self._swept_at: datetime | None = None
        self._routine: list[tuple[datetime, int, str, int]] = []
        self._numbers = itertools.count()

    def perform(self, act: Act, stage: Stage) -> None:
        """Do what staff do at the desk."""
        if isinstance(act.deed, OpenDesk):
            set_up(self._db, self._script, named=self._named, now=act.at)
            self._seen = outbox.end_of_feed(self._db)  # what happened before does not count
            self._swept_at = act.at
        elif isinstance(act.deed, BeAway):
            self._note_absence(act.deed.text, act.at)
        elif isinstance(act.deed, Move) and act.spot is not None:
            question = stage.question(act.spot.question)
            self._scripted_ids.add(question.id)
            make(self._db, act.deed, question, named=self._named, now=act.at)

    def react(self) -> None:
        """Let cases see what happened since the last time, at the instants at which it happened."""
        if self._swept_at is None:
            return
        while events := outbox.committed(self._db, after=self._seen, limit=100):
            for recorded in events:
                self._seen = recorded.position
                for consumer in self._consumers.get(type(recorded.event), ()):
                    consumer(self._db, recorded, now=recorded.at)
                self._plan_routine(recorded.event, recorded.at)

    def pass_time(self, until: datetime) -> None:
        """Do what falls due before an instant, each at its own."""
        if self._swept_at is None:
            return
        for _ in range(_SWEEPS_AT_MOST):
            at = self._next_due(until)
            if at is None:
                break
            self._swept_at = at
            escalations.sweep(self._db, now=at)
            self._do_routine(at)
            self.react()
        self._swept_at = until

    def _note_absence(self, text: AbsenceText, now: datetime) -> None:
        teams.add_absence(
            self._db,
            user=self._named(text.by),
            starts_at=now + text.starts,
            ends_at=now + text.until,
            reason=text.reason,
            by=None,
            now=now,
        )

    def _next_due(self, until: datetime) -> datetime | None:
        """Return the next instant at which something is due, or half a day on; None at `until`."""
        last = self._swept_at or until
        absences = select(func.min(Absence.starts_at)).where(col(Absence.returned_at).is_(None))
        due = [
            select(func.min(EntryWatch.due_at)).scalar_subquery(),
            select(func.min(SlaClock.next_step_at)).scalar_subquery(),
            select(func.min(Escalation.snoozed_until)).scalar_subquery(),
            absences.scalar_subquery(),
        ]
        found = [
            *self._db.execute(select(*due)).one(),
            self._routine[0][0] if self._routine else None,
            last + _NIGHTLY,
        ]
        at = max(last + timedelta(minutes=1), min(instant for instant in found if instant is not None))
        return at if at < until else None

    def _plan_routine(self, event: Event, at: datetime) -> None:
        """Let somebody look at a case that came, and end one that was answered."""
        if event.question_id in self._scripted_ids:
            return  # the script says what is done
        if isinstance(event, escalations.EscalationOpened):
            self._later("look", event.escalation_id, at, _LOOKS_AFTER)
        elif isinstance(event, escalations.EscalationReplied | escalations.EscalationReopened):
            self._later("finish", event.escalation_id, at, _DONE_AFTER)

    def _later(self, what: str, case_id: int, at: datetime, mean: timedelta) -> None:
        wait = timedelta(seconds=60 + self._chance.expovariate(1 / mean.total_seconds()))
        heapq.heappush(self._routine, (at + wait, next(self._numbers), what, case_id))

    def _do_routine(self, now: datetime) -> None:
        while self._routine and self._routine[0][0] <= now:
            _at, _number, what, case_id = heapq.heappop(self._routine)
            case = self._db.get_one(Escalation, case_id)
            question = self._db.get_one(Question, case.question_id)
            if not case.is_at_work or case.state == "waiting_customer":
                continue
            if question.answer_count == 0:
                self._later(what, case_id, now, _DONE_AFTER)
            elif what == "look":
                self._look(case, now)
            elif case.owner_id is not None:
                owner = self._db.get_one(User, case.owner_id)
                escalations.resolve(self._db, escalation=case, by=owner, now=now)

    def _look(self, case: Escalation, now: datetime) -> None:
        """Its owner, or somebody of the team, sees what the community has answered, and says a word to it."""
        members = select(User).join(TeamMember, col(TeamMember.user_id) == col(User.id))
        if case.owner_id is None:
            members = members.where(TeamMember.team_id == case.team_id, TeamMember.capacity > _SELDOM)
        else:
            members = members.where(User.id == case.owner_id)
        able = self._db.exec(members.order_by(col(User.id))).unique().all()
        codes = {reason.code for reason in escalations.reasons(self._db, able[0], case.id or 0)}
        wants = "ask" if "not_helpful" in codes else "confirm"
        say_a_word(self._db, case, by=self._chance.choice(able), wants=wants, chance=self._chance, now=now)
        self._later("finish", case.id or 0, now, _SEEN_AFTER)
