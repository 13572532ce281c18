"""Atom feeds of every list, product, tag, member, thread and search: what strangers see, for feed readers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from app.core.i18n import gettext as _
from app.core.slugs import slug
from app.domain import answers, catalog, people, questions, search
from app.models import Answer, Question, User
from app.settings import Settings
from app.web import atom
from app.web.deps import Config, Db, Now, RowId
from app.web.search import QUERY_AT_MOST, Index

router = APIRouter(prefix="/feeds", include_in_schema=False)

ENTRIES = 30
RETRY_SECONDS = 60

Sort = Literal["newest", "active", "hot", "votes", "frequent", "unanswered", "solved"]


@router.get("/questions")
def all_questions(request: Request, db: Db, settings: Config, sort: Sort = "newest") -> Response:
    """Feed the list of all questions."""
    rows = questions.listing(db, questions.ListOf(sort=sort)).rows
    return _answer(request, settings, _list_title(sort), "/questions", sort, _entries(settings, rows, sort))


@router.get("/products/{slug}")
def product(request: Request, db: Db, settings: Config, slug: str, sort: Sort = "newest") -> Response:
    """Feed the questions about a product and what is below it."""
    found = catalog.product_by_slug(db, slug)
    ids = catalog.descendant_ids(db, found.id or 0)
    rows = questions.listing(db, questions.ListOf(sort=sort, product_ids=ids)).rows
    title = f"{found.name} · {_list_title(sort)}"
    return _answer(request, settings, title, f"/products/{found.slug}", sort, _entries(settings, rows, sort))


@router.get("/tags/{name}")
def tag(request: Request, db: Db, settings: Config, name: str, sort: Sort = "newest") -> Response:
    """Feed the questions with a tag; a synonym leads to the tag it stands for."""
    found = catalog.shown_tag(db, name)
    if found.name != name:
        return RedirectResponse(f"/feeds/tags/{quote(found.name)}", status_code=301)
    rows = questions.listing(db, questions.ListOf(sort=sort, tag_id=found.id)).rows
    title = f"#{found.name} · {_list_title(sort)}"
    page = f"/tags/{quote(found.name)}"
    return _answer(request, settings, title, page, sort, _entries(settings, rows, sort))


@router.get("/users/{handle}")
def member(request: Request, db: Db, settings: Config, handle: str) -> Response:
    """Feed what a member asked and answered."""
    person = people.by_handle(db, handle)
    wanted = questions.ListOf(sort="newest", author_id=person.id)
    entries = _entries(settings, questions.listing(db, wanted).rows, "newest")
    answered = answers.by_author(db, author=person, sort="newest").rows
    entries += [_answer_entry(settings, row, row.question, person) for row in answered]
    page = f"/users/{person.handle}"
    return _answer(request, settings, person.display_name, page, "newest", _newest(entries))


@router.get("/questions/{question_id:int}")
def thread(request: Request, db: Db, settings: Config, question_id: RowId) -> Response:
    """Feed a question and its answers."""
    question = questions.visible(db, viewer=None, question_id=question_id)
    shown = answers.under(db, question, viewer=None, sort="newest").rows
    entries = [_question_entry(settings, question, "newest")]
    entries += [_answer_entry(settings, row, question, row.author) for row in shown]
    page = _address(question)
    return _answer(
        request, settings, question.title, page, "newest", _newest(entries), at=f"/questions/{question.id}"
    )


@router.get("/search")
def results(
    request: Request,
    db: Db,
    settings: Config,
    index: Index,
    now: Now,
    q: Annotated[str, Query(max_length=QUERY_AT_MOST)] = "",
) -> Response:
    """Feed the newest questions that a search finds."""
    found = search.search(db, index, text=q, now=now, sort="newest", size=ENTRIES)
    if not found.is_ready:
        wait = {"Retry-After": str(RETRY_SECONDS)}
        return PlainTextResponse(" ".join(found.remarks), 503, headers=wait)
    text = found.parsed.text
    title = _("Search: %(words)s") % {"words": text} if text else _("Search")
    entries = _entries(settings, (row.question for row in found.page.rows), "newest")
    query = urlencode({"q": text})
    return _answer(request, settings, title, f"/search?{query}", "newest", entries, at=f"/search?{query}")


def _answer(
    request: Request,
    settings: Settings,
    title: str,
    page: str,
    sort: str,
    entries: list[atom.Entry],
    *,
    at: str = "",
) -> Response:
    """Answer with the feed, or 304 to who has it. `page` shows the same; `at` is the feed's own place below /feeds."""
    own = at or page + ("" if sort == "newest" else f"?sort={sort}")
    feed = atom.Feed(
        id=f"{settings.base_url}/feeds{own}",
        link=settings.base_url + (page if at or sort == "newest" else f"{page}?sort={sort}"),
        title=f"{title} · {settings.site_name}",
        site=settings.site_name,
        base=settings.base_url,
        entries=entries,
    )
    body = atom.write(feed)
    # Weak: on its way it may be compressed.
    etag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    # Asked for again each time, so that what is hidden is gone at once.
    headers = {"ETag": etag, "Cache-Control": "public, no-cache", "X-Robots-Tag": "noindex"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=atom.MEDIA_TYPE)


def _entries(settings: Settings, rows: Iterable[Question], sort: str) -> list[atom.Entry]:
    return [_question_entry(settings, row, sort) for row in rows]


def _newest(entries: list[atom.Entry]) -> list[atom.Entry]:
    return sorted(entries, key=lambda entry: (entry.published_at, entry.id), reverse=True)[:ENTRIES]


def _question_entry(settings: Settings, question: Question, sort: str) -> atom.Entry:
    # In a list of what is active the newest activity is the news; elsewhere the text is.
    news = question.last_activity_at if sort == "active" else question.edited_at
    return atom.Entry(
        id=f"{settings.base_url}/posts/{question.id}",
        link=settings.base_url + _address(question),
        title=question.title,
        author=_author(settings, question.author),
        published_at=question.created_at,
        updated_at=news or question.created_at,
        html=question.body_html,
        categories=tuple(tag.name for tag in question.tags),
    )


def _answer_entry(settings: Settings, answer: Answer, question: Question, author: User) -> atom.Entry:
    return atom.Entry(
        id=f"{settings.base_url}/posts/{answer.id}",
        link=f"{settings.base_url}{_address(question)}#answer-{answer.id}",
        title=_("Answer to: %(title)s") % {"title": question.title},
        author=_author(settings, author),
        published_at=answer.created_at,
        updated_at=answer.edited_at or answer.created_at,
        html=answer.body_html,
    )


def _author(settings: Settings, author: User) -> atom.Author:
    url = "" if author.deleted_at is not None else f"{settings.base_url}/users/{author.handle}"
    return atom.Author(author.display_name, url)


def _address(question: Question) -> str:
    return f"/questions/{question.id}/{slug(question.title)}"


def _list_title(sort: str) -> str:
    return {
        "newest": _("Newest questions"),
        "active": _("Active questions"),
        "hot": _("Hot questions"),
        "votes": _("Questions by votes"),
        "frequent": _("Frequent questions"),
        "unanswered": _("Unanswered questions"),
        "solved": _("Solved questions"),
    }[sort]
