"""Atom feeds as RFC 4287 has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from app.core.text import clean_text

MEDIA_TYPE = "application/atom+xml"
NAMESPACE = "http://www.w3.org/2005/Atom"
NOTHING_YET = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed without entries was updated: RFC 4287 wants an instant, and the present one would change each time."""


@dataclass(frozen=True)
class Author:
    """Who wrote an entry; `url` is empty for those who left."""

    name: str
    url: str


@dataclass(frozen=True)
class Entry:
    """One entry. `id` is its address for ever, `link` where it stands now; `html` is safe."""

    id: str
    link: str
    title: str
    author: Author
    published_at: datetime
    updated_at: datetime
    html: str
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Feed:
    """A feed; `id` is its own address, `link` that of the page with the same content, `base` the forum's."""

    id: str
    link: str
    title: str
    site: str
    base: str
    entries: Sequence[Entry]

    @property
    def updated_at(self) -> datetime:
        """The newest instant in it."""
        return max((entry.updated_at for entry in self.entries), default=NOTHING_YET)


def write(feed: Feed) -> bytes:
    """Return the feed's document. Addresses inside the content may be relative: `xml:base` says to what."""
    root = Element("feed", {"xmlns": NAMESPACE, "xml:lang": "en", "xml:base": f"{feed.base}/"})
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    _text(root, "updated", rfc3339(feed.updated_at))
    _link(root, rel="self", href=feed.id, type=MEDIA_TYPE)
    _link(root, rel="alternate", href=feed.link, type="text/html")
    _text(root, "generator", "Peerdesk")
    _author(root, Author(feed.site, feed.base))  # for entries of which nobody is known any more
    root.extend(_entries(feed.entries))
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def rfc3339(instant: datetime) -> str:
    """Return the instant in UTC, to the second."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _entries(entries: Iterable[Entry]) -> Iterable[Element]:
    for entry in entries:
        element = Element("entry")
        _text(element, "id", entry.id)
        _text(element, "title", entry.title)
        _text(element, "published", rfc3339(entry.published_at))
        _text(element, "updated", rfc3339(entry.updated_at))
        _link(element, rel="alternate", href=entry.link, type="text/html")
        _author(element, entry.author)
        for category in entry.categories:
            SubElement(element, "category", term=clean_text(category))
        _text(element, "content", entry.html, type="html")
        yield element


def _author(parent: Element, author: Author) -> None:
    person = SubElement(parent, "author")
    _text(person, "name", author.name)
    if author.url:
        _text(person, "uri", author.url)


def _link(parent: Element, **attributes: str) -> None:
    SubElement(parent, "link", attributes)


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = clean_text(text)
