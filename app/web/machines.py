"""What machines read: for everybody, without a session. Nobody is signed in here, so nothing private can be shown."""

from fastapi import APIRouter

from app.web import embed, feeds, oembed, opensearch, robots, sitemap

router = APIRouter(include_in_schema=False)

for part in (robots, sitemap, opensearch, feeds, oembed, embed):
    router.include_router(part.router)
