"""The engines. Nothing else in the application imports a search library."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from app.core.errors import Invalid
from app.domain.search.backend import SearchBackend
from app.domain.search.engines.whoosh.engine import WhooshBackend

ENGINES: dict[str, Callable[[], SearchBackend]] = {"whoosh": WhooshBackend}

if find_spec("tantivy"):  # an optional extra
    from app.domain.search.engines.tantivy import TantivyBackend

    ENGINES["tantivy"] = TantivyBackend


def backend_named(name: str) -> SearchBackend:
    """Return an engine by its name; raise Invalid when it is unknown or not installed."""
    if name not in ENGINES:
        raise Invalid("engine", f"The search engine {name} is not installed: pip install peerdesk[{name}].")
    return ENGINES[name]()
