"""What the files under content/ say, read and checked.

Times are ages: "3d 4h" before now for questions and joining, and after the post they belong to for
everything else. So the community is as fresh on every day it is loaded.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

CONTENT = Path(__file__).parent / "content"

_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def parse_age(written: object) -> timedelta:
    """Return "3d 4h 5m" as a duration; raise ValueError for anything else."""
    parts = re.fullmatch(r"(\d+[dhm])( \d+[dhm])*", str(written))
    if parts is None:
        raise ValueError(f"not an age such as '3d 4h': {written!r}")
    return timedelta(**{_UNITS[part[-1]]: int(part[:-1]) for part in str(written).split()})


Age = Annotated[timedelta, BeforeValidator(parse_age)]


class Written(BaseModel):
    """A table of a content file; a key that nobody knows is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(Written):
    """Somebody of the sample community. `part` is the kind of table they stand in."""

    handle: str
    name: str
    location: str
    joined: Age
    about: str = ""
    part: str


class FieldText(Written):
    """An environment field of a line."""

    name: str
    label: str
    hint: str = ""
    required: bool = False


class ModelText(Written):
    """A model of a line."""

    slug: str
    name: str
    description: str
    versions: list[str]


class LineText(Written):
    """A product line."""

    slug: str
    name: str
    description: str
    fields: list[FieldText]
    model: list[ModelText]


class BrandText(Written):
    """A brand with its lines."""

    slug: str
    name: str
    description: str
    line: list[LineText]


class Pointer(Written):
    """A flag that waits for a moderator."""

    by: str
    after: Age
    reason: str
    note: str = ""


class Remark(Written):
    """A comment."""

    by: str
    after: Age
    body: str
    flag: list[Pointer] = []


class Edit(Written):
    """A revision: words replaced in the body, a new title, or new tags."""

    by: str
    after: Age
    summary: str
    replace: list[tuple[str, str]] = []
    title: str | None = None
    tags: list[str] | None = None


class Ending(Written):
    """A closure, lock, hiding or deletion. `by` empty: the author."""

    after: Age
    by: str = ""
    reason: str = ""
    of: str = ""
    note: str = ""


class _PostText(Written):
    by: str
    body: str
    votes: tuple[int, int] = (0, 0)
    comment: list[Remark] = []
    edit: list[Edit] = []
    suggest: list[Edit] = []
    flag: list[Pointer] = []
    hide: Ending | None = None
    delete: Ending | None = None


class AnswerText(_PostText):
    """An answer; `accepted` is how long after it, by the asker unless `accepted_by` is named."""

    after: Age
    official: bool = False
    accepted: Age | None = None
    accepted_by: str = ""


class QuestionText(_PostText):
    """A question with all that happened to it."""

    key: str
    product: str
    ago: Age
    title: str
    tags: list[str]
    env: dict[str, str] = {}
    me_too: int = 0
    answer: list[AnswerText] = []
    close: Ending | None = None
    lock: Ending | None = None


class Script(Written):
    """The whole sample community."""

    brands: list[BrandText]
    people: list[Person]
    tags: dict[str, str]
    questions: list[QuestionText] = Field(repr=False)


def read() -> Script:
    """Read all content files."""
    return Script(
        brands=[BrandText(line=data["line"], **data["brand"]) for data in _tables("catalog")],
        people=list(_people()),
        tags=tomllib.loads((CONTENT / "tags.toml").read_text(encoding="utf-8"))["description"],
        questions=[QuestionText(**table) for data in _tables("questions") for table in data["question"]],
    )


def _tables(folder: str) -> Iterator[dict[str, Any]]:
    for file in sorted((CONTENT / folder).glob("*.toml")):
        yield tomllib.loads(file.read_text(encoding="utf-8"))


def _people() -> Iterator[Person]:
    tables = tomllib.loads((CONTENT / "people.toml").read_text(encoding="utf-8"))
    for handle, name, location, joined in tables.pop("readers")["people"]:
        yield Person(handle=handle, name=name, location=location, joined=joined, part="reader")
    for part, people in tables.items():
        for person in people:
            yield Person(part=part, **person)
