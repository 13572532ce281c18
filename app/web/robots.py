"""What search engines need not read: forms, results of our own search, and pages for members only."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

router = APIRouter(include_in_schema=False)

_TEXT = "User-agent: *\n" + "".join(
    f"Disallow: {path}\n"
    for path in ("/ask", "/desk", "/inbox", "/posts/", "/reset", "/search", "/settings", "/signin", "/signup")
)


@router.get("/robots.txt")
async def robots() -> PlainTextResponse:
    """Answer crawlers."""
    return PlainTextResponse(_TEXT, headers={"Cache-Control": "public, max-age=86400"})
