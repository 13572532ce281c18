"""Questions like the one that is being asked: for the script of the ask form, and as a step before posting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from app.domain import search
from app.domain.search import Similar
from app.web.deps import Db
from app.web.render import Page, fragment
from app.web.routers import PageRouter
from app.web.search import Index

router = PageRouter()


@dataclass(frozen=True)
class SimilarFragment(Page):
    """A list of similar questions, alone."""

    template = "questions/_similar.html"
    similar: Sequence[Similar]


@router.get("/ask/similar")
def similar(
    request: Request,
    db: Db,
    index: Index,
    title: Annotated[str, Query(max_length=400)] = "",
    body: Annotated[str, Query(max_length=40_000)] = "",
    product: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Return questions like the one being typed, as a piece of the page."""
    found = search.similar(db, index, title=title, body=body, product=product)
    return fragment(request, SimilarFragment(similar=found))
