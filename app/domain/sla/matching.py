"""Which policy a question falls under. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FILTERS = ("products", "tags", "priorities", "ranks")
"""What a policy can ask for. A missing or empty list asks for nothing; of a list, one is enough."""


@dataclass(frozen=True)
class Traits:
    """What policies look at: the question's product with all above it, its tags, and the asker's rank."""

    products: frozenset[int]
    tags: frozenset[str]
    priority: str
    rank: str

    def fits(self, matches: Mapping[str, Sequence[Any]]) -> bool:
        """Tell whether a policy's filter lets it through."""
        return (
            _meets(matches, "products", self.products)
            and _meets(matches, "tags", self.tags)
            and _meets(matches, "priorities", {self.priority})
            and _meets(matches, "ranks", {self.rank})
        )


def shadows(
    earlier: Mapping[str, Sequence[Any]],
    later: Mapping[str, Sequence[Any]],
    parents: Mapping[int, int | None],
) -> bool:
    """Tell whether everything that the later filter lets through is taken by the earlier one.

    `parents` gives each product's parent: a product covers those below it.
    """
    for name in FILTERS:
        taken, wanted = set(earlier.get(name) or ()), set(later.get(name) or ())
        if not taken:
            continue
        if not wanted:
            return False
        if name == "products":
            if any(not taken & set(_upwards(product, parents)) for product in wanted):
                return False
        elif not wanted <= taken:
            return False
    return True


def _meets(matches: Mapping[str, Sequence[Any]], name: str, present: frozenset[Any] | set[str]) -> bool:
    wanted = matches.get(name)
    return not wanted or not present.isdisjoint(wanted)


def _upwards(product: int, parents: Mapping[int, int | None]) -> list[int]:
    trail = [product]
    while (above := parents.get(trail[-1])) is not None and above not in trail:
        trail.append(above)
    return trail
