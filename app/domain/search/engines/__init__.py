"""The engines. Nothing else in the application imports a search library."""

from __future__ import annotations

from collections.abc import Callable

from app.core.errors import Invalid
from app.domain.search.backend import SearchBackend
from app.domain.search.engines.whoosh.engine import WhooshBackend

ENGINES: dict[str, Callable[[], SearchBackend]] = {"whoosh": WhooshBackend}


def backend_named(name: str) -> SearchBackend:
    """Return an engine by its name; raise Invalid when it is unknown or not installed."""
    if name not in ENGINES:
        raise Invalid("engine", f"There is no search engine named {name}.")
    return ENGINES[name]()
