"""How often the doors may be tried: one table.

Signing in counts failures only; a success is given back. A browser that has signed in to the
account before carries a device cookie and counts for itself alone, so that whoever fails on
purpose, from however many places, never locks out the owner.
"""

from __future__ import annotations

from datetime import timedelta

from app.domain.throttles import Attempt, Limit

_QUARTER = timedelta(minutes=15)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def signing_in(*, address: str, subnet: str, device: str) -> list[Attempt]:
    """Return what an attempt to sign in counts towards; `device` is "" for one that is not known."""
    if device:
        return [Attempt("sign_in:device", device, Limit(10, _QUARTER))]
    return [
        Attempt("sign_in:address+subnet", f"{address} {subnet}", Limit(10, _QUARTER)),
        Attempt("sign_in:subnet", subnet, Limit(50, _QUARTER)),
        Attempt("sign_in:address", address, Limit(100, _HOUR)),
        Attempt("sign_in:everyone", "", Limit(3000, _QUARTER)),
    ]


def signing_up(*, address: str, subnet: str) -> list[Attempt]:
    """Return what a sign-up counts towards."""
    return [
        Attempt("sign_up:subnet", subnet, Limit(20, _HOUR)),
        *_mail_to(address),
    ]


def asking_for_reset(*, address: str, subnet: str) -> list[Attempt]:
    """Return what asking for a reset link counts towards."""
    return [
        Attempt("reset:subnet", subnet, Limit(20, _HOUR)),
        *_mail_to(address),
    ]


def resending(*, member_id: int, address: str) -> list[Attempt]:
    """Return what asking for another link counts towards."""
    return [Attempt("resend:member", str(member_id), Limit(5, _HOUR)), *_mail_to(address)]


def using_link(*, subnet: str) -> list[Attempt]:
    """Return what opening a link with a token counts towards."""
    return [Attempt("link:subnet", subnet, Limit(60, _HOUR))]


def proving_password(*, member_id: int) -> list[Attempt]:
    """Return what giving one's password again counts towards."""
    return [Attempt("password:member", str(member_id), Limit(10, _QUARTER))]


def _mail_to(address: str) -> list[Attempt]:
    """Bound the mail that strangers can cause in one mailbox, whichever form they use."""
    return [
        Attempt("mail:address", address, Limit(5, _HOUR)),
        Attempt("mail:address:day", address, Limit(15, _DAY)),
    ]
