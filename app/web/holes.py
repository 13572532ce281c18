"""Pages that members share: what is each one's own is left out as holes, and filled in for each.

A page is rendered for no member in particular (`Somebody`): the shared text can't hold a name, a
number of news or a token, for it never sees one. The header and the forms' token are holes; their
names are made anew by each process and never leave it, so nothing that people write can be one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from fastapi import Request
from markupsafe import Markup

from app.web.identity import SignedInAs

_NAME = secrets.token_hex(16)
HEADER = Markup(f"<!--header {_NAME}-->")  # noqa: S704 (hexadecimal digits)
TOKEN = f"token-{_NAME}"


@dataclass(frozen=True)
class Somebody:
    """A member as a shared page knows them: by what they may do. Nobody's id is 0; asking for more is an error."""

    is_agent: bool
    is_moderator: bool
    is_admin: bool
    is_staff: bool
    may_review: bool
    may_work: bool
    may_lead: bool
    id: int = 0

    @classmethod
    def like(cls, viewer: SignedInAs) -> Somebody:
        """Return a member of the same rights."""
        return cls(
            is_agent=viewer.is_agent,
            is_moderator=viewer.is_moderator,
            is_admin=viewer.is_admin,
            is_staff=viewer.is_staff,
            may_review=viewer.may_review,
            may_work=viewer.may_work,
            may_lead=viewer.may_lead,
        )


@dataclass
class Shared:
    """A page that is to be shared: `text` is the page with its holes once it was rendered."""

    text: bytes = b""


def leave(request: Request) -> Shared:
    """Have the page of this request rendered with holes."""
    shared = request.state.shared = Shared()
    return shared


def wanted(request: Request) -> Shared | None:
    """Return where to put the page with its holes; None when it is rendered for its viewer alone."""
    shared: Shared | None = getattr(request.state, "shared", None)
    return shared


def filled(page: bytes, *, header: str, token: str) -> bytes:
    """Return a shared page as one member gets it; the header has holes for the token, too."""
    return page.replace(HEADER.encode(), header.encode()).replace(TOKEN.encode(), token.encode())
