"""An independent look at rendered HTML: parsed as browsers do, is everything in it on the allow-list?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import html5lib

ELEMENTS = frozenset(
    "a b blockquote br code dd del dl dt em h3 h4 h5 h6 hr i img kbd li ol p pre s samp span strike strong sub "
    "sup table tbody td th thead tr ul var".split()
)
ATTRIBUTES = {
    "a": {"href", "rel", "class", "data-video"},
    "img": {"src", "alt", "width", "height", "loading"},
    "li": {"class"},
    "ol": {"start"},
    "pre": {"class", "tabindex"},
    "span": {"class"},
    "table": {"tabindex"},
    "td": {"class"},
    "th": {"class"},
}
CLASSES = frozenset("c center end gd gi hashtag highlight k m mention nf s task video".split())
HREF = re.compile(r"(https?://[^/\\\s]|mailto:|/(?![/\\])|#)[^\s\\]*", re.IGNORECASE)
UPLOAD = re.compile(r"/uploads/[0-9a-f]{64}\.(png|jpg|webp|gif)")


def offences(html: str) -> list[str]:
    """Return what in the HTML should not be there."""
    fragment = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
    return [offence for element in fragment.iter() for offence in _offences_of(element)]


def reserialised(html: str) -> str:
    """Return the HTML as a browser would write it after parsing: where mutation XSS comes to light."""
    fragment = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
    written: str = html5lib.serialize(
        fragment,
        tree="etree",
        omit_optional_tags=False,
        quote_attr_values="always",
        alphabetical_attributes=False,
    )
    return written


def _offences_of(element: Any) -> Iterator[str]:
    if element.tag == "DOCUMENT_FRAGMENT":
        return
    if element.tag not in ELEMENTS:
        yield f"<{element.tag}>"
        return
    for name, value in element.attrib.items():
        if name not in ATTRIBUTES.get(element.tag, set()):
            yield f"<{element.tag} {name}>"
        if name == "class" and not CLASSES.issuperset(value.split()):
            yield f"class {value}"
        if name == "href" and not HREF.fullmatch(value):
            yield f"href {value!r}"
        if name == "src" and not UPLOAD.fullmatch(value):
            yield f"src {value!r}"
        if name in {"width", "height", "start", "tabindex"} and not value.isdigit():
            yield f"{name} {value!r}"
    if (
        element.tag == "a"
        and "href" in element.attrib
        and element.attrib.get("rel") != "nofollow ugc noopener"
    ):
        yield "a link without rel"
