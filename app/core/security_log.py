"""What happens to accounts, and what is refused: a log line each, for who watches over the forum.

The logger is "peerdesk.security". A line says what happened, to which member (by id), from which
address; the request's id, in it like in every line, leads to the rest. Passwords, tokens and
addresses of e-mail are never in it.
"""

from __future__ import annotations

import logging

from app.core import logs

log = logging.getLogger("peerdesk.security")


def tell(event: str, *, member: int | None = None, **facts: str | int) -> None:
    """Log an event ("session.opened", "password.refused"); `member` None: nobody who is known."""
    told: dict[str, str | int | None] = {"event": event, "member": member, "address": logs.address(), **facts}
    line = " ".join(f"{name}={_plain(value)}" for name, value in told.items() if name != "event")
    log.info("%s %s", event, line, extra={"facts": told})


def _plain(value: str | int | None) -> str:
    """Return a value as one word of a line for people, whatever a visitor wrote."""
    return (
        "-"
        if value is None or value == ""
        else str(value).encode("unicode_escape").decode().replace(" ", "_")
    )
