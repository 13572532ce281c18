"""What is found in running text outside code and links: bare addresses, @handles and #tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

# Each alternative begins with a character that can't be inside the one before, and no part can match
# in two ways: the scan is linear (quadratic linkifiers are a known way to stop a forum).
_FOUND = re.compile(
    r"(?P<url>(?<![\w/])https?://[^\s<>\"\x00-\x1f\\]+)"
    r"|(?<![\w/@.#&+-])@(?P<handle>\w+(?:[-.]\w+)*)"
    r"|(?<![\w/@.#&+-])#(?P<tag>[^\W\d_](?:[\w+.-]*[\w+#])?)"
)
_AFTER_URL = ".,:;!?'\"*_~"
_HEX_COLOR = re.compile(r"[0-9a-fA-F]{3,8}")
_LONGEST_HANDLE = 40
_LONGEST_TAG = 35


@dataclass(frozen=True)
class Found:
    """A link made of text: `kind` is "url", "mention" or "hashtag"."""

    kind: str
    text: str
    href: str


def pieces(text: str) -> Iterator[str | Found]:
    """Cut text into plain parts and links."""
    at = 0
    for match in _FOUND.finditer(text):
        found = _found(match)
        if found is None:
            continue
        if match.start() > at:
            yield text[at : match.start()]
        yield found
        at = match.start() + len(found.text)
    if at < len(text):
        yield text[at:]


def _found(match: re.Match[str]) -> Found | None:
    if match["url"]:
        url = _trimmed(match["url"])
        return Found("url", url, url) if len(url) > len("https://") else None
    if match["handle"]:
        handle = match["handle"]
        return (
            Found("mention", match[0], f"/users/{quote(handle)}") if len(handle) <= _LONGEST_HANDLE else None
        )
    tag = match["tag"].casefold()
    if len(tag) > _LONGEST_TAG or _HEX_COLOR.fullmatch(tag):
        return None
    return Found("hashtag", match[0], f"/tags/{quote(tag, safe='')}")


def _trimmed(url: str) -> str:
    """Return an address without the punctuation of the sentence around it; brackets stay when they are pairs."""
    spare = url.count(")") - url.count("(")
    end = len(url)
    while end:
        last = url[end - 1]
        if last == ")" and spare > 0:
            spare -= 1
        elif last not in _AFTER_URL:
            break
        end -= 1
    return url[:end]
