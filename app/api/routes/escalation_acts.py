"""What staff do to a case: one address for each act, the same calls as at the desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.api.deps import Db, Now
from app.api.respond import Once, OnceOnly
from app.api.routers import ApiRouter
from app.api.routes.escalations import Agent, Case, document
from app.api.schemas.base import Site
from app.api.schemas.escalations import (
    Assignment,
    Escalation,
    NewNote,
    NewReply,
    Note,
    Reply,
    Snooze,
    StateChange,
)
from app.api.schemas.people import Author
from app.core.errors import Invalid, NotFound
from app.core.i18n import gettext as _
from app.domain import answers, escalations, people, teams
from app.models import Answer, Question, Team, User
from app.models import Escalation as EscalationRow

router = ApiRouter("Escalations", prefix="/escalations/{escalation_id:int}")


@dataclass(frozen=True)
class Acting:
    """Somebody who works on cases, at one of them, once."""

    db: Session
    site: Site
    agent: User
    now: datetime
    case: EscalationRow
    once: Once

    def do(self, act: Callable[[], object]) -> Response:
        """Carry the act out and answer with the case as it is then."""

        def make() -> Escalation:
            act()
            return self.document()

        return self.once.change(make)

    def document(self) -> Escalation:
        """Return the case as it is now."""
        return document(self.db, self.agent, self.case.id or 0, self.site, now=self.now)


def acting_on(request: Request, db: Db, agent: Agent, now: Now, escalation: Case, once: OnceOnly) -> Acting:
    """Return who acts on which case."""
    return Acting(db, Site.of(request), agent, now, escalation, once)


Desk = Annotated[Acting, Depends(acting_on)]


@router.post("/claim", response_model=Escalation)
def claim_escalation(desk: Desk) -> Response:
    """Take a case that nobody has; of two at once one gets it, for the other it is a conflict that says who."""
    return desk.do(lambda: escalations.claim(desk.db, escalation=desk.case, by=desk.agent, now=desk.now))


@router.post("/release", response_model=Escalation)
def release_escalation(desk: Desk) -> Response:
    """Put a case back into the queue."""
    return desk.do(lambda: escalations.release(desk.db, escalation=desk.case, by=desk.agent, now=desk.now))


@router.post("/assign", response_model=Escalation)
def assign_escalation(desk: Desk, body: Assignment) -> Response:
    """Give a case to somebody."""

    def act() -> None:
        to = _colleague(desk.db, body.to)
        escalations.assign(desk.db, escalation=desk.case, to=to, by=desk.agent, now=desk.now)

    return desk.do(act)


@router.post("/note", response_model=Note, status_code=201)
def add_escalation_note(desk: Desk, body: NewNote) -> Response:
    """Write an internal note, which never leaves the desk."""

    def make() -> tuple[Note, str, int]:
        note = escalations.add_note(
            desk.db, escalation=desk.case, body=body.note, by=desk.agent, now=desk.now
        )
        return Note.of(note, Author.of(desk.agent, desk.site)), _address(desk), 0

    return desk.once.create(make)


@router.post("/reply", response_model=Reply, status_code=201)
def reply_to_escalation(desk: Desk, body: NewReply) -> Response:
    """Answer or comment in public; then wait for the customer, or resolve. What nobody had is yours then."""

    def make() -> tuple[Reply, str, int]:
        on = _post(desk, body.comment_on)
        written = escalations.reply(
            desk.db,
            escalation=desk.case,
            body=body.body,
            as_comment_on=on,
            by=desk.agent,
            seen=body.seen,
            send_anyway=body.send_anyway,
            then=body.then,
            now=desk.now,
        )
        if isinstance(written, Answer):
            url, place = desk.site.post(written.id), f"/answers/{written.id}"
        else:
            url = desk.site.comment(written)
            kind = "questions" if isinstance(on, Question) else "answers"
            place = f"/{kind}/{written.post_id}/comments"
        made = Reply(
            answer_id=written.id if isinstance(written, Answer) else None,
            comment_id=None if isinstance(written, Answer) else written.id,
            url=url,
            escalation=desk.document(),
        )
        return made, desk.site.api(place), 0

    return desk.once.create(make)


@router.post("/state", response_model=Escalation)
def change_escalation_state(desk: Desk, body: StateChange) -> Response:
    """Bring a case into another state, by the acts that lead there at the desk."""
    return desk.do(lambda: _STATES[body.state](desk, body))


@router.post("/snooze", response_model=Escalation)
def snooze_escalation(desk: Desk, body: Snooze) -> Response:
    """Let a case sleep until an instant, or until the customer writes. Its clocks go on."""
    return desk.do(
        lambda: escalations.snooze(
            desk.db, escalation=desk.case, until=body.until, by=desk.agent, now=desk.now
        )
    )


@router.post("/resolve", response_model=Escalation)
def resolve_escalation(desk: Desk) -> Response:
    """Say that nothing is owed any more. The customer's word within two weeks brings it back."""
    return desk.do(lambda: escalations.resolve(desk.db, escalation=desk.case, by=desk.agent, now=desk.now))


@router.post("/reopen", response_model=Escalation)
def reopen_escalation(desk: Desk) -> Response:
    """Bring a resolved case back to work; its clocks go on where they stopped."""
    return desk.do(lambda: escalations.reopen(desk.db, escalation=desk.case, by=desk.agent, now=desk.now))


def _queue(desk: Acting, _body: StateChange) -> None:
    act = escalations.wake if desk.case.owner_id is None else escalations.release
    act(desk.db, escalation=desk.case, by=desk.agent, now=desk.now)


def _claim(desk: Acting, _body: StateChange) -> None:
    escalations.claim(desk.db, escalation=desk.case, by=desk.agent, now=desk.now)


def _hand_over(desk: Acting, body: StateChange) -> None:
    escalations.hand_over(
        desk.db,
        escalation=desk.case,
        to=_colleague(desk.db, body.to) if body.to else None,
        team=_team(desk.db, body.team) if body.team else None,
        note=body.note,
        by=desk.agent,
        now=desk.now,
    )


def _resolve(desk: Acting, _body: StateChange) -> None:
    escalations.resolve(desk.db, escalation=desk.case, by=desk.agent, now=desk.now)


def _cancel(desk: Acting, body: StateChange) -> None:
    if not body.note.strip():
        raise Invalid("note", _("Say why, for the others."))
    escalations.cancel(desk.db, escalation=desk.case, reason=body.note, by=desk.agent, now=desk.now)


_STATES: dict[str, Callable[[Acting, StateChange], None]] = {
    "queued": _queue,
    "claimed": _claim,
    "waiting_internal": _hand_over,
    "resolved": _resolve,
    "cancelled": _cancel,
}


def _colleague(db: Session, handle: str) -> User:
    try:
        return people.by_handle(db, handle)
    except NotFound as error:
        raise Invalid("to", _("There is no such member.")) from error


def _team(db: Session, slug: str) -> Team:
    try:
        return teams.by_slug(db, slug)
    except NotFound as error:
        raise Invalid("team", _("There is no such team.")) from error


def _post(desk: Acting, post_id: int | None) -> Question | Answer | None:
    if post_id is None:
        return None
    try:
        return answers.visible_post(desk.db, viewer=desk.agent, post_id=post_id)
    except NotFound as error:
        raise Invalid("comment_on", _("There is no such post.")) from error


def _address(desk: Acting) -> str:
    return desk.site.api(f"/escalations/{desk.case.id}")
