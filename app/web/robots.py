"""What search engines need not read: forms, results of our own search, and pages for members only."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from app.web.deps import Config

router = APIRouter(include_in_schema=False)

_TEXT = "User-agent: *\n" + "".join(
    f"Disallow: {path}\n"
    for path in ("/ask", "/desk", "/inbox", "/posts/", "/reset", "/search", "/settings", "/signin", "/signup")
)


@router.get("/robots.txt")
async def robots(settings: Config) -> PlainTextResponse:
    """Answer crawlers, and tell them where the list of all questions is."""
    text = f"{_TEXT}\nSitemap: {settings.base_url}/sitemap.xml\n"
    return PlainTextResponse(text, headers={"Cache-Control": "public, max-age=86400"})
