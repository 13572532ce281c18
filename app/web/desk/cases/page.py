"""A case's page: the public thread with its composers, and beside it all that staff know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.domain import answers, comments, drafts, escalations, macros, questions, queue, reputation, search
from app.domain.search import SearchIndex
from app.models import (
    Answer,
    Comment,
    Escalation,
    EscalationEvent,
    EscalationNote,
    EscalationReason,
    Macro,
    Question,
    SlaClock,
    Team,
    User,
)
from app.web import case_words
from app.web.deps import Agent, Db, Now, RowId
from app.web.desk.cases import words
from app.web.desk.queue.listing import Words, all_words, snooze_options
from app.web.render import Page, render
from app.web.routers import DeskRouter
from app.web.search import Index

router = DeskRouter("/cases")

ASKED_BEFORE = 5


@dataclass(frozen=True)
class ClockView:
    """A clock as a line with a bar. `tone` is "" for one that has ended."""

    clock: SlaClock
    name: str
    words: str
    tone: str = ""
    percent: int = 0


@dataclass(frozen=True)
class PostView:
    """An answer of the thread with its comments."""

    answer: Answer
    comments: Sequence[Comment]


@dataclass(frozen=True)
class Line:
    """A line of the timeline."""

    event: EscalationEvent
    text: str


@dataclass(frozen=True)
class Held:
    """What was typed and not taken: shown again, with why."""

    field: str  # reply, note, or the control at fault
    body: str = ""
    message: str = ""
    on: str = ""
    news: Sequence[escalations.News] = ()


@dataclass(frozen=True)
class CasePage(Page):
    """Everything about one case."""

    template = "desk/cases/show.html"
    case: Escalation
    question: Question
    reasons: Sequence[EscalationReason]
    question_comments: Sequence[Comment]
    has_earlier: bool
    posts: Sequence[PostView]
    seen: int
    clocks: Sequence[ClockView]
    timeline: Sequence[Line]
    notes: Sequence[tuple[EscalationNote, bool]]
    asked_before: Sequence[Question]
    rank: str
    similar: Sequence[Question]
    present: Sequence[queue.Present]
    can: Mapping[str, bool]
    words: Words
    people: Sequence[tuple[str, str]]
    teams: Sequence[tuple[str, str]]
    macros: Sequence[Macro]
    snoozes: Sequence[tuple[str, str]]
    zone: str
    back: str
    reply: str
    note: str
    held: Held | None


@router.get("/{case_id:int}")
def show(
    request: Request,
    db: Db,
    viewer: Agent,
    now: Now,
    index: Index,
    case_id: RowId,
    back: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """Show a case. `back` is the query of the list it was opened from."""
    return render(request, case_page(db, index, viewer, case_id, now=now, back=back))


def case_page(
    db: Session,
    index: SearchIndex,
    viewer: User,
    case_id: int,
    *,
    now: Now,
    back: str = "",
    held: Held | None = None,
) -> CasePage:
    """Gather a case's page in a fixed number of queries; `held` is what was refused and is shown again."""
    case = escalations.case(db, viewer, case_id)
    question = case.question
    newest = answers.under(db, question, viewer=viewer, sort="newest")
    shown = newest.rows[::-1]
    said = comments.of_thread(
        db, viewer=viewer, question_id=question.id, post_ids=[question.id, *(answer.id for answer in shown)]
    )
    people, teams = queue.colleagues(db), queue.teams(db)
    return CasePage(
        case=case,
        question=question,
        reasons=escalations.reasons(db, viewer, case_id),
        question_comments=said[question.id],
        has_earlier=newest.has_next,
        posts=[PostView(answer, said[answer.id]) for answer in shown],
        seen=escalations.token(db, question.id),
        clocks=_clocks(db, viewer, case_id, now=now),
        timeline=_timeline(db, viewer, case_id, people, teams),
        notes=[
            (note, escalations.may_change_note(viewer, note))
            for note in escalations.notes(db, viewer, case_id)
        ],
        asked_before=_asked_before(db, question),
        rank=reputation.rank_of(question.author).name,
        similar=search.likely_duplicates(db, index, question),
        present=queue.present(db, viewer=viewer, case_ids=[case_id], now=now).get(case_id, ()),
        can=_can(viewer, case),
        words=all_words(),
        people=[(person.handle, person.display_name) for person in people],
        teams=[(team.slug, team.name) for team in teams],
        macros=macros.listing(db, viewer=viewer),
        snoozes=snooze_options(),
        zone=queue.usual_hours(db).zone,
        back=back if back.startswith("?") else "",
        reply=_text(db, viewer, "reply", case_id, held),
        note=_text(db, viewer, "note", case_id, held),
        held=held,
    )


def _clocks(db: Session, viewer: User, case_id: int, *, now: Now) -> list[ClockView]:
    """Return the running clocks first, then what became of the others, newest first."""
    clocks = escalations.clocks(db, viewer, case_id)
    names = case_words.metrics()
    read = queue.readings(db, [clock for clock in clocks if clock.ended_at is None], now=now)
    running = [
        ClockView(
            reading.clock,
            names[reading.clock.metric],
            words.clock_words(reading),
            case_words.tone(reading),
            min(100, max(0, round(100 * reading.share))),
        )
        for reading in read.values()
    ]
    ended = [
        ClockView(clock, names[clock.metric], words.clock_state(clock))
        for clock in reversed(clocks)
        if clock.ended_at is not None
    ]
    return [*running, *ended]


def _timeline(
    db: Session, viewer: User, case_id: int, people: Sequence[User], teams: Sequence[Team]
) -> list[Line]:
    names = {person.id or 0: person.display_name for person in people}
    called = {team.id or 0: team.name for team in teams}
    return [
        Line(event, words.sentence(event, people=names, teams=called))
        for event in reversed(escalations.timeline(db, viewer, case_id))
    ]


def _asked_before(db: Session, question: Question) -> list[Question]:
    listed = questions.listing(
        db, questions.ListOf(author_id=question.author_id, sort="newest", size=ASKED_BEFORE + 1)
    )
    return [row for row in listed.rows if row.id != question.id][:ASKED_BEFORE]


def _can(viewer: User, case: Escalation) -> dict[str, bool]:
    acts = ("claim", "assign", "release", "hand_over", "snooze", "wake", "reply", "wait", "note", "change")
    can = {act: escalations.is_allowed(act, case.state) for act in (*acts, "resolve", "reopen", "cancel")}
    is_owner = case.owner_id == viewer.id
    can["claim"] = can["claim"] and (case.owner_id is None or (is_owner and case.state != "claimed"))
    can["release"] = (
        can["release"] and case.owner_id is not None and (is_owner or escalations.may_lead(viewer))
    )
    return can


def _text(db: Session, viewer: User, kind: str, case_id: int, held: Held | None) -> str:
    """Return what was refused, or else the draft."""
    if held is not None and held.field == kind:
        return held.body
    draft = drafts.find(db, author=viewer, key=f"{kind}:{case_id}")
    return draft.fields.get("body", "") if draft else ""
