"""What a page's parts call each other by: whether each name is there, and once."""

from __future__ import annotations

from html.parser import HTMLParser

_NAMING = ("for", "list", "aria-labelledby", "aria-describedby", "aria-controls")


def misnamed(html: str) -> list[str]:
    """Return the ids that a page has twice, and those that something on it names and nothing has."""
    found = _Ids()
    found.feed(html)
    twice = {name for name in found.given if found.given.count(name) > 1}
    return [
        *(f"{name} is there twice" for name in sorted(twice)),
        *(f"{name} is not there" for name in sorted(found.named - set(found.given))),
    ]


class _Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.given: list[str] = []
        self.named: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 (as every parser)
        for name, value in attrs:
            if name == "id":
                self.given.append(value or "")
            elif name in _NAMING:
                self.named.update((value or "").split())
