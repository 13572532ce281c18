"""What every event is: a frozen dataclass in the past tense that carries ids only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened. `by_id` is the member who did it (None: the system), `question_id` the thread.

    An event that is made with `inside=True` is staff's own business: nothing that the public or the
    search index holds changes by it.
    """

    by_id: int | None
    question_id: int | None = None

    name: ClassVar[str] = "Event"
    is_inside: ClassVar[bool] = False

    def __init_subclass__(cls, *, inside: bool = False) -> None:
        cls.name = cls.__name__
        cls.is_inside = inside
        EVENT_TYPES[cls.name] = cls

    def payload(self) -> dict[str, Any]:
        """Return the fields as they are stored."""
        return asdict(self)


EVENT_TYPES: dict[str, type[Event]] = {}
"""Every event class by its name, to read stored events back."""
