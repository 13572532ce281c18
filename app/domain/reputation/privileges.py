"""What reputation allows: one table, read by every policy and shown on the help page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.core.errors import NotAllowed
from app.core.i18n import gettext as _
from app.models import User


@dataclass(frozen=True)
class Privilege:
    """Something members may do from `threshold` reputation on; staff may always."""

    key: str
    threshold: int
    title: str
    description: str


PRIVILEGES = (
    Privilege(
        "suggest_edit", 1, "Suggest edits", "Improve any post; someone with more experience approves it."
    ),
    Privilege("vote_up", 5, "Vote up", "Mark a question or answer as useful."),
    Privilege(
        "comment", 10, "Comment anywhere", "Under your own questions and their answers you always can."
    ),
    Privilege("post_links", 10, "Post more than two links", "Fewer links are always fine."),
    Privilege("flag", 15, "Flag posts", "Point moderators to spam and worse."),
    Privilege("vote_down", 50, "Vote down", "Mark a question or answer as not useful."),
    Privilege(
        "request_staff", 250, "Ask staff to look", "Bring a question that nobody could solve to the company."
    ),
    Privilege("close_duplicate", 500, "Close duplicates", "Point a repeated question to its original."),
    Privilege("edit", 1_000, "Edit any post", "Your edits appear at once, and you approve those of others."),
)

_BY_KEY = {privilege.key: privilege for privilege in PRIVILEGES}


class Unverified(NotAllowed):
    """The member has not confirmed their e-mail address."""

    def __init__(self) -> None:
        super().__init__(
            _("Confirm your e-mail address first: open the link that we sent you, or ask for a new one.")
        )


class Suspended(NotAllowed):
    """The member may only read for now."""

    def __init__(self, until: datetime, reason: str) -> None:
        text = _("Your account is suspended until %(day)s, so you can read but not post. Reason: %(reason)s")
        super().__init__(text % {"day": f"{until:%d %b %Y}", "reason": reason or "-"})


def privilege(key: str) -> Privilege:
    """Return the privilege of this key; raise KeyError for a key that is not in the table."""
    return _BY_KEY[key]


def may(member: User | None, key: str) -> bool:
    """Return whether the member's role or reputation gives them the privilege."""
    if member is None:
        return False
    return member.is_staff or member.reputation >= _BY_KEY[key].threshold


def require(member: User, key: str, *, now: datetime) -> None:
    """Raise NotAllowed, in words that say what is missing, unless the member may write and has the privilege."""
    require_active(member, now=now)
    if not may(member, key):
        needed = _BY_KEY[key]
        text = _(
            "%(title)s: needs %(threshold)s reputation; you have %(reputation)s. Good answers bring it quickly."
        )
        raise NotAllowed(
            text % {"title": needed.title, "threshold": needed.threshold, "reputation": member.reputation},
            required_privilege=key,
        )


def require_active(member: User, *, now: datetime) -> None:
    """Raise Suspended or Unverified unless the member may write at all."""
    if member.is_suspended(now) and member.suspended_until is not None:
        raise Suspended(member.suspended_until, member.suspended_reason)
    if member.email_verified_at is None and not member.is_staff:
        raise Unverified
