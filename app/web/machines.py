"""What machines read: for everybody, without a session. Nobody is signed in here, so nothing private can be shown."""

from app.web import embed, feeds, oembed, opensearch, robots, sitemap

routes = [
    *(route for part in (robots, sitemap, opensearch, feeds, oembed) for route in part.router.routes),
    *embed.routes,
]
