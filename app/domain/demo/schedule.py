"""The script as single acts in the order of time, so that every rule sees the community as it then was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from app.domain.demo.desk_script import AbsenceText, DeskScript, Move
from app.domain.demo.script import AnswerText, Edit, Ending, Person, Pointer, QuestionText, Remark, Script

VOTES_TRICKLE = timedelta(days=9)
"""How long after a post, on average, a vote for it comes."""

ME_TOOS_TRICKLE = timedelta(days=35)


@dataclass(frozen=True)
class Spot:
    """A post of the script: a question, or the answer with this number under it; or one of its comments."""

    question: str
    answer: int | None = None
    comment: int | None = None


@dataclass(frozen=True)
class Accept:
    """An answer is accepted. `by` is the asker or, for a silent one, staff."""

    by: str


@dataclass(frozen=True)
class CastVote:
    """Somebody who may votes."""

    up: bool


@dataclass(frozen=True)
class SayMeToo:
    """Somebody else has the problem too."""


@dataclass(frozen=True)
class Close:
    """A question is closed."""

    ending: Ending


@dataclass(frozen=True)
class Lock:
    """A question is locked."""

    ending: Ending


@dataclass(frozen=True)
class Hide:
    """Staff hide a post."""

    ending: Ending


@dataclass(frozen=True)
class Delete:
    """The author deletes their post."""

    by: str


@dataclass(frozen=True)
class OpenDesk:
    """The company begins to use the desk."""


@dataclass(frozen=True)
class BeAway:
    """Somebody notes an absence."""

    text: AbsenceText


@dataclass(frozen=True)
class Suggest:
    """An edit is suggested, and nobody has decided on it yet."""

    edit: Edit


Deed = (
    Person
    | QuestionText
    | AnswerText
    | Remark
    | Edit
    | Suggest
    | Pointer
    | Accept
    | CastVote
    | SayMeToo
    | Close
    | Lock
    | Hide
    | Delete
    | OpenDesk
    | BeAway
    | Move
)


@dataclass(frozen=True)
class Act:
    """Something that happened at an instant; `spot` is the post it happened to."""

    at: datetime
    deed: Deed
    spot: Spot | None = None


def acts(script: Script, *, now: datetime, chance: Random, desk: DeskScript | None = None) -> list[Act]:
    """Return all that happens, oldest first and none after `now`; with `desk` also what staff do there."""
    found = [Act(now - person.joined, person) for person in script.people]
    for question in script.questions:
        found += _thread(question, now=now, chance=chance)
    found += _at_the_desk(desk, now=now) if desk else []
    late = next((act for act in found if act.at > now), None)
    if late is not None:
        raise ValueError(f"the script has an act in the future: {late.spot} {late.deed}")
    return sorted(found, key=lambda act: act.at)  # a stable sort: what is written first comes first


def _at_the_desk(desk: DeskScript, *, now: datetime) -> Iterator[Act]:
    yield Act(now - desk.opened, OpenDesk())
    for away in desk.absence:
        yield Act(now - away.noted, BeAway(away))
    for case in desk.case:
        for move in case.act:
            yield Act(now - move.ago, move, Spot(case.question))


def _thread(question: QuestionText, *, now: datetime, chance: Random) -> Iterator[Act]:
    spot = Spot(question.key)
    asked = now - question.ago
    yield Act(asked, question, spot)
    yield from _happenings(question, spot, posted=asked)
    if question.close:
        yield Act(asked + question.close.after, Close(question.close), spot)
    if question.lock:
        yield Act(asked + question.lock.after, Lock(question.lock), spot)
    end = min([now, *(asked + ending.after for ending in _endings(question))])
    yield from _votes(question, spot, start=asked, end=end, chance=chance)
    until = min(end, asked + question.close.after) if question.close else end
    for at in _moments(question.me_too, start=asked, end=until, mean=ME_TOOS_TRICKLE, chance=chance):
        yield Act(at, SayMeToo(), spot)
    for number, answer in enumerate(question.answer):
        yield from _answer(
            answer, Spot(question.key, number), question=question, asked=asked, end=end, chance=chance
        )


def _answer(
    answer: AnswerText, spot: Spot, *, question: QuestionText, asked: datetime, end: datetime, chance: Random
) -> Iterator[Act]:
    posted = asked + answer.after
    yield Act(posted, answer, spot)
    yield from _happenings(answer, spot, posted=posted)
    if answer.accepted is not None:
        yield Act(posted + answer.accepted, Accept(answer.accepted_by or question.by), spot)
    last = min([end, *(posted + ending.after for ending in (answer.hide, answer.delete) if ending)])
    yield from _votes(answer, spot, start=posted, end=last, chance=chance)


def _happenings(post: QuestionText | AnswerText, spot: Spot, *, posted: datetime) -> Iterator[Act]:
    for number, remark in enumerate(post.comment):
        said = posted + remark.after
        place = replace(spot, comment=number)
        yield Act(said, remark, place)
        for flag in remark.flag:
            yield Act(said + flag.after, flag, place)
    for edit in post.edit:
        yield Act(posted + edit.after, edit, spot)
    for edit in post.suggest:
        yield Act(posted + edit.after, Suggest(edit), spot)
    for flag in post.flag:
        yield Act(posted + flag.after, flag, spot)
    if post.hide:
        yield Act(posted + post.hide.after, Hide(post.hide), spot)
    if post.delete:
        yield Act(posted + post.delete.after, Delete(post.delete.by or post.by), spot)


def _votes(
    post: QuestionText | AnswerText, spot: Spot, *, start: datetime, end: datetime, chance: Random
) -> Iterator[Act]:
    ups, downs = post.votes
    for up in [True] * ups + [False] * downs:
        for at in _moments(1, start=start, end=end, mean=VOTES_TRICKLE, chance=chance):
            yield Act(at, CastVote(up), spot)


def _moments(
    number: int, *, start: datetime, end: datetime, mean: timedelta, chance: Random
) -> Iterator[datetime]:
    """Yield instants after `start` that thin out with time, all before `end`."""
    room = (end - start).total_seconds()
    for _ in range(number):
        seconds = chance.expovariate(1 / mean.total_seconds())
        yield start + timedelta(seconds=seconds if seconds < room else chance.uniform(0, room))


def _endings(question: QuestionText) -> list[Ending]:
    return [ending for ending in (question.lock, question.hide, question.delete) if ending]
