# ruff: noqa: RUF001  (letters that look alike are what this file is about)
"""Handles and display names: what may be one, and when two look alike.

A person must not pass for another, nor for staff: names that look alike have one skeleton (the
idea of Unicode's UTS 39, with the few confusable letters that matter for one-script names), each
name keeps to one script, and nothing in it is invisible, reordering, or a sign like a badge.
"""

from __future__ import annotations

import re
import unicodedata

from app.core.errors import Invalid
from app.core.i18n import gettext as _

MIN_LENGTH = 3
MAX_LENGTH = 30
MAX_NAME_LENGTH = 60

RESERVED = frozenset(
    {
        "abuse", "admin", "administrator", "administration", "all", "anonymous", "answer", "api", "ask",
        "ceo", "channel", "community", "deleted", "employee", "everyone", "feedback", "guest", "help",
        "helpdesk", "here", "hostmaster", "info", "me", "mod", "moderation", "moderator", "moderators",
        "new", "nobody", "noreply", "official", "operator", "owner", "peerdesk", "postmaster", "root",
        "security", "self", "service", "settings", "staff", "superuser", "support", "sysadmin", "system",
        "team", "unknown", "user", "users", "verified", "webmaster",
    }
)  # fmt: skip
"""Handles that nobody can take; in display names each is refused as a word of its own."""

_CLAIMS = frozenset(
    {
        "admin", "administrator", "employee", "helpdesk", "moderator", "official", "operator", "staff",
        "support", "sysadmin", "verified", "webmaster",
    }
)  # fmt: skip

