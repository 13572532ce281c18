"""One line of progress that changes, for people at a terminal: files and cron's mails get none of it."""

from __future__ import annotations

import sys
from collections.abc import Callable

Progress = Callable[[str, int], None]


def progress(*, is_quiet: bool) -> Progress | None:
    """Return what shows how many rows of which table are done; None where nobody looks."""
    return _show if sys.stderr.isatty() and not is_quiet else None


def end_progress() -> None:
    """Clear the line of progress, so that what is printed next begins a line."""
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _show(table: str, rows: int) -> None:
    print(f"\r{table}: {rows} rows\033[K", end="", file=sys.stderr, flush=True)
