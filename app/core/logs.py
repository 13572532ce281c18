"""Logging of a process: one line an event, to standard error, as text or as JSON.

Every line that is written while a request is answered names the request: its id stands in the
answer's header X-Request-Id, too, and on the page of an error.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered; "" outside of one. Threads that work for it have it, too."""

visitor: ContextVar[Callable[[], str] | None] = ContextVar("visitor", default=None)
"""What tells the address of whoever made the request; None outside of one. Few lines need it."""

_FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"


def address() -> str:
    """Return the address that the present request comes from, "" outside of one."""
    ask = visitor.get()
    return ask() if ask else ""


def set_up(level: str, form: str = "text") -> None:
    """Log from `level` ("debug" to "error") on; each process calls this once, as its first act."""
    handler = logging.StreamHandler()
    handler.setFormatter(AsJson() if form == "json" else AsText())
    logging.basicConfig(level=level.upper(), handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)  # tells each start what is known


class AsText(logging.Formatter):
    """A line for people, with the request's id at its end."""

    def __init__(self) -> None:
        super().__init__(_FORMAT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (logging's name)
        """Return the line, before a traceback."""
        line, current = super().formatMessage(record), request_id.get()
        return f"{line} id={current}" if current else line


class AsJson(logging.Formatter):
    """A line for programs: one JSON object, whatever is logged.

    `facts` of a line (`log.info(…, extra={"facts": {…}})`) become its members: those of a request are
    method, path, route, status and ms.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the object."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if current := request_id.get():
            line["request_id"] = current
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["exception"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)
