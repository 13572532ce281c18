"""Tags: all of them, and one with its questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Query, Request
from fastapi.responses import RedirectResponse, Response

from app.core.paging import PageOf
from app.domain import catalog, escalations, follows, people, questions
from app.models import Question, Tag
from app.web import finished
from app.web.authors import AuthorView, author_views
from app.web.deps import Db, Viewer
from app.web.promises import promises
from app.web.questions import PageNumber
from app.web.render import Page, render
from app.web.routers import PageRouter

router = PageRouter()


@dataclass(frozen=True)
class TagsPage(Page):
    """All tags in use."""

    template = "tags/index.html"
    page: PageOf[Tag]
    sort: str
    find: str


@dataclass(frozen=True)
class TagPage(Page):
    """A tag with its questions."""

    template = "tags/show.html"
    tag: Tag
    sort: str
    page: PageOf[Question]
    promises: Mapping[int, escalations.Promise]
    follows: bool
    related: Sequence[Tag]
    experts: Sequence[AuthorView]


@router.get("/tags")
def index(
    request: Request,
    db: Db,
    find: Annotated[str, Query(max_length=35)] = "",
    sort: str = "popular",
    page: PageNumber = 1,
) -> Response:
    """Show the tags, most used first or by name."""
    sort = "name" if sort == "name" or find else "popular"
    finished.share(request)
    listed = catalog.tags_page(db, starting_with=find, by_name=sort == "name", page=page)
    return render(request, TagsPage(page=listed, sort=sort, find=find))


@router.get("/tags/{name}")
def show(
    request: Request, db: Db, viewer: Viewer, name: str, sort: str = "active", page: PageNumber = 1
) -> Response:
    """Show a tag with its questions; a synonym leads to the tag it stands for."""
    tag = catalog.shown_tag(db, name)
    if tag.name != name:
        return RedirectResponse(f"/tags/{quote(tag.name)}", status_code=301)
    sort = sort if sort in questions.SORTS else "active"
    finished.share(request)
    experts = author_views(db, people.experts_on_tag(db, tag), product=None)
    listed = questions.listing(db, questions.ListOf(sort=sort, tag_id=tag.id), page=page)
    return render(
        request,
        TagPage(
            tag=tag,
            sort=sort,
            page=listed,
            promises=promises(db, listed.rows),
            follows=follows.follows(db, viewer, tag),
            related=catalog.related_tags(db, tag),
            experts=list(experts.values()),
        ),
    )
