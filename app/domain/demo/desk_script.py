"""What content/desk.toml says, read and checked: how the sample company's support is set up, and what it did."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field

from app.domain.demo.script import Age, Written

FILE = Path(__file__).parent / "content" / "desk.toml"
NOTHING = timedelta(0)


class CalendarText(Written):
    """When somebody is there: ["mon-fri", "08:00", "12:00"]; holidays every year."""

    name: str
    timezone: str
    default: bool = False
    open: list[tuple[str, str, str]]
    holidays: list[tuple[str, str]]


class PolicyText(Written):
    """Minutes for first response, next reply and resolution, by priority."""

    name: str
    products: list[str] = Field(default_factory=list)
    tags: list[str] = Field(default_factory=list)
    calendar: str
    low: tuple[int, int, int]
    normal: tuple[int, int, int]
    high: tuple[int, int, int]
    urgent: tuple[int, int, int]


class TeamText(Written):
    """A team with its members and what each can carry."""

    name: str
    products: list[str]
    assignment: str
    returns_after: int | None = None
    members: list[tuple[str, int]]


class SkillText(Written):
    """What somebody knows."""

    by: str
    products: list[str]


class AbsenceText(Written):
    """When somebody is away, noted so long ago; `from` and `until` count from then."""

    by: str
    noted: Age
    starts: Age = Field(alias="from")
    until: Age
    reason: str


class MacroText(Written):
    """Several things at one stroke, in the form in which macros are stored."""

    by: str
    name: str
    actions: list[dict[str, str]]


class ViewText(Written):
    """A saved view: the parts of its address."""

    by: str
    name: str
    shared: bool = False
    values: dict[str, str]


class Move(Written):
    """Something that was done with a case."""

    ago: Age
    do: Literal[
        "open",
        "request",
        "claim",
        "assign",
        "note",
        "comment",
        "ask",
        "hand_over",
        "priority",
        "reference",
        "snooze",
        "resolve",
        "cancel",
    ]
    by: str
    to: str = ""
    text: str = ""
    until: Age = NOTHING


class CaseText(Written):
    """What was done with the case of a question."""

    question: str
    act: list[Move]


class DeskScript(Written):
    """The whole of it."""

    opened: Age
    rules: dict[str, int]
    calendar: list[CalendarText]
    policy: list[PolicyText]
    team: list[TeamText]
    skill: list[SkillText]
    absence: list[AbsenceText]
    macro: list[MacroText]
    view: list[ViewText]
    case: list[CaseText] = Field(repr=False)


def read() -> DeskScript:
    """Read the file."""
    return DeskScript.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8")))
