"""oEmbed: how other sites show a link to a question of ours as a card, by https://oembed.com.

The card is plain HTML without scripts, so it can be no danger to the page that takes it, and no page
of ours needs to be framed for it.
"""

from __future__ import annotations

import re
from html import escape
from typing import Annotated, Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from sqlmodel import Session

from app.core import markdown
from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.core.slugs import slug
from app.core.text import clean_text
from app.domain import answers, questions
from app.models import Question
from app.settings import Settings
from app.web.deps import Config, Db
from app.web.search import status_words

router = APIRouter(include_in_schema=False)

WIDTH, HEIGHT = 600, 200
CACHE_SECONDS = 3600
EXCERPT_LENGTH = 200
LARGEST_ID = 2_147_483_647
_PATH = re.compile(r"/(?:questions|posts)/(\d{1,10})(?:/[^/]*)?/?", re.ASCII)

Pixels = Annotated[int, Query(ge=1, le=100_000)]


@router.get("/oembed")
def oembed(
    db: Db,
    settings: Config,
    url: Annotated[str, Query(min_length=1, max_length=2_000)],
    format: Annotated[str, Query(max_length=20)] = "json",  # noqa: A002 (the specification's name)
    maxwidth: Pixels = WIDTH,
    maxheight: Pixels = HEIGHT,
) -> Response:
    """Return the card of a question's address, or of an answer's own one."""
    if format not in ("json", "xml"):
        return PlainTextResponse(_("Only json and xml are known."), 501)
    question = _question_at(db, settings, url)
    card = {
        "version": "1.0",
        "type": "rich",
        "title": question.title,
        "author_name": question.author.display_name,
        **({} if question.author.deleted_at else {"author_url": _member(settings, question)}),
        "provider_name": settings.site_name,
        "provider_url": settings.base_url,
        "cache_age": CACHE_SECONDS,
        "width": min(WIDTH, maxwidth),
        "height": min(HEIGHT, maxheight),
        "html": _html(settings, question),
    }
    headers = {"Cache-Control": f"public, max-age={CACHE_SECONDS // 60}", "X-Robots-Tag": "noindex"}
    if format == "json":
        return JSONResponse(card, headers=headers)
    return Response(_xml(card), media_type="text/xml", headers=headers)


def _question_at(db: Session, settings: Settings, url: str) -> Question:
    """Return what a stranger would see at an address of ours; raise NotFound."""
    try:
        parts, own = urlsplit(url), urlsplit(settings.base_url)
    except ValueError:
        raise NotFound from None
    found = _PATH.fullmatch(parts.path)
    is_ours = parts.scheme in ("http", "https") and parts.netloc == own.netloc
    if not is_ours or found is None or int(found[1]) > LARGEST_ID:
        raise NotFound
    post = answers.visible_post(db, viewer=None, post_id=int(found[1]))
    return (
        post
        if isinstance(post, Question)
        else questions.visible(db, viewer=None, question_id=post.question_id)
    )


def _html(settings: Settings, question: Question) -> str:
    href = escape(f"{settings.base_url}/questions/{question.id}/{slug(question.title)}")
    about = [status_words()[question.status]]
    if question.answer_count:
        count = question.answer_count
        about.append(ngettext("%(n)s answer", "%(n)s answers", count) % {"n": count})
    about.append(settings.site_name)
    excerpt = escape(markdown.excerpt(question.body_html, EXCERPT_LENGTH))
    return (
        f'<blockquote class="peerdesk-card"><p><a href="{href}"><strong>{escape(question.title)}</strong></a></p>'
        f"<p>{excerpt}</p><p><small>{escape(' · '.join(about))}</small></p></blockquote>"
    )


def _member(settings: Settings, question: Question) -> str:
    return f"{settings.base_url}/users/{question.author.handle}"


def _xml(card: dict[str, Any]) -> bytes:
    root = Element("oembed")
    for name, value in card.items():
        SubElement(root, name).text = clean_text(str(value))
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document
