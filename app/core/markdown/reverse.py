"""HTML back to Markdown: for imported posts that come without their source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser

from app.core.markdown.sanitiser import clean_foreign

_DEEPEST = 30  # deeper nesting is flattened, which also bounds the recursion
_VOID = frozenset({"br", "hr", "img"})
_BLOCKS = frozenset(
    {"blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "table", "ul"}
)
_WHITE = re.compile(r"[ \t\n]+")
_SPECIAL = re.compile(r"[\\`*\[\]]|(?<!\w)_|_(?!\w)|<(?=[A-Za-z/!?])|&(?=#?\w+;)|~(?=~)|!(?=\[)")
_LINE_START = re.compile(r"(?m)^(\s*)(#{1,6}(?=\s|$)|[-+>=](?=\s|$|[-=])|>|~{3,}|\d{1,9}(?=[.)](?:\s|$)))")
_TICKS = re.compile(r"`+")
_FENCES = re.compile(r"(?m)^\s*(`{3,})")


@dataclass
class _Node:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[_Node | str] = field(default_factory=list)


def html_to_markdown(html: str) -> str:
    """Return Markdown that renders to about the same; what the allow-list refuses is left out."""
    tree = _Tree()
    tree.feed(clean_foreign(html))
    tree.close()
    return _blocks(tree.root.children).strip("\n")


class _Tree(HTMLParser):
    """Reads clean HTML (every tag closed, every value quoted) into nodes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, {name: value or "" for name, value in attrs})
        if len(self._open) < _DEEPEST or tag in _VOID:
            self._open[-1].children.append(node)
        else:
            node.children = self._open[-1].children
        if tag not in _VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if len(self._open) > 1 and self._open[-1].tag == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def _blocks(children: Iterable[_Node | str]) -> str:
    """Return blocks with an empty line between them; loose text between blocks is a paragraph."""
    found: list[str] = []
    loose: list[_Node | str] = []
    for child in children:
        if isinstance(child, _Node) and child.tag in _BLOCKS:
            found += [_paragraph(loose), _block(child)]
            loose = []
        else:
            loose.append(child)
    found.append(_paragraph(loose))
    return "\n\n".join(block for block in found if block)


def _block(node: _Node) -> str:
    if node.tag[1:].isdigit():
        title = _WHITE.sub(" ", _inline(node.children)).strip()
        return f"{'#' * int(node.tag[1])} {title}" if title else ""
    return _BLOCK_RULES[node.tag](node)


def _paragraph(children: Iterable[_Node | str]) -> str:
    lines = (line.strip(" ") for line in _inline(children).split("\n"))
    return "\n".join(_LINE_START.sub(_guard, line) for line in lines if line)


def _guard(match: re.Match[str]) -> str:
    """Keep a line from beginning a heading, list, quote or fence. A number's dot is what takes the backslash."""
    return f"{match[1]}{match[2]}\\" if match[2].isdigit() else f"{match[1]}\\{match[2]}"


