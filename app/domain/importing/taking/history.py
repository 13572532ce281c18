"""A post's history: its revisions, and whether it is closed, locked or removed now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from app.domain.importing.source.rows import Author, HistoryRow, PostRow, instant
from app.domain.importing.source.texts import SUMMARY_LENGTH, TITLE_LENGTH, cut, spelled, split_tags

TITLES, BODIES, TAGS = frozenset({1, 4, 7}), frozenset({2, 5, 8}), frozenset({3, 6, 9})
ROLLBACKS = frozenset({7, 8, 9})
TEXTS = TITLES | BODIES | TAGS
CLOSED, REOPENED, DELETED, UNDELETED, LOCKED, UNLOCKED = 10, 11, 12, 13, 14, 15

_STATES = {
    CLOSED: ("closed", True), REOPENED: ("closed", False), DELETED: ("removed", True),
    UNDELETED: ("removed", False), LOCKED: ("locked", True), UNLOCKED: ("locked", False),
}  # fmt: skip
_OTHER = {
    16: "it was given to the community", 17: "it was moved elsewhere", 18: "it was merged",
    19: "it was protected", 20: "it was unprotected", 24: "a suggested edit was approved",
    25: "it was announced elsewhere", 31: "its comments were moved to chat", 33: "a notice was put on it",
    34: "a notice was taken off it", 35: "it was moved here", 36: "it was moved here", 37: "it was merged",
    38: "it was merged", 50: "it was brought up again", 52: "it became a hot question",
    53: "it was taken off the hot questions",
}  # fmt: skip
_CLOSE_REASONS = {
    "1": "duplicate", "2": "off_topic", "3": "too_broad", "4": "unclear", "7": "not_reproducible",
    "10": "off_topic", "20": "off_topic", "101": "duplicate", "102": "off_topic", "103": "unclear",
    "104": "too_broad", "105": "too_broad",
}  # fmt: skip
_SAME_EDIT = timedelta(minutes=1)
_GROUP = attrgetter("group")


class Version(NamedTuple):
    """The text of a post as it stood from an instant on."""

    title: str | None
    body: str
    tags: tuple[str, ...] | None
    summary: str
    editor: Author
    created_at: datetime
    restores: int | None


class Mark(NamedTuple):
    """When something was done to a post, and by whom."""

    at: datetime
    by: Author
    reason: str | None


@dataclass
class Story:
    """What the history tells; `versions` is empty where there is none."""

    versions: list[Version] = field(default_factory=list)
    closed: Mark | None = None
    locked: Mark | None = None
    removed: Mark | None = None
    taken: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    adapted: Counter[str] = field(default_factory=Counter)


def tell(rows: Sequence[HistoryRow], post: PostRow) -> Story:
    """Read the rows of one post, which are sorted by time."""
    story = Story()
    texts = []
    for row in rows:
        if row.kind in TEXTS:
            texts.append(row)
            if len(row.comment) > SUMMARY_LENGTH:
                story.adapted["its comment was cut to 300 characters"] += 1
        elif row.kind in _STATES:
            name, is_on = _STATES[row.kind]
            setattr(story, name, _mark(row) if is_on else None)
        else:
            what = _OTHER.get(row.kind, "an event of an unknown kind")
            story.left_out[f"{what} (PostHistoryTypeId {row.kind}): not kept"] += 1
    for _, group in groupby(texts, key=_GROUP):
        story.versions.append(_version(list(group), post, story.versions))
    story.taken = len(rows) - story.left_out.total()
    return story


def lacks_present_text(story: Story, post: PostRow) -> bool:
    """Return whether the last of the versions is not the post as it stands: edited later, or never told whole."""
    last = story.versions[-1]
    was_edited_later = post.edited_at is not None and post.edited_at - last.created_at > _SAME_EDIT
    return was_edited_later or (not last.body and bool(post.html))


def _version(group: list[HistoryRow], post: PostRow, before: list[Version]) -> Version:
    title = body = tags = None
    summary = ""
    is_rollback = False
    for row in group:
        if row.kind in BODIES:
            body = row.text
        elif row.kind in TITLES:
            title = row.text
        else:
            tags = row.text
        summary = summary or row.comment
        is_rollback = is_rollback or row.kind in ROLLBACKS
    last = before[-1] if before else None
    version = Version(
        title=_title(title, post, last) if post.is_question else None,
        body=body if body is not None else (last.body if last else ""),
        tags=_tags(tags, post, last) if post.is_question else None,
        summary=cut(" ".join(summary.split()), SUMMARY_LENGTH),
        editor=_author(group[0]),
        created_at=_at(group[0]),
        restores=None,
    )
    if is_rollback:
        return version._replace(restores=next(_same_as(version, before), None))
    return version


def _title(title: str | None, post: PostRow, last: Version | None) -> str | None:
    if title is not None:
        return cut(" ".join(title.split()), TITLE_LENGTH)
    return last.title if last else post.title


def _tags(tags: str | None, post: PostRow, last: Version | None) -> tuple[str, ...] | None:
    if tags is None and last:
        return last.tags
    written = post.tags if tags is None else split_tags(tags)
    return spelled(written)


def _same_as(version: Version, before: list[Version]) -> Iterator[int]:
    """Yield the numbers of earlier revisions with the same text, the latest first; the last one is what was undone."""
    for index in range(len(before) - 2, -1, -1):
        if before[index][:3] == version[:3]:
            yield index + 1


def _mark(row: HistoryRow) -> Mark:
    reason = _CLOSE_REASONS.get(row.comment.strip()) if row.kind == CLOSED else None
    return Mark(_at(row), _author(row), reason)


def _author(row: HistoryRow) -> Author:
    if row.user:
        return ("user", row.user)
    return ("name", row.name) if row.name and row.name.strip() else None


def _at(row: HistoryRow) -> datetime:
    found = instant(row.at)
    if found is None:
        raise ValueError(f"the reader let a row without a date through: {row.id}")
    return found
