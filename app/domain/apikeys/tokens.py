"""What a key looks like: `pd_`, 30 random characters, and 6 that check the others.

The prefix lets scanners find keys that were published by mistake; the checksum tells them (and us,
without asking the database) a key from a text that only looks like one. GitHub's tokens do the same:
https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
"""

from __future__ import annotations

import re
import secrets
import string
import zlib

PREFIX = "pd_"
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM = 30  # characters: 178 bits
_CHECK = 6
_FORM = re.compile(rf"{PREFIX}([0-9A-Za-z]{{{_RANDOM}}})([0-9A-Za-z]{{{_CHECK}}})")


def new_key() -> str:
    """Return a new key."""
    entropy = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    return f"{PREFIX}{entropy}{_checksum(entropy)}"


def is_key(text: str) -> bool:
    """Return whether a text is a key by its form and checksum; whether it is anybody's, the database knows."""
    found = _FORM.fullmatch(text)
    return found is not None and _checksum(found[1]) == found[2]


def _checksum(entropy: str) -> str:
    number, digits = zlib.crc32(entropy.encode()), ""
    for _ in range(_CHECK):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
