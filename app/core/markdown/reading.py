"""What rendered HTML says: as plain text, in short, and where it links to."""

from __future__ import annotations

import re
from html import unescape

# Clean HTML only: there "<" outside a tag is always written as a reference, and no value holds ">".
_TAG = re.compile(r"<[^>]*>")
_BLOCK_END = re.compile(r"</(?:p|h[1-6]|li|pre|blockquote|t[hdr]|d[td])>|<br>|<hr>")
_IMAGE = re.compile(r'<img[^>]*? alt="([^"]*)"[^>]*>')
_PRE = re.compile(r"<pre[ >].*?</pre>", re.DOTALL)
_OUTSIDE_LINK = re.compile(r'<a href="(?:https?:|mailto:)', re.IGNORECASE)
_UPLOAD = re.compile(r'(?:src|href)="/uploads/([0-9a-f]{64})\.[a-z]{3,4}"')
_BLANKS = re.compile(r"[ \t]{2,}|\t")


def plain_text(html: str) -> str:
    """Return the text of clean HTML, code and the names of images included, one block a line: for search."""
    lines = (line.strip() for line in _BLANKS.sub(" ", _text(html)).split("\n"))
    return "\n".join(line for line in lines if line)


def one_line(html: str) -> str:
    """Return the same text as `plain_text` in one line, in less time."""
    return " ".join(_text(html).split())


def excerpt(html: str, length: int = 160) -> str:
    """Return the beginning of the text in one line, at most `length` characters, cut between words.

    Blocks of code are left out unless there is nothing else.
    """
    text = one_line(_PRE.sub("", html)) or one_line(html)
    if len(text) <= length:
        return text
    cut = text[:length].rpartition(" ")[0] or text[: length - 1]
    return f"{cut.rstrip(' ,;:.')}…"


def count_links(html: str) -> int:
    """Return how many links lead away from this site."""
    return len(_OUTSIDE_LINK.findall(html))


def upload_hashes(html: str) -> set[str]:
    """Return the hashes of the uploads that the HTML shows or links to."""
    return set(_UPLOAD.findall(html))


def _text(html: str) -> str:
    with_names = _IMAGE.sub(r" \1 ", html)
    return unescape(_TAG.sub("", _BLOCK_END.sub("\n", with_names)))
