"""The frame: a short list of questions as a page that allowed sites may frame. It reads and sets no cookies."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.domain import catalog, escalations, questions, search
from app.domain.search import SearchIndex
from app.models import Question
from app.settings import Settings
from app.web.deps import Config, Db, Now
from app.web.middleware import CONTENT_SECURITY_POLICY
from app.web.promises import promises
from app.web.render import Page, fragment
from app.web.search import QUERY_AT_MOST, Index

router = APIRouter(prefix="/embed", include_in_schema=False)

Name = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True)
class FramePage(Page):
    """Some questions, and the ways to more."""

    template = "embed/questions.html"
    heading: str
    rows: Sequence[Question]
    promises: Mapping[int, escalations.Promise]
    all_href: str
    ask_href: str
    theme: str  # of the address, in place of the visitor's own


@dataclass(frozen=True)
class Wanted:
    """What an address asks for."""

    product: str
    tag: str
    query: str
    status: str
    sort: str
    limit: int

    def as_search(self) -> str:
        """Return it in the language of the search."""
        filters = {"product:": self.product, "tag:": self.tag, "is:": self.status}
        return " ".join([self.query, *(name + value for name, value in filters.items() if value)])


@router.get("/questions")
def questions_frame(
    request: Request,
    db: Db,
    settings: Config,
    index: Index,
    now: Now,
    product: Name = "",
    tag: Name = "",
    query: Annotated[str, Query(max_length=QUERY_AT_MOST)] = "",
    status: Literal["", "unanswered", "answered", "solved"] = "",
    sort: Literal["active", "newest", "votes", "hot"] = "active",
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
    theme: Literal["", "light", "dark"] = "",
) -> Response:
    """Show some questions: of a product, with a tag, or found by a search."""
    wanted = Wanted(product, tag, query.strip(), status, sort, limit)
    ask_href = f"/ask?{urlencode({'product': product})}" if product else "/ask"
    try:
        heading, all_href, rows = _found(db, index, wanted, now)
        code = 200
    except NotFound:
        heading, all_href, rows, ask_href, code = _("Not found"), "/questions", [], "/ask", 404
    page = FramePage(heading, rows, promises(db, rows), all_href, ask_href, theme)
    return _framed(request, settings, fragment(request, page, status=code))


def _found(
    db: Session, index: SearchIndex, wanted: Wanted, now: datetime
) -> tuple[str, str, Sequence[Question]]:
    """Return what the list is called, where all of it is, and its first rows; raise NotFound."""
    product = catalog.product_by_slug(db, wanted.product) if wanted.product else None
    tag = catalog.shown_tag(db, wanted.tag) if wanted.tag else None
    heading, place = _("Questions and answers"), "/questions"
    if tag is not None:
        heading, place = f"#{tag.name}", f"/tags/{quote(tag.name)}"
    if product is not None:
        heading, place = product.name, f"/products/{product.slug}"
    if wanted.query:
        text = wanted.as_search()
        found = search.search(db, index, text=text, now=now, size=wanted.limit)
        return heading, f"/search?{urlencode({'q': text})}", [row.question for row in found.page.rows]
    listed = questions.ListOf(
        sort=wanted.sort,
        product_ids=catalog.descendant_ids(db, product.id or 0) if product else (),
        tag_id=tag.id if tag else None,
        status=wanted.status,
        size=wanted.limit,
    )
    return heading, place, questions.listing(db, listed).rows


def _framed(request: Request, settings: Settings, response: Response) -> Response:
    """Let the page be framed by the allowed sites, and be asked for again cheaply."""
    ancestors = " ".join(settings.embed_origins) or "'none'"
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "frame-ancestors 'none'", f"frame-ancestors {ancestors}"
    )
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    etag = f'W/"{hashlib.blake2b(bytes(response.body), digest_size=12).hexdigest()}"'
    response.headers["ETag"] = etag
    if response.status_code == 200 and etag in request.headers.get("if-none-match", ""):
        kept = {name: value for name, value in response.headers.items() if not name.startswith("content-l")}
        return Response(status_code=304, headers=kept)
    return response
