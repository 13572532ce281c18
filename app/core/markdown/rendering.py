"""Markdown to HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from urllib.parse import parse_qs, quote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from app.core.markdown.headings import new_levels
from app.core.markdown.highlight import LONGEST_IN_POST, highlighted
from app.core.markdown.inline import Found, pieces
from app.core.markdown.sanitiser import UPLOAD, is_safe_href, sanitise_own
from app.core.text import clean_text

MOST_MENTIONS = 20

_BARE_TAG = re.compile(r"</?(?:kbd|sub|sup)>|<br ?/?>")
_COMMENT_LINE = re.compile(r"<!--[^\n]{0,200}?-->[ \t]*")
_TASK = re.compile(r"\[([ xX])\] ")
_UPLOAD_WITH_SIZE = re.compile(rf"({UPLOAD.pattern})(?:#([1-9]\d{{0,4}})x([1-9]\d{{0,4}}))?")
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_YOUTUBE_HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com", "www.youtube-nocookie.com"})


def render(source: str) -> str:
    """Return what members wrote as safe HTML."""
    return sanitise_own(_MARKDOWN.render(clean_text(source)))


def render_plain(line: str) -> str:
    """Return what `render` returns for a line in which only links mean anything in Markdown, without parsing it."""
    html = _MARKDOWN.renderer.render(_with_links([_text(line)]), _MARKDOWN.options, {})
    return sanitise_own(f"<p>{html}</p>\n")


def mentions(source: str) -> list[str]:
    """Return the handles that the text names with @, each once, in order; at most MOST_MENTIONS."""
    found: dict[str, None] = {}
    for token in _MARKDOWN.parse(clean_text(source)):
        for child in token.children or ():
            if child.meta.get("found") == "mention":
                found.setdefault(child.meta["text"].removeprefix("@"))
    return list(found)[:MOST_MENTIONS]


def _make() -> MarkdownIt:
    # breaks: people with a broken device press Enter where they want a new line, and are surprised
    # when it vanishes; lists of steps and error messages survive. (Discourse and GitHub's comments agree.)
    options = {"html": False, "linkify": False, "breaks": True, "maxNesting": 20}
    markdown = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    markdown.validateLink = is_safe_href  # type: ignore[method-assign, assignment]
    markdown.block.ruler.before("paragraph", "comment_line", _comment_line, {"alt": ["paragraph"]})
    markdown.inline.ruler.before("autolink", "bare_tag", _bare_tag)
    markdown.core.ruler.push("fold_headings", _fold_headings)
    markdown.core.ruler.push("task_items", _task_items)
    markdown.core.ruler.push("empty_headers", _empty_headers)
    markdown.core.ruler.push("found_links", _found_links)
    for name, rule in {
        "code_block": _code,
        "fence": _code,
        "image": _image,
        "link_open": _link_open,
        "td_open": _cell_open,
        "th_open": _cell_open,
    }.items():
        markdown.add_render_rule(name, rule)
    return markdown


def _bare_tag(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  (markdown-it's signature)
    """Take a few tags without attributes, which people know and Markdown has no sign for."""
    match = _BARE_TAG.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        token = state.push("html_inline", "", 0)
        token.content = match[0]
    state.pos = match.end()
    return True


def _comment_line(state: StateBlock, start: int, _end: int, silent: bool) -> bool:  # noqa: FBT001
    """Drop a line that is a comment: imported posts carry "<!-- language: bash -->" lines."""
    if state.is_code_block(start):
        return False
    begin, end = state.bMarks[start] + state.tShift[start], state.eMarks[start]
    if _COMMENT_LINE.fullmatch(state.src, begin, end) is None:
        return False
    if not silent:
        state.line = start + 1
    return True


def _fold_headings(state: StateCore) -> None:
    headings = [token for token in state.tokens if token.type in ("heading_open", "heading_close")]
    levels = new_levels(int(token.tag[1]) for token in headings)
    for token in headings:
        token.tag = f"h{levels[int(token.tag[1])]}"


def _task_items(state: StateCore) -> None:
    for item, inline in zip(state.tokens, state.tokens[2:], strict=False):
        if item.type != "list_item_open" or not inline.children:
            continue
        first = inline.children[0]
        mark = _TASK.match(first.content) if first.type == "text" else None
        if mark:
            item.attrSet("class", "task")
            first.content = ("☐ " if mark[1] == " " else "☑ ") + first.content[mark.end() :]


def _empty_headers(state: StateCore) -> None:
    """Make cells of a header row that say nothing plain cells: a screen reader would announce a header without name."""
    for opening, inline, closing in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if opening.type == "th_open" and not inline.content.strip():
            opening.tag = closing.tag = "td"


def _found_links(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline" and token.children:
            token.children = _with_links(token.children)


def _with_links(children: Sequence[Token]) -> list[Token]:
    tokens: list[Token] = []
    depth = 0
    for child in children:
        depth += {"link_open": 1, "link_close": -1}.get(child.type, 0)
        if child.type == "text" and depth == 0:
            for piece in pieces(child.content):
                tokens += _link_tokens(piece) if isinstance(piece, Found) else [_text(piece)]
        else:
            if child.type == "image":
                child.meta["inside_link"] = depth > 0
            tokens.append(child)
    return tokens


def _link_tokens(found: Found) -> list[Token]:
    href = quote(found.href, safe="/:?#[]@!$&'()*+,;=%-._~")
    if not is_safe_href(href):
        return [_text(found.text)]
    opening = Token("link_open", "a", 1, attrs={"href": href})
    if found.kind != "url":
        opening.attrSet("class", found.kind)
        opening.meta = {"found": found.kind, "text": found.text}
    return [opening, _text(found.text), Token("link_close", "a", -1)]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _code(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, env: EnvType) -> str:
    code = tokens[at].content
    left = env.get("code_left", LONGEST_IN_POST)
    env["code_left"] = left - len(code)
    return highlighted(code, tokens[at].info if len(code) <= left else "")


def _image(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    """Show our own uploads, with the size that their address ends in; anything else becomes a link."""
    token = tokens[at]
    src = str(token.attrs["src"])
    text = renderer.renderInlineAsText(token.children, options, env)
    upload = _UPLOAD_WITH_SIZE.fullmatch(src)
    if upload:
        image = Token("image", "img", 0, attrs={"src": upload[1], "alt": text})
        if upload[3]:
            image.attrs |= {"width": upload[3], "height": upload[4]}
        return f"<img{renderer.renderAttrs(image)}>"
    label = escape(text or "image")
    if token.meta.get("inside_link"):
        return label
    return f'<a href="{escape(src)}">{label}</a>'


def _link_open(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType
) -> str:
    token = tokens[at]
    token.attrs.pop("title", None)
    video = _video_id(str(token.attrs["href"]))
    if video:
        token.attrs |= {"class": "video", "data-video": video}
    return f"<a{renderer.renderAttrs(token)}>"


def _video_id(href: str) -> str:
    """Return the id of a YouTube video: a page may offer to load the player once it is asked to."""
    parts = urlsplit(href)
    if parts.hostname == "youtu.be":
        name = parts.path[1:]
    elif parts.hostname in _YOUTUBE_HOSTS:
        _, first, *rest = f"{parts.path}/".split("/")
        name = rest[0] if first in ("embed", "shorts", "live") else parse_qs(parts.query).get("v", [""])[0]
    else:
        return ""
    return name if _VIDEO_ID.fullmatch(name) else ""


def _cell_open(
    _self: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType
) -> str:
    # The parser says it by `style`, which our Content-Security-Policy forbids.
    token = tokens[at]
    alignment = str(token.attrs.pop("style", "")).removeprefix("text-align:")
    name = {"center": "center", "right": "end"}.get(alignment)
    return f'<{token.tag} class="{name}">' if name else f"<{token.tag}>"


_MARKDOWN = _make()
