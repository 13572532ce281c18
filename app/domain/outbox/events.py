"""What every event is: a frozen dataclass in the past tense that carries ids only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened. `by_id` is the member who did it (None: the system), `question_id` the thread."""

    by_id: int | None
    question_id: int | None = None

    name: ClassVar[str] = "Event"

    def __init_subclass__(cls) -> None:
        cls.name = cls.__name__
        EVENT_TYPES[cls.name] = cls

    def payload(self) -> dict[str, Any]:
        """Return the fields as they are stored."""
        return asdict(self)


EVENT_TYPES: dict[str, type[Event]] = {}
"""Every event class by its name, to read stored events back."""
