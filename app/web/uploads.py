"""Uploads: take a file, and send it to whoever sees the post."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.datastructures import UploadFile

from app.core.errors import DomainError, Invalid, NotFound
from app.core.files import EXTENSIONS, FileStore
from app.domain import attachments
from app.models import Attachment
from app.web.deps import Config, Db, Now, SignedIn, Viewer
from app.web.errors import status_of
from app.web.render import Page, render, wants_fragment
from app.web.routers import PageRouter

router = PageRouter()

MEGABYTE = 1_000_000
_HEADERS = {
    # The content under an address never changes, but who may have it does: ask again after a while.
    "Cache-Control": "private, max-age=600",
    # Even if a browser could be made to read it as a page: it could do nothing.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
}


@dataclass(frozen=True)
class UploadPage(Page):
    """Upload without scripts, in a tab beside the form: it shows what to paste."""

    template = "uploads/new.html"
    attachment: Attachment | None
    markdown: str
    max_megabytes: int
    error: str


@dataclass(frozen=True)
class SentFile:
    """A file as the browser sent it."""

    data: bytes
    name: str


async def files_of(settings: Config) -> FileStore:
    """Return the store of uploaded files."""
    return FileStore(settings.uploads_dir)


async def sent_file(request: Request) -> SentFile:
    """Read the field `file`; empty when there is none."""
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile):
        return SentFile(b"", "")
    return SentFile(await file.read(), file.filename or "")


Files = Annotated[FileStore, Depends(files_of)]


@router.get("/uploads")
def upload_form(request: Request, _viewer: SignedIn, settings: Config) -> Response:
    """Show the form for those whose editor runs no scripts."""
    return render(request, _page(settings, None))


@router.post("/uploads")
def upload(
    request: Request,
    db: Db,
    viewer: SignedIn,
    files: Files,
    settings: Config,
    now: Now,
    file: Annotated[SentFile, Depends(sent_file)],
) -> Response:
    """Take a file; answer with the Markdown that shows it, as JSON for a script and on a page otherwise."""
    try:
        attachment = attachments.upload(
            db,
            files=files,
            author=viewer,
            data=file.data,
            filename=file.name,
            max_bytes=settings.upload_limit_mb * MEGABYTE,
            now=now,
        )
    except Invalid as error:
        if wants_fragment(request):
            raise
        return render(request, _page(settings, None, error), status=status_of(error))
    if not wants_fragment(request):
        return render(request, _page(settings, attachment), status=201)
    url = f"/uploads/{attachment.sha256}.{attachment.extension}"
    return JSONResponse({"markdown": attachments.markdown_of(attachment), "url": url}, status_code=201)


@router.get("/uploads/{sha256}.{extension}")
def uploaded(
    db: Db,
    viewer: Viewer,
    files: Files,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
    extension: Annotated[str, Path(pattern=f"^({'|'.join(sorted(EXTENSIONS))})$")],
) -> Response:
    """Send an upload to who may see what shows it; the address is the hash of the content."""
    path = files.path(sha256, extension)
    if not path.is_file() or not attachments.is_visible(db, viewer=viewer, sha256=sha256):
        raise NotFound
    is_image = EXTENSIONS[extension].startswith("image/")
    return FileResponse(
        path,
        media_type=EXTENSIONS[extension],
        headers=_HEADERS,
        filename=None if is_image else f"{sha256[:12]}.{extension}",
        content_disposition_type="inline" if is_image else "attachment",
    )


def _page(settings: Config, attachment: Attachment | None, error: DomainError | None = None) -> UploadPage:
    return UploadPage(
        attachment=attachment,
        markdown=attachments.markdown_of(attachment) if attachment else "",
        max_megabytes=settings.upload_limit_mb,
        error=error.message if error else "",
    )
