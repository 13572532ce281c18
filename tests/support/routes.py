"""The application's routes, with every dependency that runs before them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts


@dataclass(frozen=True)
class RouteFacts:
    """One route: its address, methods and what it depends on."""

    path: str
    methods: frozenset[str]
    dependencies: frozenset[Callable[..., Any]]

    def __str__(self) -> str:
        return f"{','.join(sorted(self.methods))} {self.path}"


def routes(app: FastAPI) -> list[RouteFacts]:
    """Return all routes. (`app.routes` itself shows included routers as opaque objects.)"""
    found = []
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        if dependant is not None:
            methods = frozenset(context.methods or ()) - {"HEAD"}
            found.append(RouteFacts(context.path or "", methods, frozenset(_calls(dependant))))
    return found


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for inner in dependant.dependencies:
        if inner.call is not None:
            yield inner.call
        yield from _calls(inner)
