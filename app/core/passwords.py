"""Passwords: argon2id hashes, and what makes a password too weak (NIST SP 800-63B, section 3.1.1.2)."""

from __future__ import annotations

import gzip
import itertools
import threading
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from app.core.errors import Invalid
from app.core.i18n import gettext as _

MIN_LENGTH = 10
MAX_LENGTH = 256

# OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Each hash takes 19 MiB and one processor: a crowd at the sign-in page must not take the machine.
_GATE = threading.BoundedSemaphore(2)

_MAX_TAIL = 5  # "sunshine2026!" is "sunshine" to whoever guesses
_LEET = str.maketrans("0134578@$!", "oleastbasi")


def hash_password(password: str) -> str:
    """Return the argon2id hash to keep."""
    with _GATE:
        return _HASHER.hash(_normal(password))


def verify_password(password: str, kept_hash: str | None) -> bool:
    """Return whether the password belongs to the hash.

    Without a hash (no such account, or one without a password) it takes as long and says no, so
    that the time tells nobody which accounts exist.
    """
    is_possible = kept_hash is not None and len(password) <= MAX_LENGTH
    with _GATE:
        matches = _matches(kept_hash or _dummy_hash(), _normal(password[:MAX_LENGTH]))
    return matches and is_possible


def needs_rehash(kept_hash: str) -> bool:
    """Return whether the hash was made with other costs than today's."""
    try:
        return _HASHER.check_needs_rehash(kept_hash)
    except InvalidHashError:
        return True


def check_strength(
    password: str, personal: Sequence[str] = (), *, site: Sequence[str] = (), field: str = "password"
) -> None:
    """Raise Invalid for a password that is too short, too long, common, regular, or made of what is known.

    Known are the `personal` facts of its owner, and the names of the `site` (Settings.password_facts).

    No rule about kinds of characters: such rules make passwords worse (the same section of NIST's text).
    """
    normal = _compatible(password)
    folded = normal.casefold()
    if len(normal) < MIN_LENGTH:
        raise Invalid(
            field, _("Use at least %(n)s characters; several words are easiest.") % {"n": MIN_LENGTH}
        )
    if len(normal) > MAX_LENGTH:
        raise Invalid(field, _("Use at most %(n)s characters.") % {"n": MAX_LENGTH})
    if _is_regular(folded):
        raise Invalid(field, _("This repeats or counts up, so it is quickly guessed. Use several words."))
    if _is_common(folded):
        raise Invalid(field, _("This is one of the passwords that are tried first. Use several words."))
    if any(_is_made_of(folded, fact) for fact in personal):
        raise Invalid(field, _("This is made of your name or address. Use something nobody knows of you."))
    if any(_is_made_of(folded, fact) for fact in site):
        raise Invalid(field, _("This is made of the name of this place. Use several words."))


def _normal(password: str) -> str:
    # The same characters in the same order, however the keyboard at hand composes them: nothing is cut,
    # no case is changed, and none stands for another.
    return unicodedata.normalize("NFC", password)


def _compatible(password: str) -> str:
    # What looks alike is guessed alike: full-width letters are letters.
    return unicodedata.normalize("NFKC", password)


def _matches(kept_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept_hash, password.encode("utf-8", "surrogatepass"))
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _dummy_hash() -> str:
    return _HASHER.hash("nobody has this password")


def _is_regular(folded: str) -> bool:
    if len(set(folded)) < 4 or _has_period(folded):
        return True
    steps = [ord(after) - ord(before) for before, after in itertools.pairwise(folded)]
    return max(steps.count(1), steps.count(-1)) >= len(steps) - 1


def _has_period(folded: str) -> bool:
    # A text is one piece, repeated, when it is found in itself twice over before its own end.
    return (folded + folded).find(folded, 1) <= len(folded) // 2


def _is_common(folded: str) -> bool:
    common = _common_passwords()
    candidates = {folded, folded.translate(_LEET)}
    for candidate in tuple(candidates):
        stem = candidate.rstrip("0123456789!?.,-_*#$@+ ")
        if len(candidate) - len(stem) <= _MAX_TAIL:
            candidates.add(stem)
            candidates.add(stem.translate(_LEET))
    return not candidates.isdisjoint(common)


@cache
def _common_passwords() -> frozenset[str]:
    """Return stems, to which people add digits and signs, and the most used of what was found in breaches."""
    here = files("app.core")
    stems = here.joinpath("common_passwords.txt").read_text("utf-8")
    breached = gzip.decompress(here.joinpath("breached_passwords.txt.gz").read_bytes()).decode()
    return frozenset((*stems.split(), *breached.splitlines()))


def _is_made_of(folded: str, fact: str) -> bool:
    known = _compatible(fact).casefold().strip()
    # Short facts are in many good passwords by chance; a known one with little added is no secret.
    return len(known) >= 4 and known in folded and len(folded) - len(known) < MIN_LENGTH - 3
