"""The allow-list: what HTML may leave this package, whatever came in.

Nothing on it can run, load from elsewhere, or touch our pages: no `id`, `name` or `style`, no
data for scripts, and of classes only those that the renderer itself makes.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import nh3

from app.core.markdown.headings import fold_levels
from app.core.markdown.highlight import CLASSES
from app.core.text import clean_text

UPLOAD = re.compile(r"/uploads/([0-9a-f]{64})\.(?:png|jpg|webp|gif)")
"""The only images that pages show: our own uploads. Nothing is loaded from third parties."""

TAGS = frozenset(
    {
        "a", "b", "blockquote", "br", "code", "dd", "del", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6",
        "hr", "i", "img", "kbd", "li", "ol", "p", "pre", "s", "samp", "span", "strike", "strong", "sub", "sup",
        "table", "tbody", "td", "th", "thead", "tr", "ul", "var",
    }
)  # fmt: skip

# "*": nh3 would otherwise allow title and lang everywhere.
_ATTRIBUTES = {"*": set[str](), "a": {"href"}, "img": {"src", "alt", "width", "height"}, "ol": {"start"}}
_OWN_ATTRIBUTES = _ATTRIBUTES | {
    "a": {"href", "class", "data-video"},
    **{tag: {"class"} for tag in ("li", "pre", "span", "td", "th")},
}
_OWN_CLASSES = {
    "a": frozenset({"hashtag", "mention", "video"}),
    "li": frozenset({"task"}),
    "pre": frozenset({"highlight"}),
    "span": CLASSES,
    "td": frozenset({"center", "end"}),
    "th": frozenset({"center", "end"}),
}
_SET = {
    # One for each element: nh3 writes several in an order that changes from run to run.
    "img": {"loading": "lazy"},
    # What scrolls sideways must be reachable by keyboard (WCAG 2.1.1).
    "pre": {"tabindex": "0"},
    "table": {"tabindex": "0"},
}
_HREF = re.compile(r"(?:https?://[^/\\]|mailto:|/(?![/\\])|#)[^\\\x00-\x20]*", re.IGNORECASE)
# What has no port, no brackets and no letters beyond ASCII before its path always parses: nearly every link.
_PLAIN_HOST = re.compile(r"https?://[A-Za-z0-9.-]+(?:[/?#]|\Z)")
_SIZE = re.compile(r"[1-9][0-9]{0,4}")
_VIDEO = re.compile(r"[A-Za-z0-9_-]{11}")
_CONTENT_GOES = {"script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript",
                 "plaintext", "template", "svg", "math", "object", "select"}  # fmt: skip

# What stands wrongly in a table is moved out of it by each reading (the HTML standard's "foster
# parenting"), so what is written is read again until it stays.
_MOST_MOVES = 8

# A whole tag as nh3 writes it: values are quoted, and have no < > " inside.
_TAG = re.compile(r"<(/?)(a|img|h[1-6])((?: [a-z-]+=\"[^\"]*\")*)>")


def sanitise_html(html: str) -> str:
    """Return foreign HTML (of an imported post) with nothing left but what our own posts may have.

    Images from elsewhere become links; headings begin at the third level, below those of the page.
    """
    clean = _cut(html)
    for _ in range(_MOST_MOVES):
        if "<table" not in clean:
            break
        before, clean = clean, _cut(clean)
        if clean == before:
            break
    return clean


def clean_foreign(html: str) -> str:
    """Return foreign HTML with what is on the allow-list, images from elsewhere still in it: not for pages yet."""
    return _FOREIGN.clean(clean_text(html))


def sanitise_own(html: str) -> str:
    """Return what the renderer made, with nothing in it that is not on the allow-list."""
    return clean_text(_OWN.clean(html))


def is_safe_href(href: str) -> bool:
    """Return whether a link may lead there: the web, mail, or a path or fragment of ours."""
    return _HREF.fullmatch(href) is not None and (_PLAIN_HOST.match(href) is not None or _parses(href))


def is_image_src(src: str) -> bool:
    """Return whether an image may be shown: our own uploads only."""
    return UPLOAD.fullmatch(src) is not None


def _cut(html: str) -> str:
    clean = clean_foreign(html)
    if "<img" in clean or "<h" in clean:
        clean = _FOREIGN.clean(fold_levels(_images_to_links(clean)))
    # A character reference may have brought back what clean_text took away.
    return clean_text(clean)


def _keep(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "href":
        return value if is_safe_href(value) else None
    if attribute in ("width", "height", "start"):
        return value if _SIZE.fullmatch(value) else None
    if attribute == "data-video":
        return value if _VIDEO.fullmatch(value) else None
    if attribute == "class":
        ours = _OWN_CLASSES.get(tag, frozenset())
        return " ".join(name for name in value.split() if name in ours) or None
    return value


def _keep_foreign(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "src" and not (is_image_src(value) or value.startswith(("http://", "https://"))):
        return None
    return _keep(tag, attribute, value)


def _keep_own(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "src" and not is_image_src(value):
        return None
    return _keep(tag, attribute, value)


def _images_to_links(clean: str) -> str:
    inside_link = False

    def rewrite(match: re.Match[str]) -> str:
        nonlocal inside_link
        closing, name, attributes = match.groups()
        if name == "a":
            inside_link = not closing
        if name != "img":
            return match[0]
        src, alt = _value(attributes, "src"), _value(attributes, "alt")
        if is_image_src(src):
            return match[0]
        if not src:
            return alt
        text = alt or "image"
        return text if inside_link else f'<a href="{src}">{text}</a>'

    return _TAG.sub(rewrite, clean)


def _value(attributes: str, name: str) -> str:
    """Return an attribute as written, still escaped; good for text and for another attribute alike."""
    found = re.search(rf' {name}="([^"]*)"', attributes)
    return found[1] if found else ""


def _parses(href: str) -> bool:
    try:
        return urlsplit(href).port != 0
    except ValueError:
        return False


def _cleaner(keep: object, attributes: dict[str, set[str]]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags=_CONTENT_GOES,
        attributes=attributes,
        attribute_filter=keep,  # type: ignore[arg-type]
        set_tag_attribute_values=_SET,
        link_rel="nofollow ugc noopener",
        url_schemes={"http", "https", "mailto"},
        strip_comments=True,
    )


_FOREIGN = _cleaner(_keep_foreign, _ATTRIBUTES)
_OWN = _cleaner(_keep_own, _OWN_ATTRIBUTES)
