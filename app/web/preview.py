"""Preview: what is being written, exactly as it would be published."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from fastapi.responses import HTMLResponse, Response

from app.core import markdown
from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.web.deps import SignedIn
from app.web.forms import Form, Submission, submitted
from app.web.routers import PageRouter

router = PageRouter()

LONGEST = 30_000


class PreviewForm(Form):
    """What is in the editor now."""

    body: str = ""


@router.post("/preview")
def preview(
    _viewer: SignedIn, form: Annotated[Submission[PreviewForm], Depends(submitted(PreviewForm))]
) -> Response:
    """Return Markdown as the HTML that posting it would store."""
    body = form.valid().body
    if len(body) > LONGEST:
        raise Invalid("body", _("This is longer than a post can be, so there is no preview."))
    return HTMLResponse(markdown.render(body), headers={"Cache-Control": "private, no-store"})
