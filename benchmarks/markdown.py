"""Is Markdown's cost linear, whatever is typed? Prints the worst ratios t(6n)/t(n), and the time of an ordinary post.

Run with: python benchmarks/markdown.py
A ratio near 6 is linear, near 36 quadratic. Colours are the exception: Pygments' lexers are
quadratic on some input, which size limits and a fuse bound (app/core/markdown/highlight.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from app.core import markdown
from app.core.markdown.highlight import LONGEST, highlighted

PATTERNS = [
    "a", "[", "![", "*", "**a ", "*a_", "``x`", "<", "<!--", "&", "&#1;", "](", "[a](", "[a](<", "https://",
    "https://a(((", "@", "@a-", "#a.", "~~a", "> ", "- ", "1. ", "|", "a|b\n-|-\n", "\\", "[x]: a\n", "<a@b",
    "<http:", "\t", "\n", "_a", "# a\n", "<kbd>", "- x\n", " - a\n", "![](https://a) ", "[a](https://a) ",
    "[![](https://a)", "- [ ] a\n", "@mara #wifi https://a.example ",
]  # fmt: skip
CODE_PATTERNS = ["\n", "a\n", "/", "=", ":", "<", "'", '"', " ", "{", "${", "a ", "\\"]
LANGUAGES = [
    "bash",
    "c",
    "console",
    "csharp",
    "diff",
    "html",
    "ini",
    "javascript",
    "perl",
    "php",
    "python",
    "yaml",
]
ORDINARY = (
    "The **fan** is loud, see https://a.example/x and `dmesg`.\n\n```bash\nfor f in *; do echo $f; done\n```\n"
    * 4
)


def main() -> None:
    """Print the table."""
    print(
        f"an ordinary post of {len(ORDINARY)} characters: {_best(markdown.render, ORDINARY, 20) * 1000:.1f} ms"
    )
    for step in (markdown.render, markdown.mentions):
        _print_worst(step.__name__, step, PATTERNS)
    for step in (markdown.sanitise_html, markdown.plain_text, markdown.html_to_markdown):
        _print_worst(f"{step.__name__} of rendered", step, PATTERNS, prepare=markdown.render)
    slowest = max(
        (_best(lambda code, name=name: highlighted(code, name), (pattern * LONGEST)[:LONGEST]), name, pattern)
        for name in LANGUAGES
        for pattern in CODE_PATTERNS
    )
    print(f"slowest block of code: {slowest[0] * 1000:.0f} ms ({slowest[1]}, {slowest[2]!r} repeated)")


def _print_worst(
    name: str, step: Callable[[str], object], patterns: list[str], prepare: Callable[[str], str] = str
) -> None:
    rows = []
    for pattern in patterns:
        short, long = (prepare((pattern * size)[:size]) for size in (5_000, 30_000))
        took_short, took_long = _best(step, short), _best(step, long)
        rows.append((took_long / took_short, took_long * 1000, pattern))
    ratio, milliseconds, pattern = max(rows)
    slowest = max(rows, key=lambda row: row[1])
    print(
        f"{name:26} worst ratio {ratio:5.1f} ({pattern!r}, {milliseconds:.1f} ms);"
        f" slowest {slowest[1]:.0f} ms ({slowest[2]!r})"
    )


def _best(step: Callable[[str], object], text: str, rounds: int = 2) -> float:
    def once() -> float:
        started = time.process_time()  # other work on the machine must not count
        step(text)
        return time.process_time() - started

    return min(once() for _ in range(rounds))


if __name__ == "__main__":
    main()
