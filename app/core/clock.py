"""The present time. Only the edges (web, api, worker, cli) read it and pass `now` in."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)
