"""The script with the elements <peerdesk-questions> and <peerdesk-ask>, for pages of other sites.

Its addresses stay for ever: `/embed/v1/peerdesk.js` will always understand what it understands now, and
`/embed/peerdesk.js` is the newest version. A change that would break a page makes a `/embed/v2/`.
"""

from __future__ import annotations

import hashlib
import json

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.settings import Settings
from app.web.assets import Assets
from app.web.deps import Config
from app.web.embed.words import words

router = APIRouter(prefix="/embed", include_in_schema=False)

VERSION = "v1"
SOURCE = "embed/peerdesk.js"
_HEADERS = {
    "Cache-Control": "public, max-age=3600, stale-while-revalidate=86400",
    # The file is the same for everybody and holds nothing of anybody: every page may load it.
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@router.get("/peerdesk.js")
@router.get(f"/{VERSION}/peerdesk.js")
async def script(request: Request, settings: Config) -> Response:
    """Send the script, with the forum's address and the texts at its end."""
    content = source(request.app.state.assets, settings)
    etag = f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    headers = {**_HEADERS, "ETag": etag}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="text/javascript", headers=headers)


def source(assets: Assets, settings: Settings) -> bytes:
    """Return the script as it is sent."""
    asset = assets.get(SOURCE)
    if asset is None:
        raise KeyError(SOURCE)
    given = json.dumps([settings.base_url, words()], ensure_ascii=False, separators=(",", ":"))
    return asset.content.rstrip() + f"({given[1:-1]});\n".encode()
