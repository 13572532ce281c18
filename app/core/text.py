"""Characters that have no place in text."""

from __future__ import annotations

import re

# What XML 1.0 forbids (a single one breaks a feed), DEL, and halves of surrogate pairs.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
# What is left when those and carriage returns are not there: nearly every text, and told three times as fast.
_CLEAN = re.compile("[\t\n -~\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


def clean_text(text: str) -> str:
    """Return text with line ends as LF and without control characters."""
    if _CLEAN.fullmatch(text):
        return text
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
