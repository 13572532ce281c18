"""What is slow to gather from a segment, gathered once when it is written: its facets and its vocabulary.

They lie in a file beside the segment, named so that Whoosh removes it together with the segment. It is
a convenience: where it is missing or damaged, readers gather the same from the segment itself.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BIG_ENOUGH = 64
"""Of smaller segments everything is gathered quicker than a file is opened."""


class Facet(NamedTuple):
    """The values of one kind of mark, by document: `values[terms[starts[d]:starts[d + 1]]]` are document d's."""

    values: tuple[str, ...]
    starts: NDArray[np.int32]
    terms: NDArray[np.int32]


class Prepared(NamedTuple):
    """A segment's facets by kind of mark, and its vocabulary, sorted."""

    facets: Mapping[str, Facet]
    words: tuple[str, ...]


def path_of(folder: Path, segment_id: str) -> Path:
    """Return where a segment's file lies."""
    return folder / f"{segment_id}.ready"


def save(path: Path, prepared: Prepared) -> None:
    """Write the file, at once or not at all."""
    arrays: dict[str, NDArray[np.uint8] | NDArray[np.int32]] = {"words": _packed(prepared.words)}
    for kind, facet in prepared.facets.items():
        arrays[f"{kind} values"] = _packed(facet.values)
        arrays[f"{kind} starts"] = facet.starts
        arrays[f"{kind} terms"] = facet.terms
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        for name, array in arrays.items():
            np.save(file, np.frombuffer(name.encode(), dtype=np.uint8), allow_pickle=False)
            np.save(file, array, allow_pickle=False)
    temporary.replace(path)


def load(path: Path) -> Prepared | None:
    """Read the file; None when there is none, or not a whole one (a power cut may leave that)."""
    arrays: dict[str, NDArray[np.int32]] = {}
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            while file.tell() < size:
                name = np.load(file, allow_pickle=False).tobytes().decode()
                arrays[name] = np.load(file, allow_pickle=False)
        kinds = [name.removesuffix(" values") for name in arrays if name.endswith(" values")]
        facets = {
            kind: Facet(
                # "h:staff" has one value, which is empty: written, it looks like none.
                _unpacked(arrays[f"{kind} values"]) or (("",) if arrays[f"{kind} terms"].size else ()),
                arrays[f"{kind} starts"],
                arrays[f"{kind} terms"],
            )
            for kind in kinds
        }
        return Prepared(facets, _unpacked(arrays["words"]))
    except (OSError, ValueError, EOFError, KeyError):
        return None


def _packed(texts: tuple[str, ...]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def _unpacked(packed: NDArray[np.int32]) -> tuple[str, ...]:
    text = packed.tobytes().decode()
    return tuple(text.split("\n")) if text else ()