_JOINED = re.compile(r"[-_.]")
_SPACES = re.compile(r"\s+")
_NAME_PUNCTUATION = frozenset(" -_.'’,()&/+#")
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Letters and marks that show nothing (Unicode's Default_Ignorable_Code_Point, as far as letters and marks go)."""

_LATIN_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_SCRIPTS_THAT_MIX = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HALFWIDTH"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
_LOOKALIKES = str.maketrans(
    {
        # digits and signs that pass for letters
        "0": "o", "1": "i", "l": "i", "|": "i", "!": "i", "5": "s", "$": "s", "@": "a", "ı": "i",
        # Cyrillic
        "а": "a", "в": "b", "е": "e", "ѕ": "s", "і": "i", "ј": "j", "к": "k", "м": "m", "н": "h", "о": "o",
        "р": "p", "с": "c", "т": "t", "у": "y", "х": "x", "ԁ": "d", "ԛ": "q", "ԝ": "w", "һ": "h", "ӏ": "i",
        # Greek
        "α": "a", "β": "b", "γ": "y", "ε": "e", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p",
        "τ": "t", "υ": "u", "χ": "x", "ω": "w",
        # Latin letters with strokes, which no decomposition takes apart
        "ø": "o", "đ": "d", "ł": "i", "æ": "ae", "œ": "oe", "ħ": "h",
    }
)  # fmt: skip


def check_handle(text: str, *, field: str = "handle", may_be_reserved: bool = False) -> str:
    """Return the handle in its normal form, or raise Invalid and say what a handle is."""
    handle = unicodedata.normalize("NFKC", text.strip())
    if not MIN_LENGTH <= len(handle) <= MAX_LENGTH:
        message = _("Use %(least)s to %(most)s characters.") % {"least": MIN_LENGTH, "most": MAX_LENGTH}
        raise Invalid(field, message)
    if not _is_handle(handle):
        raise Invalid(field, _("Use letters, digits and, between them, single hyphens, dots or underscores."))
    if not _is_of_one_script(handle):
        raise Invalid(field, _("Use letters of one alphabet only."))
    if not may_be_reserved and skeleton(handle) in _RESERVED_SKELETONS:
        raise Invalid(field, _("This name is kept for the people who run this place. Choose another."))
    return handle


def check_display_name(text: str, *, field: str = "display_name", may_claim_role: bool = False) -> str:
    """Return the name in its normal form, or raise Invalid; `may_claim_role` is for staff's own names."""
    name = _SPACES.sub(" ", unicodedata.normalize("NFKC", text).strip())
    if not name or len(name) > MAX_NAME_LENGTH:
        raise Invalid(field, _("Enter a name of at most %(n)s characters.") % {"n": MAX_NAME_LENGTH})
    if not all(_may_be_in_name(character) for character in name) or not _has_letter(name):
        raise Invalid(field, _("Use letters, digits, spaces and ordinary punctuation only."))
    if not _is_of_one_script(name):
        raise Invalid(field, _("Use letters of one alphabet only."))
    if not may_claim_role and _claims_a_role(name):
        raise Invalid(field, _("This name could be taken for one of the staff. Choose another."))
    return name


def may_mislead(name: str) -> bool:
    """Return whether a name that was given elsewhere could pass for another's here: for staff, above all."""
    normal = unicodedata.normalize("NFKC", name)
    words = "".join(character if _is_of_word(character) else " " for character in normal)
    has_badge = any(unicodedata.category(character) == "So" for character in name)
    return has_badge or not _is_of_one_script(normal) or _claims_a_role(words)


def skeleton(text: str) -> str:
    """Return what names that look alike have in common; unique among handles."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    bare = folded if folded.isascii() else _without_latin_marks(folded)
    alike = _JOINED.sub("", bare).translate(_LOOKALIKES)
    return alike.replace("rn", "m").replace("vv", "w")


def suggest_handle(name: str) -> str:
    """Return a handle made of any name: for imported and invited people. It may be taken already."""
    normal = unicodedata.normalize("NFKC", name)
    kept = "".join(c if c.isalnum() else "-" for c in normal)
    handle = re.sub(r"-+", "-", kept)[:MAX_LENGTH].strip("-")
    is_usable = len(handle) >= MIN_LENGTH and _is_handle(handle) and _is_of_one_script(handle)
    if not is_usable or skeleton(handle) in _RESERVED_SKELETONS:
        return f"member-{handle}"[:MAX_LENGTH] if handle.isascii() and _is_handle(handle) else "member"
    return handle


def _without_latin_marks(text: str) -> str:
    return _LATIN_MARKS.sub("", unicodedata.normalize("NFD", text))


def _is_handle(handle: str) -> bool:
    pieces = _JOINED.split(handle)
    # A mark after a letter is part of it where no composed form exists (Indic scripts).
    return all(piece and all(_is_of_word(c) for c in piece) and piece[0].isalnum() for piece in pieces)


def _is_of_word(character: str) -> bool:
    if _INVISIBLE.match(character):
        return False
    return unicodedata.category(character) in ("Lu", "Ll", "Lo", "Lt", "Nd", "Mn", "Mc")


def _may_be_in_name(character: str) -> bool:
    return character in _NAME_PUNCTUATION or _is_of_word(character)


def _has_letter(name: str) -> bool:
    return any(character.isalnum() for character in name)


def _is_of_one_script(text: str) -> bool:
    if text.isascii():
        return True
    scripts = {_script(character) for character in text if character.isalpha()}
    return len(scripts) <= 1 or any(scripts <= allowed for allowed in _SCRIPTS_THAT_MIX)


def _script(character: str) -> str:
    # The first word of a letter's name is its script: "CYRILLIC SMALL LETTER A".
    return unicodedata.name(character, "UNKNOWN").partition(" ")[0]


def _claims_a_role(name: str) -> bool:
    words = re.split(r"[ \-_.'’,()&/+#]+", name)
    return (
        any(skeleton(word) in _CLAIM_SKELETONS for word in words)
        or skeleton(name.replace(" ", "")) in _CLAIM_SKELETONS
    )


_RESERVED_SKELETONS = frozenset(skeleton(word) for word in RESERVED)
_CLAIM_SKELETONS = frozenset(skeleton(word) for word in _CLAIMS)
