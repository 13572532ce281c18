"""Counting what was found by product, status, tag, staff and age."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import numpy as np

from app.domain.search.engines.whoosh.scoring import Found

KINDS = {"product": "p:", "status": "s:", "tag": "t:", "staff": "h:staff"}
AGES = {"day": 1, "week": 7, "month": 31, "year": 366}
MOST = 30


def count(found: list[Found], *, now: datetime) -> Mapping[str, Mapping[str, int]]:
    """Return the counts by group and value, the largest first, at most 30 a group."""
    counts = {group: _by_mark(found, kind) for group, kind in KINDS.items()}
    counts["staff"] = {"yes": sum(counts["staff"].values())} if counts["staff"] else {}
    counts["age"] = _by_age(found, now)
    return counts


def _by_mark(found: list[Found], kind: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for one in found:
        if not len(one.docs):
            continue
        facet = one.segment.facet(kind)
        starts, ends = facet.starts[one.docs], facet.starts[one.docs + 1]
        sizes = ends - starts
        within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        terms = facet.terms[np.repeat(starts, sizes) + within]
        numbers = np.bincount(terms, minlength=len(facet.values))
        held = np.flatnonzero(numbers)
        values = [facet.values[at] for at in held.tolist()]
        counts.update(dict(zip(values, numbers[held].tolist(), strict=True)))
    return dict(counts.most_common(MOST))


def _by_age(found: list[Found], now: datetime) -> dict[str, int]:
    created = [one.segment.numbers("created")[one.docs] for one in found]
    instants = np.concatenate(created) if created else np.zeros(0, np.int64)
    present = int(now.timestamp())
    counts = {name: int((instants >= present - days * 86_400).sum()) for name, days in AGES.items()}
    return {name: number for name, number in counts.items() if number}
