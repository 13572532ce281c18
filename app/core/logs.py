"""Logging of a process: one line an event, to standard error."""

from __future__ import annotations

import logging

_FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"


def set_up(level: str) -> None:
    """Log from `level` ("debug" to "error") on; each process calls this once, as its first act."""
    logging.basicConfig(level=level.upper(), format=_FORMAT)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # tells each start what is known
