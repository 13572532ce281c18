"""The sitemap: an index of parts, each of at most 50,000 addresses, written while it is sent.

A part holds the questions of a range of ids, so what is in which part never changes, and its rows are
read a thousand at a time, each in a session of its own: neither the memory nor a transaction grows
with the community or with the patience of who reads it.
https://www.sitemaps.org/protocol.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from urllib.parse import quote
from xml.sax.saxutils import escape

from fastapi import APIRouter, Path, Request
from fastapi.responses import StreamingResponse

from app.core.db import new_session
from app.core.slugs import slug
from app.domain import catalog, questions
from app.web.atom import rfc3339
from app.web.deps import Config, Db, Now

router = APIRouter(include_in_schema=False)

PART = 50_000  # at most as many addresses as the protocol allows in one file
BATCH = 1_000
MEDIA_TYPE = "application/xml"
_HEADERS = {"Cache-Control": "public, max-age=3600", "X-Robots-Tag": "noindex"}
_XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

PartNumber = Annotated[int, Path(ge=0, le=2_147_483_647 // PART)]


@router.get("/sitemap.xml")
def index(db: Db, settings: Config) -> StreamingResponse:
    """List the parts."""
    parts = questions.active_by_range(db, size=PART)

    def write() -> Iterator[str]:
        yield f"{_HEAD}<sitemapindex {_XMLNS}>\n"
        yield f"<sitemap><loc>{settings.base_url}/sitemaps/places.xml</loc></sitemap>\n"
        for number, active in parts.items():
            loc = f"{settings.base_url}/sitemaps/questions-{number}.xml"
            yield f"<sitemap><loc>{loc}</loc>{_lastmod(active)}</sitemap>\n"
        yield "</sitemapindex>\n"

    return StreamingResponse(write(), headers=_HEADERS, media_type=MEDIA_TYPE)


@router.get("/sitemaps/questions-{number:int}.xml")
def part(request: Request, settings: Config, now: Now, number: PartNumber) -> StreamingResponse:
    """List the questions of a range of ids."""
    bind = request.app.state.bind

    def rows() -> Iterator[questions.Listed]:
        after, until = number * PART - 1, (number + 1) * PART
        while True:
            with new_session(bind) as db:
                batch = questions.indexable(db, after=after, until=until, limit=BATCH, now=now)
            yield from batch
            if len(batch) < BATCH:
                return
            after = batch[-1].id

    def addresses() -> Iterator[tuple[str, datetime | None]]:
        for row in rows():
            yield f"/questions/{row.id}/{slug(row.title)}", row.last_activity_at

    return StreamingResponse(_urlset(settings.base_url, addresses()), headers=_HEADERS, media_type=MEDIA_TYPE)


@router.get("/sitemaps/places.xml")
def places(request: Request, settings: Config) -> StreamingResponse:
    """List the lists: first page, products and tags."""
    bind = request.app.state.bind

    def addresses() -> Iterator[tuple[str, datetime | None]]:
        yield from ((path, None) for path in ("/", "/questions", "/products", "/tags"))
        with new_session(bind) as db:
            products = catalog.all_products(db)
        yield from ((f"/products/{row.slug}", None) for row in products if row.retired_at is None)
        named, after = 0, ""
        while named < PART // 2:
            with new_session(bind) as db:
                batch = catalog.tags_after(db, after=after, limit=BATCH)
            yield from ((f"/tags/{quote(row.name)}", None) for row in batch)
            if len(batch) < BATCH:
                return
            named, after = named + BATCH, batch[-1].name

    return StreamingResponse(_urlset(settings.base_url, addresses()), headers=_HEADERS, media_type=MEDIA_TYPE)


def _urlset(base: str, addresses: Iterator[tuple[str, datetime | None]]) -> Iterator[str]:
    yield f"{_HEAD}<urlset {_XMLNS}>\n"
    lines: list[str] = []
    for path, changed in addresses:
        lines.append(f"<url><loc>{escape(base + path)}</loc>{_lastmod(changed)}</url>\n")
        if len(lines) == BATCH:  # a piece of the answer for each line would cost a thread each
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)
    yield "</urlset>\n"


def _lastmod(instant: datetime | None) -> str:
    return f"<lastmod>{rfc3339(instant)}</lastmod>" if instant else ""
