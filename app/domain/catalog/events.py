"""What happens in the catalog."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outbox import Event


@dataclass(frozen=True, kw_only=True)
class ProductChanged(Event):
    """A product was added, renamed or described anew."""

    product_id: int


@dataclass(frozen=True, kw_only=True)
class TagsMerged(Event):
    """A tag became a synonym: its questions carry the other tag now."""

    tag_id: int
    into_id: int
