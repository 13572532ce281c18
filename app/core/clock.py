"""The present time. Only the edges (web, api, worker, cli) read it and pass `now` in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SKEW = timedelta(minutes=5)
"""So far the clocks of machines that serve together may be apart; what is later comes of a clock that was wrong."""


def utc_now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)
