"""Rows of a dump, as Stack Exchange writes them: a byte order mark, CRLF, one `<row … />` a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

Attributes = Mapping[str, str | int | None]

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPED = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#xA;", "\r": "&#xD;", "\t": "&#x9;"}
)


def head(file: str) -> bytes:
    """Return how a file begins."""
    return f'\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n<{file.lower()}>\r\n'.encode()


def foot(file: str) -> bytes:
    """Return how a file ends."""
    return f"</{file.lower()}>".encode()


def to_bytes(rows: Iterable[Attributes]) -> bytes:
    """Return rows as lines; what is missing (None) is left out."""
    return b"".join(_row(attributes) for attributes in rows)


def said(value: str) -> str:
    """Return a text as a reader of the dump will have it: XML can't hold every character."""
    return _NOT_IN_XML.sub("\ufffd", value)


def at(value: datetime | None) -> str | None:
    """Return an instant as dumps write it: in UTC, to the millisecond."""
    return _utc(value).isoformat(timespec="milliseconds") if value is not None else None


def day(value: datetime) -> str:
    """Return the day of an instant: votes tell no time."""
    return f"{_utc(value):%Y-%m-%d}T00:00:00.000"


def tags(names: Iterable[str]) -> str:
    """Return tags as a dump writes them."""
    return "".join(f"<{name}>" for name in names)


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value


def _row(attributes: Attributes) -> bytes:
    told = " ".join(
        f'{name}="{said(value).translate(_ESCAPED) if isinstance(value, str) else value}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"  <row {told} />\r\n".encode()
