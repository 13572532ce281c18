"""Headings in posts begin below those of the page, and skip no level."""

from __future__ import annotations

import re
from collections.abc import Iterable

FIRST_LEVEL = 3
_HEADING = re.compile(r"<(/?)h([1-6])>")


def new_levels(levels: Iterable[int]) -> dict[int, int]:
    """Return the level to use for each level in a post: the highest becomes the third, and so on down to the sixth.

    What comes out goes in unchanged, so that folding twice is folding once.
    """
    return {level: min(FIRST_LEVEL + rank, 6) for rank, level in enumerate(sorted(set(levels)))}


def fold_levels(html: str) -> str:
    """Return clean HTML with its headings at their new levels."""
    levels = new_levels(int(match[2]) for match in _HEADING.finditer(html))
    if not levels:
        return html
    # Safe on clean HTML: inside values and text "<" is always written as a reference.
    return _HEADING.sub(lambda match: f"<{match[1]}h{levels[int(match[2])]}>", html)
