"""Search from the browser's own field: the description of our search, and suggestions in the form browsers take.

https://github.com/dewitt/opensearch/blob/master/opensearch-1-1-draft-6.md
"""

from __future__ import annotations

from typing import Annotated
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from app.core.i18n import gettext as _
from app.core.slugs import slug
from app.core.text import clean_text
from app.domain import search
from app.web import atom
from app.web.deps import Config, Db
from app.web.search import QUERY_AT_MOST, Index

router = APIRouter(include_in_schema=False)

MEDIA_TYPE = "application/opensearchdescription+xml"
SUGGESTIONS = "application/x-suggestions+json"
_NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"
_SHORT, _LONG = 16, 48  # characters that the specification allows in the names


@router.get("/opensearch.xml")
async def description(request: Request, settings: Config) -> Response:
    """Describe the search."""
    base = settings.base_url
    root = Element("OpenSearchDescription", {"xmlns": _NAMESPACE})
    name = clean_text(settings.site_name)
    SubElement(root, "ShortName").text = name[:_SHORT]
    SubElement(root, "LongName").text = name[:_LONG]
    SubElement(root, "Description").text = _("Search the questions and answers of %(site)s") % {"site": name}
    SubElement(root, "InputEncoding").text = "UTF-8"
    icon = base + request.app.state.assets.url("favicon.svg")
    SubElement(root, "Image", {"width": "16", "height": "16", "type": "image/svg+xml"}).text = icon
    for kind, path in (
        ("text/html", "/search?q={searchTerms}"),
        (atom.MEDIA_TYPE, "/feeds/search?q={searchTerms}"),
        (SUGGESTIONS, "/opensearch/suggestions?q={searchTerms}"),
    ):
        SubElement(root, "Url", {"type": kind, "template": base + path})
    SubElement(root, "Url", {"type": MEDIA_TYPE, "rel": "self", "template": f"{base}/opensearch.xml"})
    body = tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(body, media_type=MEDIA_TYPE, headers={"Cache-Control": "public, max-age=86400"})


@router.get("/opensearch/suggestions")
def suggestions(
    db: Db, settings: Config, index: Index, q: Annotated[str, Query(max_length=QUERY_AT_MOST)] = ""
) -> JSONResponse:
    """Return questions that may be meant by what is being typed: words, titles, remarks and addresses."""
    found = search.suggest(db, index, text=q).questions
    titles = [row.title for row in found]
    addresses = [f"{settings.base_url}/questions/{row.id}/{slug(row.title)}" for row in found]
    headers = {"Cache-Control": "private, max-age=60"}
    return JSONResponse([q, titles, [""] * len(titles), addresses], headers=headers, media_type=SUGGESTIONS)
