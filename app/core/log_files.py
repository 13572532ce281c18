"""Uploaded log files: text only."""

from __future__ import annotations

import codecs

from app.core.errors import Invalid
from app.core.files import CheckedFile
from app.core.i18n import gettext as _
from app.core.text import clean_text

MAX_BYTES = 1_000_000

# With these marks Windows tools write what they call Unicode.
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def process(data: bytes, *, max_bytes: int = MAX_BYTES, field: str = "file") -> CheckedFile:
    """Return a log file as UTF-8 text without control characters; raise Invalid for anything but text."""
    if len(data) > max_bytes:
        message = _("This log is too large: at most %(n)s kB. Cut it down to the time of the problem.")
        raise Invalid(field, message % {"n": max_bytes // 1000})
    text = _decoded(data)
    if text is None or "\x00" in text or not text.strip():
        raise Invalid(field, _("This is no text file. Use .txt or .log with plain text in it."))
    return CheckedFile(clean_text(text).encode(), "txt")


def _decoded(data: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _as(data[len(mark) :], encoding)
    # Any bytes at all are text in Windows-1252's neighbourhood, so binary files are told by their NULs.
    return _as(data, "utf-8") or (None if b"\x00" in data else data.decode("cp1252", "replace"))


def _as(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
