"""Where a visitor may be sent on to after signing in: pages of ours only."""

from __future__ import annotations

import re
from urllib.parse import unquote

MAX_LENGTH = 2000

# Browsers read "//host", "/\host" and, dropping tabs and line ends, "/<TAB>/host" as other hosts.
_OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x1f\x7f\\]*")


def safe_next(target: str, *, default: str = "/") -> str:
    """Return `target` when it is a path on this host, else `default`."""
    if len(target) > MAX_LENGTH or not _OWN_PATH.fullmatch(target) or _has_lone_surrogate(target):
        return default
    # A proxy on the way may decode the path, so it must be as harmless then.
    path = re.split(r"[?#]", target, maxsplit=1)[0]
    return target if _OWN_PATH.fullmatch(unquote(path)) else default


def _has_lone_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
