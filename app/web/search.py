"""Search: the page of results, suggestions while typing, and the help on operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from app.core.i18n import gettext as _
from app.core.paging import PageOf
from app.core.slugs import slug
from app.domain import questions, search
from app.domain.search import Parsed, Results, SearchIndex, SearchResult
from app.web import finished
from app.web.deps import Config, Db, Now
from app.web.render import Page, render
from app.web.routers import PageRouter
from app.web.searching import Searches

router = PageRouter()

QUERY_AT_MOST = 2_000  # what is longer than the language takes is cut there, with an explanation
OPTIONS_AT_MOST = 8


async def index_of(settings: Config) -> SearchIndex:
    """Return this machine's search index."""
    return SearchIndex(settings.index_dir, engine=settings.search_engine, model=settings.search_model)


Index = Annotated[SearchIndex, Depends(index_of)]
Words = Annotated[str, Query(max_length=QUERY_AT_MOST)]


@dataclass(frozen=True)
class FacetOption:
    """A way to narrow the results down, or (chosen) to take that back."""

    text: str
    count: int
    href: str
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    """Options of one kind."""

    title: str
    options: Sequence[FacetOption]


@dataclass(frozen=True)
class SearchPage(Page):
    """What was found."""

    template = "search/index.html"
    query: str
    sort: str
    results: PageOf[SearchResult]
    facets: Sequence[Facet]
    remarks: Sequence[str]
    did_you_mean: str
    hints: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class SearchHelpPage(Page):
    """How to search."""

    template = "help/search.html"
    operators: Sequence[tuple[str, str]]


@router.get("/search")
def results(
    request: Request,
    db: Db,
    index: Index,
    now: Now,
    counter: Searches,
    q: Words = "",
    sort: Annotated[str, Query(max_length=20)] = "",
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> Response:
    """Show what was found."""
    found = search.search(db, index, text=q, now=now, page=page, sort=sort, load=questions.headlines)
    searched = None
    if page == 1 and not sort and found.is_ready and not found.parsed.query.is_empty:
        searched = finished.Searched(found.parsed.text, len(found.page.rows))
        counter.searched(searched.text, found=searched.found)
    if found.is_ready:
        finished.share_search(request, searched)
    return render(
        request,
        SearchPage(
            query=found.parsed.text,
            sort=found.parsed.query.sort,
            results=found.page,
            facets=_facets(found),
            remarks=found.remarks,
            did_you_mean=found.did_you_mean,
            hints=_operators(),
        ),
    )


@router.get("/search/suggest")
def suggest(db: Db, index: Index, q: Words = "") -> JSONResponse:
    """Return what may be meant by what is being typed, for the script of the search field."""
    found = search.suggest(db, index, text=q)
    suggestions = [
        {"text": row.name, "href": f"/products/{row.slug}", "hint": _("Product")} for row in found.products
    ]
    suggestions += [
        {
            "text": row.title,
            "href": f"/questions/{row.id}/{slug(row.title)}",
            "hint": status_words()[row.status],
        }
        for row in found.questions
    ]
    suggestions += [
        {"text": row.name, "href": f"/tags/{quote(row.name)}", "hint": _("Tag")} for row in found.tags
    ]
    return JSONResponse({"suggestions": suggestions}, headers={"Cache-Control": "private, max-age=60"})


@router.get("/help/search")
def search_help(request: Request) -> Response:
    """Explain the operators."""
    return render(request, SearchHelpPage(operators=_operators()))


def status_words() -> dict[str, str]:
    """Return the word for each status of a question."""
    return {
        "solved": _("Solved"),
        "answered": _("Answered"),
        "unanswered": _("Unanswered"),
        "closed": _("Closed"),
        "duplicate": _("Duplicate"),
    }


def _facets(found: Results) -> list[Facet]:
    counts = found.counts
    products = {
        f"product:{slug_}": (found.product_names.get(slug_, slug_), count)
        for slug_, count in counts.get("product", {}).items()
    }
    statuses = {
        f"is:{status}": (status_words()[status], count) for status, count in counts.get("status", {}).items()
    }
    tags = {f"tag:{name}": (name, count) for name, count in counts.get("tag", {}).items()}
    by_staff = sum(counts.get("staff", {}).values())
    staff = {"has:staff": (_("Staff answered"), by_staff)} if by_staff else {}
    ages = {
        f"created:{_AGE_OPERATOR[age]}": (_age_words()[age], count)
        for age, count in counts.get("age", {}).items()
    }
    facets = (
        (_("Product"), products),
        (_("Status"), statuses),
        (_("Answered by"), staff),
        (_("Tag"), tags),
        (_("Age"), ages),
    )
    return [Facet(title, _options(found.parsed, options)) for title, options in facets if options]


def _options(parsed: Parsed, options: Mapping[str, tuple[str, int]]) -> list[FacetOption]:
    made = []
    for operator, (text, count) in options.items():
        is_chosen = operator in parsed.filters
        query = parsed.without(operator) if is_chosen else f"{parsed.text} {operator}".strip()
        made.append(FacetOption(text, count, f"/search?q={quote(query)}", is_chosen))
    made.sort(key=lambda option: not option.is_chosen)
    return made[:OPTIONS_AT_MOST]


_AGE_OPERATOR = {"day": "1d", "week": "7d", "month": "1m", "year": "1y"}


def _age_words() -> dict[str, str]:
    return {
        "day": _("Last day"),
        "week": _("Last week"),
        "month": _("Last month"),
        "year": _("Last year"),
    }


def _operators() -> list[tuple[str, str]]:
    return [
        ("0x80070057", _("an error code, a model or a version, as it stands on the screen")),
        ('"blue screen"', _("these words in a row")),
        ("wifi -driver", _("threads with “wifi” and without “driver”")),
        ("tag:wifi", _("threads with the tag; [wifi] does the same")),
        ("product:xps-13", _("threads about a product or what belongs to it")),
        ("user:mara", _("questions asked by a member")),
        ("is:solved", _("also is:answered, is:unanswered, is:unsolved, is:open, is:closed and is:duplicate")),
        ("score:>3", _("questions by votes; also score:0 and score:2..5")),
        ("answers:0", _("questions by the number of their answers")),
        ("created:2026-01..2026-03", _("by day, month or year; created:7d is the last seven days")),
        ("has:code", _("threads with code; has:staff: answered by staff")),
        ('os:"windows 11"', _("by a detail of the environment: os, version, model, error")),
        ("sort:newest", _("also sort:votes and sort:activity")),
    ]
