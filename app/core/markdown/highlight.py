"""Code in colours, made on the server as classes; `static/css/code.css` gives the colours."""

from __future__ import annotations

import re
import time
from functools import cache
from html import escape

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import (
    Comment,
    Generic,
    Keyword,
    Literal,
    Name,
    Number,
    Operator,
    String,
    _TokenType,
)

LANGUAGES = frozenset(
    {
        "apache", "awk", "bash", "bat", "batch", "c", "c#", "c++", "cfg", "cmake", "cmd", "conf", "console",
        "cpp", "cs", "csharp", "css", "diff", "docker", "dockerfile", "go", "golang", "html", "http",
        "ini", "java", "javascript", "js", "json", "kotlin", "lua", "make", "makefile", "nginx", "objective-c",
        "patch", "perl", "php", "powershell", "properties", "ps1", "py", "python", "r", "rb", "reg", "registry",
        "ruby", "rust", "sh", "shell", "sql", "swift", "toml", "ts", "typescript", "vb.net", "xml", "yaml",
        "yml", "zsh",
    }
)  # fmt: skip
"""Names after ``` that are known."""

LONGEST = 5_000
LONGEST_IN_POST = 10_000
"""Longer code stays plain: colours help nobody in a memory dump.

Most of Pygments' lexers take quadratic time on some input (C on empty lines, configuration files
on colons; benchmarks/markdown.py shows it), so their work is bounded by size and by a fuse."""

FUSE_SECONDS = 0.1
"""Processor time for one block; a block that takes more stays plain. Honest code takes a tenth of it."""

_ALIASES = {"cmd": "bat", "conf": "ini", "patch": "diff", "reg": "registry", "shell": "bash"}
# Deeper kinds of tokens first: the first that contains a token gives its class.
_CLASS_OF: tuple[tuple[_TokenType, str], ...] = (
    (Generic.Deleted, "gd"),
    (Generic.Inserted, "gi"),
    (Generic.Prompt, "c"),
    (Generic.Heading, "k"),
    (Generic.Subheading, "k"),
    (Comment, "c"),
    (Operator.Word, "k"),
    (Keyword, "k"),
    (Name.Tag, "k"),
    (Name.Attribute, "s"),
    (Name.Function, "nf"),
    (Name.Class, "nf"),
    (Name.Builtin, "nf"),
    (Name.Decorator, "nf"),
    (Name.Namespace, "nf"),
    (Name.Variable, "m"),
    (Number, "m"),
    (String, "s"),
    (Literal, "m"),
)
CLASSES = frozenset(name for _, name in _CLASS_OF)
"""Few and short: pages stay light."""

_NAME = re.compile(r"\s*(?:\{?\s*\.)?(?:lang(?:uage)?-)?([A-Za-z0-9+#.-]{1,20})")


def highlighted(code: str, info: str) -> str:
    """Return code as HTML, in colours when `info` (what stands after ```) names a known language."""
    lexer = _lexer(_language(info)) if len(code) <= LONGEST else None
    inner = _coloured(lexer, code) if lexer else None
    return f'<pre class="highlight"><code>{escape(code) if inner is None else inner}</code></pre>\n'


def _language(info: str) -> str:
    found = _NAME.match(info)
    return found[1].lower() if found else ""


@cache
def _lexer(language: str) -> Lexer | None:
    if language not in LANGUAGES:
        return None
    # The text must come out as it went in: no lines cut or added.
    return get_lexer_by_name(_ALIASES.get(language, language), stripnl=False, ensurenl=False)


def _coloured(lexer: Lexer, code: str) -> str | None:
    """Return the code in colours, or None when the fuse blew."""
    ends = time.thread_time() + FUSE_SECONDS
    spans: list[str] = []
    run_class, run = "", ""
    for kind, text in lexer.get_tokens(code):
        if time.thread_time() > ends:
            return None
        name = _class_of(kind)
        # Blanks have no colour: they join whatever stands before them.
        if name == run_class or text.isspace():
            run += text
            continue
        spans.append(_span(run_class, run))
        run_class, run = name, text
    return "".join([*spans, _span(run_class, run)])


def _span(name: str, text: str) -> str:
    inner = escape(text)
    return f'<span class="{name}">{inner}</span>' if name and text else inner


@cache
def _class_of(kind: _TokenType) -> str:
    ancestry = set(kind.split())  # itself, and all kinds that it is one of
    return next((name for group, name in _CLASS_OF if group in ancestry), "")
