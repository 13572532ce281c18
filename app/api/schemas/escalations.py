"""Cases of staff. None of this is for anybody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from app.api.schemas.base import In, Instant, Listing, Out, Site, Text
from app.api.schemas.catalog import ProductRef
from app.api.schemas.people import Author
from app.domain import queue
from app.models import EscalationEvent, EscalationNote, EscalationReason, Question, SlaClock, Team

Priority = Literal["low", "normal", "high", "urgent"]


class TeamRef(Out):
    """A team of staff."""

    slug: str
    name: str

    @classmethod
    def of(cls, team: Team) -> TeamRef:
        """Write down a team."""
        return cls(slug=team.slug, name=team.name)


class EscalatedQuestion(Out):
    """The question that a case is about; GET /questions/{id} has its text."""

    id: int
    url: str
    title: str
    status: str
    product: ProductRef | None
    author: Author
    answer_count: int
    me_too_count: int

    @classmethod
    def of(cls, question: Question, site: Site) -> EscalatedQuestion:
        """Write down a question."""
        return cls(
            id=question.id,
            url=site.question(question),
            title=question.title,
            status=question.status,
            product=ProductRef.of(question.product, site) if question.product else None,
            author=Author.of(question.author, site),
            answer_count=question.answer_count,
            me_too_count=question.me_too_count,
        )


class Clock(Out):
    """How long staff have for something, in the time of the product's calendar."""

    metric: str = Field(description="first_response, next_reply or resolution")
    state: str = Field(description="running, paused, satisfied, breached or cancelled")
    target_seconds: int
    started_at: datetime
    due_at: datetime | None = Field(description="Null while it is paused.")
    breached_at: datetime | None
    ended_at: datetime | None = Field(description="When it was met or called off.")
    left_seconds: int | None = Field(
        description="Working time that is left while it is paused; while it runs, `due_at` says when it ends."
    )

    @classmethod
    def of(cls, clock: SlaClock) -> Clock:
        """Write down a clock."""
        return cls(
            metric=clock.metric,
            state=clock.state,
            target_seconds=seconds(clock.target),
            started_at=clock.started_at,
            due_at=clock.due_at,
            breached_at=clock.breached_at,
            ended_at=clock.ended_at,
            left_seconds=seconds(clock.target - clock.consumed) if clock.state == "paused" else None,
        )


class EscalationSummary(Out):
    """A case in the queue."""

    id: int
    url: str = Field(description="Its page at the desk.")
    state: str = Field(
        description="queued, claimed, snoozed, waiting_customer, waiting_internal, resolved, closed or cancelled"
    )
    state_since: datetime
    priority: str = Field(description="low, normal, high or urgent")
    level: int = Field(description="How far it was carried up after a missed deadline: 0 to 3.")
    reasons: list[str] = Field(description="Why it came to staff.", examples=[["unanswered"]])
    question: EscalatedQuestion
    is_first_question: bool = Field(description="Its author has asked nothing before.")
    team: TeamRef | None
    owner: Author | None
    next_clock: Clock | None = Field(description="The clock that is due next.")
    opened_at: datetime
    snoozed_until: datetime | None
    resolved_at: datetime | None
    resolved_by: str | None = Field(description="staff, community or silent")

    @classmethod
    def of(cls, row: queue.Row, site: Site) -> EscalationSummary:
        """Write down a case."""
        return cls(**_facts(row, site))


class EscalationList(Listing[EscalationSummary]):
    """A page of the queue."""


class Entry(Out):
    """Why, when and through whom a question came, or would have come again, to staff."""

    code: str = Field(examples=["asker_waiting"])
    detail: str
    by_id: int | None = Field(description="The member who asked for it; null: a rule.")
    at: datetime


class Note(Out):
    """An internal note."""

    id: int
    author: Author
    body: str = Field(description="Markdown, as it was written.")
    body_html: str = Field(description="Sanitised HTML.")
    created_at: datetime
    edited_at: datetime | None

    @classmethod
    def of(cls, note: EscalationNote, author: Author) -> Note:
        """Write down a note."""
        return cls(
            id=note.id or 0,
            author=author,
            body=note.body,
            body_html=note.body_html,
            created_at=note.created_at,
            edited_at=note.edited_at,
        )


class TimelineLine(Out):
    """Something that happened to a case."""

    at: datetime
    kind: str = Field(examples=["claimed"])
    by: Author | None = Field(description="Null: the forum itself.")
    data: dict[str, Any]

    @classmethod
    def of(cls, event: EscalationEvent, site: Site) -> TimelineLine:
        """Write down a line."""
        by = Author.of(event.by, site) if event.by else None
        return cls(at=event.at, kind=event.kind, by=by, data=event.data)


