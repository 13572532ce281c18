"""Search, and questions like one that is being written."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.api import cursors, respond, walking
from app.api.deps import Db, Now
from app.api.problems import RETRY_SECONDS, Refusal
from app.api.promises import promises
from app.api.routers import ApiRouter
from app.api.schemas.base import PageInfo, Site
from app.api.schemas.search import (
    Facets,
    SearchResult,
    SearchResults,
    SimilarQuestion,
    SimilarQuestions,
)
from app.core.i18n import gettext as _
from app.domain import search
from app.domain.search import SearchIndex

router = ApiRouter("Search")

RANKED = 300
"""How many results can be walked through."""

_OF = "search"


def index_of(request: Request) -> SearchIndex:
    """Return this machine's search index."""
    settings = request.app.state.settings
    return SearchIndex(settings.index_dir, engine=settings.search_engine, model=settings.search_model)


Index = Annotated[SearchIndex, Depends(index_of)]


@router.get("/search", response_model=SearchResults)
def search_questions(
    request: Request,
    db: Db,
    index: Index,
    now: Now,
    q: Annotated[
        str,
        Query(
            max_length=2_000,
            pattern=cursors.NO_NUL,
            description='Words and operators as on the search page: `tag:wifi is:solved "blue screen" -driver`.',
            examples=["wifi is:solved"],
        ),
    ],
    sort: Literal["relevance", "newest", "votes", "activity"] | None = None,
    limit: cursors.Limit = 20,
    cursor: cursors.Cursor = "",
) -> Response:
    """Search the threads that everybody may see, with the operators of the search page.

    The first page takes a snapshot of the first 300 results; the next pages walk through it.
    """
    place = cursors.read(request, cursor, of=_OF)
    if place is None:
        return _first(request, db, index, q, sort=sort or "", limit=limit, now=now)
    return _next(request, db, place, limit=limit, now=now)


@router.get("/questions/similar", response_model=SimilarQuestions)
def list_similar_questions(
    request: Request,
    db: Db,
    index: Index,
    title: Annotated[
        str, Query(max_length=400, pattern=cursors.NO_NUL, examples=["No sound after the update"])
    ],
    body: Annotated[str, Query(max_length=4_000, pattern=cursors.NO_NUL)] = "",
    product: Annotated[
        str, Query(max_length=100, pattern=cursors.NO_NUL, description="A product's slug.")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=10)] = 5,
) -> Response:
    """Find questions like one that is being written, solved ones first."""
    found = search.similar(db, index, title=title, body=body, product=product, limit=limit)
    site = Site.of(request)
    promised = promises(db, [row.question for row in found])
    data = [SimilarQuestion.of(row, site, promise=promised.get(row.question.id)) for row in found]
    return respond.show(request, SimilarQuestions(data=data))


def _first(
    request: Request, db: Session, index: SearchIndex, text: str, *, sort: str, limit: int, now: datetime
) -> Response:
    found = search.search(db, index, text=text, now=now, sort=sort, size=limit, ranked=RANKED)
    if not found.is_ready:
        wait = {"Retry-After": str(RETRY_SECONDS)}
        raise Refusal(503, _("The search index is being built; try again in a few minutes."), headers=wait)
    if not found.parsed.query.is_empty:
        request.app.state.searches.searched(found.parsed.text, found=len(found.page.rows))
    ids = list(found.ranking)
    total = found.page.total
    rest = [walking.pack(ids), limit, total, found.parsed.text] if len(ids) > limit else None
    return _answer(
        request,
        db,
        found.page.rows,
        rest,
        limit,
        query=found.parsed.text,
        total=total,
        is_partial=found.is_partial,
        did_you_mean=found.did_you_mean or None,
        remarks=list(found.remarks),
        facets=Facets.of(found.counts),
    )


def _next(request: Request, db: Session, place: cursors.Place, *, limit: int, now: datetime) -> Response:
    packed, at, total, text = place
    ids = walking.unpack(packed)
    rows = search.passages(db, text=text, now=now, question_ids=ids[at : at + limit])
    rest = [packed, at + limit, total, text] if len(ids) > at + limit else None
    return _answer(
        request,
        db,
        rows,
        rest,
        limit,
        query=text,
        total=total,
        is_partial=False,
        did_you_mean=None,
        remarks=[],
        facets=None,
    )


def _answer(
    request: Request, db: Session, rows: Any, rest: cursors.Place | None, limit: int, **about: Any
) -> Response:
    site = Site.of(request)
    cursor = cursors.write(request, rest, of=_OF)
    promised = promises(db, [row.question for row in rows])
    data = [SearchResult.of(row, site, promise=promised.get(row.question.id)) for row in rows]
    document = SearchResults(data=data, page=PageInfo(next=cursor, limit=limit), **about)
    return respond.show(request, document, headers=cursors.link(request, cursor))
