"""Icons of the sprite, for templates."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from markupsafe import Markup

_ICON = Markup(
    '<svg class="{classes}" width="20" height="20" aria-hidden="true"><use href="{sprite}#{name}"></use></svg>'
)


def drawing_from(sprite: str) -> Callable[..., Markup]:
    """Return the function `icon(name, kind)` that draws from the sprite at this address.

    It is kept what each looks like: a question page has a hundred, and a macro took longer than their words.
    """

    @cache
    def icon(name: str, kind: str = "") -> Markup:
        return _ICON.format(classes=f"icon {kind}".rstrip(), sprite=sprite, name=name)

    return icon
