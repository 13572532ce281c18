"""Who may listen for what."""

from __future__ import annotations

import re

from app.core.errors import NotFound
from app.models import User

QUEUE = "queue"
CASE = "case"

_STAFF_TOPIC = re.compile(r"queue|case:[1-9][0-9]{0,9}")


class TopicUnknown(NotFound):
    """There is no such topic."""


def may_listen(viewer: User | None) -> bool:
    """Say whether this viewer may listen for what happens to cases."""
    return viewer is not None and viewer.is_staff


def staff_topic(text: str) -> str:
    """Return the topic of that name for staff: "queue" or "case:{id}"; raise TopicUnknown for any other."""
    if not _STAFF_TOPIC.fullmatch(text):
        raise TopicUnknown
    return text