@dataclass(frozen=True)
class Inside:
    """What only a case's own document has."""

    reasons: Sequence[EscalationReason]
    clocks: Sequence[SlaClock]
    notes: Sequence[EscalationNote]
    timeline: Sequence[EscalationEvent]
    token: int


class Escalation(EscalationSummary):
    """A case with everything that staff know of it."""

    previous_id: int | None = Field(description="The case that the question had before.")
    reopen_count: int
    external_references: list[str] = Field(description="Addresses and numbers in other systems.")
    entries: list[Entry]
    clocks: list[Clock] = Field(description="The oldest first.")
    notes: list[Note] = Field(description="The oldest first.")
    timeline: list[TimelineLine] = Field(description="The oldest first.")
    thread_token: int = Field(
        description="How far the public thread has come; send it as `seen` with a reply."
    )

    @classmethod
    def whole(cls, row: queue.Row, inside: Inside, site: Site) -> Escalation:
        """Write down a case with everything."""
        case = row.case
        return cls(
            **_facts(row, site),
            previous_id=case.previous_id,
            reopen_count=case.reopen_count,
            external_references=case.external_references,
            entries=[
                Entry(code=each.code, detail=each.detail, by_id=each.by_id, at=each.at)
                for each in inside.reasons
            ],
            clocks=[Clock.of(clock) for clock in inside.clocks],
            notes=[Note.of(note, Author.of(note.author, site)) for note in inside.notes],
            timeline=[TimelineLine.of(event, site) for event in inside.timeline],
            thread_token=inside.token,
        )


class NewEscalation(In):
    """A question to bring to staff."""

    question_id: int = Field(ge=1, le=2_147_483_647)
    detail: Text = Field("", max_length=500, description="Why, for staff.")
    priority: Priority = Field("normal", description="Of a new case; one that is open already keeps its own.")


class Assignment(In):
    """Who is to have a case."""

    to: Text = Field(min_length=1, max_length=60, description="The handle of an agent.", examples=["petra"])


class NewNote(In):
    """An internal note."""

    note: Text = Field(min_length=1, max_length=20_000, description="Markdown; @mentions tell staff only.")


class NewReply(In):
    """A public word of staff."""

    body: Text = Field(
        min_length=1,
        max_length=30_000,
        description="Markdown; comments are shorter and plainer than answers.",
        examples=["Hold the button for ten seconds, please, and tell us which light comes on."],
    )
    seen: int = Field(
        ge=0,
        le=2_147_483_647,
        description="`thread_token` of the case as it was read. If somebody has written since, it is a conflict.",
        examples=[4711],
    )
    send_anyway: bool = Field(default=False, description="Send it whatever was written meanwhile.")
    comment_on: int | None = Field(
        None,
        ge=1,
        le=2_147_483_647,
        description="The question or answer of the thread to comment on; null: post an answer.",
    )
    then: Literal["", "wait", "resolve"] = Field(
        "", description="Wait for the customer, or resolve the case."
    )


class Reply(Out):
    """What was written in public, and the case after it."""

    answer_id: int | None
    comment_id: int | None
    url: str
    escalation: Escalation


class StateChange(In):
    """Where a case is to go.

    `queued`: back to the queue, or awake. `claimed`: yours. `waiting_internal`: handed over to `to` or
    `team`, with a note. `cancelled`: a mistake, with a note that says why.
    """

    state: Literal["queued", "claimed", "waiting_internal", "resolved", "cancelled"] = Field(
        examples=["claimed"]
    )
    to: Text | None = Field(None, max_length=60, description="The handle of an agent.")
    team: Text | None = Field(None, max_length=80, description="The slug of a team.")
    note: Text = Field("", max_length=20_000)


class Snooze(In):
    """How long a case sleeps, unless the customer writes before."""

    until: Instant


def seconds(length: timedelta) -> int:
    """Return a length of time in whole seconds."""
    return round(length.total_seconds())


def _facts(row: queue.Row, site: Site) -> dict[str, Any]:
    case, reading = row.case, row.reading
    return {
        "id": case.id,
        "url": f"{site.base}/desk/cases/{case.id}",
        "state": case.state,
        "state_since": case.state_since,
        "priority": case.priority,
        "level": case.level,
        "reasons": list(row.reasons),
        "question": EscalatedQuestion.of(case.question, site),
        "is_first_question": row.is_first_question,
        "team": TeamRef.of(case.team) if case.team else None,
        "owner": Author.of(case.owner, site) if case.owner else None,
        "next_clock": Clock.of(reading.clock) if reading else None,
        "opened_at": case.opened_at,
        "snoozed_until": case.snoozed_until,
        "resolved_at": case.resolved_at,
        "resolved_by": case.resolved_by or None,
    }
