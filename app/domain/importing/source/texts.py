"""Names, titles and tags of dumps in the form that ours have."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from app.core import markdown
from app.core.errors import Invalid
from app.core.handles import MAX_NAME_LENGTH, check_display_name, may_mislead

TITLE_LENGTH = 300
TAG_LENGTH = 35
COMMENT_LENGTH = 1500
ABOUT_LENGTH = 3000
LOCATION_LENGTH = 100
BADGE_LENGTH = 60
SUMMARY_LENGTH = 300

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NOT_IN_TAG = re.compile(r"[^\w+#.-]+")
_TAG_ENDS = re.compile(r"^[^\w]+|[^\w+#]+$")
# Nothing in it means anything in Markdown, so its HTML is itself but for "&", ">" and links: nine of ten comments.
# An underline between letters is no emphasis, "&" before a space or "name=" no character's name; a number at the start
# may be that of a list. Nothing is given back ("+") of what matched once: no two of the alternatives begin alike.
_PLAIN = re.compile(
    r"""(?!\d+[.)])(?:["'(@+:]|\.+)?[^\W_]"""
    r"(?:[^\W_]++|[ ,.;:?!'\"()%/=+$>@#\[\]{}|\u200b\u00a3\u00b0\u00b1\u00d7\u20ac\u2018-\u201d\u2013\u2014\u2026-]++"
    r"|(?<=[^\W_])_(?=[^\W_])|~(?!~)|&(?= |\w+=))*+"
)
_LINKS = re.compile("//|[@#]")


def clean_name(name: str) -> str:
    """Return a name in one line without invisible and reordering characters; may be empty."""
    kept = "".join(c for c in name if c in "\t\n " or unicodedata.category(c) not in _INVISIBLE)
    return " ".join(kept.split())[:MAX_NAME_LENGTH]


def display_name(name: str, *, source: str, otherwise: str) -> str:
    """Return the name an imported author is shown by: theirs, marked with the source if it could mislead."""
    cleaned = clean_name(name)
    if not cleaned:
        return otherwise
    try:
        return check_display_name(cleaned)
    except Invalid:  # perhaps only unusual, and whoever wrote the posts must be named
        if not may_mislead(cleaned):
            return cleaned
    mark = f" ({source})"[:30]
    return cleaned[: MAX_NAME_LENGTH - len(mark)] + mark


def cut(text: str, length: int) -> str:
    """Return text that is no longer than a column; "…" says that something is missing."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def comment_html(text: str) -> str:
    """Return what `markdown.render` returns, sooner for plain sentences."""
    line = text.rstrip(" ")
    if not _PLAIN.fullmatch(line) or "  " in line or "](" in line:
        return markdown.render(text)
    if _LINKS.search(line):
        return markdown.render_plain(line)
    return f"<p>{line.replace('&', '&amp;').replace('>', '&gt;')}</p>\n"


def split_tags(written: str) -> tuple[str, ...]:
    """Return the tags of "<a><b>" (older dumps) or "|a|b|" (newer ones)."""
    return tuple(part for part in re.split(r"[<>|]+", written) if part)


@lru_cache(maxsize=4096)
def tag_name(name: str) -> str:
    """Return a tag as ours are written: ".net" becomes "dot-net", "a b" becomes "a-b"; "" if nothing is left."""
    spelled = f"dot-{name[1:]}" if name.startswith(".") else name
    joined = _NOT_IN_TAG.sub("-", unicodedata.normalize("NFKC", spelled).casefold())
    return _TAG_ENDS.sub("", _TAG_ENDS.sub("", joined)[:TAG_LENGTH])


def spelled(written: tuple[str, ...]) -> tuple[str, ...]:
    """Return tags as ours are written, each once."""
    return tuple(dict.fromkeys(name for name in map(tag_name, written) if name))