def _pre(node: _Node) -> str:
    code = _text_of(node).removesuffix("\n")
    longest = max((len(run) for run in _FENCES.findall(code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{code}\n{fence}"


def _quote(node: _Node) -> str:
    return "\n".join(f"> {line}".rstrip(" ") for line in _blocks(node.children).split("\n"))


def _list(node: _Node) -> str:
    items = [child for child in node.children if isinstance(child, _Node) and child.tag == "li"]
    first = int(node.attributes.get("start", "1"))
    marks = (
        [f"{number}. " for number in range(first, first + len(items))]
        if node.tag == "ol"
        else ["- "] * len(items)
    )
    is_loose = any(isinstance(child, _Node) and child.tag == "p" for item in items for child in item.children)
    texts = [_item(mark, item, is_loose) for mark, item in zip(marks, items, strict=True)]
    return ("\n\n" if is_loose else "\n").join(texts)


def _item(mark: str, item: _Node, is_loose: bool) -> str:  # noqa: FBT001
    inner = _blocks(item.children)
    if not is_loose:
        # In a tight list a nested list follows its item's text at once.
        inner = re.sub(r"\n\n(?=(?:-|\d+\.) )", "\n", inner)
    indented = inner.replace("\n", "\n" + " " * len(mark))
    return re.sub(r"(?m)^ +$", "", mark + indented).rstrip()


def _definitions(node: _Node) -> str:
    parts = [child for child in node.children if isinstance(child, _Node)]
    return "\n\n".join(
        f"**{_inline(part.children).strip()}**" if part.tag == "dt" else _blocks(part.children)
        for part in parts
    )


def _table(node: _Node) -> str:
    rows = [
        [
            _WHITE.sub(" ", _inline(cell.children)).strip().replace("|", "\\|")
            for cell in _nodes(row, "td", "th")
        ]
        for row in _nodes(node, "tr")
    ]
    rows = [row for row in rows if row]
    if not rows:
        return ""
    width = max(len(row) for row in rows)
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _nodes(node: _Node, *tags: str) -> list[_Node]:
    """Return the nearest nodes of these tags below a node."""
    found: list[_Node] = []
    for child in node.children:
        if isinstance(child, _Node):
            found += [child] if child.tag in tags else _nodes(child, *tags)
    return found


def _inline(children: Iterable[_Node | str]) -> str:
    return "".join(
        _escaped(_WHITE.sub(" ", child)) if isinstance(child, str) else _span(child) for child in children
    )


def _span(node: _Node) -> str:
    if node.tag in _MARKS:
        return _marked(_MARKS[node.tag], _inline(node.children))
    if node.tag in ("code", "samp"):
        return _code(_text_of(node))
    if node.tag in ("kbd", "sub", "sup"):
        return f"<{node.tag}>{_inline(node.children)}</{node.tag}>"
    if node.tag == "a":
        return _link(node)
    if node.tag == "img":
        src = node.attributes.get("src", "")
        alt = _WHITE.sub(" ", node.attributes.get("alt", ""))
        return f"![{_escaped(alt)}]({_target(src)})" if src else _escaped(alt)
    if node.tag == "br":
        return "\n"
    if node.tag in _BLOCKS:
        return _WHITE.sub(" ", _inline(node.children))
    return _inline(node.children)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _marked(mark: str, text: str) -> str:
    # "** bold**" is not bold: blanks stand outside the marks.
    inner = text.strip()
    if not inner:
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{mark}{inner}{mark}{after}"


def _code(text: str) -> str:
    flat = _WHITE.sub(" ", text)
    if not flat.strip():
        return flat
    ticks = "`" * (max((len(run) for run in _TICKS.findall(flat)), default=0) + 1)
    pad = " " if flat[0] == "`" or flat[-1] == "`" or (flat[0] == flat[-1] == " ") else ""
    return f"{ticks}{pad}{flat}{pad}{ticks}"


def _link(node: _Node) -> str:
    text, href = _inline(node.children), node.attributes.get("href", "")
    if not href or not text.strip():
        return text
    if href.startswith(("/users/", "/tags/")) and text.startswith(("@", "#")):
        return text  # becomes a link again by itself
    if _text_of(node) == href and href.startswith(("http://", "https://")):
        return f"<{href}>"
    return f"[{_WHITE.sub(' ', text).strip()}]({_target(href)})"


def _target(href: str) -> str:
    escaped = href.replace("<", "%3C").replace(">", "%3E").replace(" ", "%20")
    return f"<{escaped}>" if "(" in escaped or ")" in escaped else escaped


def _text_of(node: _Node) -> str:
    return "".join(child if isinstance(child, str) else _text_of(child) for child in node.children)


_MARKS = {"b": "**", "strong": "**", "em": "*", "i": "*", "var": "*", "del": "~~", "s": "~~", "strike": "~~"}
_BLOCK_RULES: dict[str, Callable[[_Node], str]] = {
    "blockquote": _quote,
    "dl": _definitions,
    "hr": lambda _node: "---",
    "ol": _list,
    "p": lambda node: _paragraph(node.children),
    "pre": _pre,
    "table": _table,
    "ul": _list,
}
