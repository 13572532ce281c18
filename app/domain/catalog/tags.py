"""Tags of a question: what is typed becomes names, names become rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.models import QuestionTag, Tag

TAGS_AT_MOST = 5
_LONGEST = 35
_NAME = re.compile(r"\w(?:[\w+#.-]*[\w+#])?")


def parse_tags(typed: str) -> list[str]:
    """Return the tag names in what was typed, separated by spaces or commas; raise Invalid in plain words."""
    names = list(dict.fromkeys(part.lstrip("#").casefold() for part in re.split(r"[\s,;]+", typed) if part))
    if not names:
        raise Invalid("tags", _("Add at least one tag, such as the feature or part it is about."))
    if len(names) > TAGS_AT_MOST:
        raise Invalid("tags", _("Use at most five tags; keep the ones that say most."))
    for name in names:
        if len(name) > _LONGEST:
            raise Invalid(
                "tags", _("Tags have at most 35 characters: %(tag)s is longer.") % {"tag": name[:40]}
            )
        if not _NAME.fullmatch(name):
            raise Invalid(
                "tags",
                _("Tags are made of letters, digits, and + # . - inside: change %(tag)s.") % {"tag": name},
            )
    return names


def ensure_tags(db: Session, *, names: Sequence[str], now: datetime) -> list[Tag]:
    """Return the tags of these names, in their order; unknown ones are made, synonyms give the tag they stand for."""
    found = _by_name(db, names)
    # In the order of their names, so that two who invent the same tags at once don't wait for each other.
    for name in sorted(set(names) - set(found)):
        found[name] = _make(db, name, now=now)
    tags: list[Tag] = []
    for name in names:
        tag = found[name]
        if tag.synonym_of_id is not None:
            tag = db.get_one(Tag, tag.synonym_of_id)
        if tag not in tags:
            tags.append(tag)
    return tags


def set_tags(db: Session, *, question_id: int, tags: Sequence[Tag]) -> None:
    """Make these the question's tags."""
    db.execute(delete(QuestionTag).where(col(QuestionTag.question_id) == question_id))
    for position, tag in enumerate(tags):
        db.add(QuestionTag(question_id=question_id, tag_id=tag.id or 0, position=position))
    db.flush()


def _by_name(db: Session, names: Sequence[str]) -> dict[str, Tag]:
    return {tag.name: tag for tag in db.exec(select(Tag).where(col(Tag.name).in_(names)))}


def _make(db: Session, name: str, *, now: datetime) -> Tag:
    tag = Tag(name=name, created_at=now)
    try:
        with db.begin_nested():
            db.add(tag)
            db.flush()
    except IntegrityError:  # somebody else made it meanwhile
        return _by_name(db, [name])[name]
    return tag
