"""Styles, scripts and icons: read once at start, compressed once, served under an address that holds their hash."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fastapi import APIRouter, Request, Response

from app.core.errors import NotFound
from app.core.resources import STATIC

router = APIRouter()

STYLESHEET = "css/app.css"
_FIRST = ("_layers.css", "tokens.css", "reset.css", "base.css")
_YEAR = 31_536_000


@dataclass(frozen=True)
class Asset:
    """A file as it is sent."""

    content: bytes
    content_type: str

    @cached_property
    def compressed(self) -> bytes:
        """The content for who takes gzip: compressed as well as can be, once, when first asked for."""
        return gzip.compress(self.content, 9, mtime=0)


class Assets:
    """All static files of one start. The single stylesheet is made of the files in `css/`."""

    def __init__(self, folder: Path = STATIC) -> None:
        files = {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix != ".md"
        }
        files[STYLESHEET] = _one_stylesheet(files)
        self._assets = {name: _asset(name, content) for name, content in files.items()}
        digest = hashlib.sha256()
        for name, content in sorted(files.items()):
            digest.update(name.encode() + b"\0" + content)
        self.version = digest.hexdigest()[:12]

    def url(self, name: str) -> str:
        """Return the address of a file; raise KeyError for one that does not exist."""
        if name not in self._assets:
            raise KeyError(f"no static file {name}")
        return f"/static/{self.version}/{name}"

    def get(self, name: str) -> Asset | None:
        """Return a file by its name under `static/`."""
        return self._assets.get(name)


@router.get("/static/{version}/{name:path}", include_in_schema=False)
async def static_file(request: Request, version: str, name: str) -> Response:
    """Send a static file; under its present version it may be kept for ever."""
    assets: Assets = request.app.state.assets
    asset = assets.get(name)
    if asset is None:
        raise NotFound
    kept = f"public, max-age={_YEAR}, immutable" if version == assets.version else "no-cache"
    headers = {"Cache-Control": kept, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.compressed, media_type=asset.content_type, headers=headers)
    return Response(asset.content, media_type=asset.content_type, headers=headers)


@router.get("/brand.css", include_in_schema=False)
async def brand_stylesheet(request: Request) -> Response:
    """Send the company's accent colour; every other colour that depends on it is made from it in tokens.css."""
    color: str = request.app.state.settings.accent_color
    rule = f":root{{--brand:{color}}}" if color else ""
    return Response(rule, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})


def _one_stylesheet(files: dict[str, bytes]) -> bytes:
    names = [name for name in files if name.startswith("css/")]
    rest = sorted(name for name in names if name.removeprefix("css/") not in _FIRST)
    first = [f"css/{name}" for name in _FIRST if f"css/{name}" in files]
    return b"\n".join(files[name] for name in [*first, *rest])


def _asset(name: str, content: bytes) -> Asset:
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if content_type.startswith("text/") or content_type.endswith(("javascript", "xml", "json")):
        content_type += "; charset=utf-8"
    return Asset(content, content_type)
