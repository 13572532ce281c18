"""Drafts: keep what is being typed into a form. The form's own page shows it again."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from fastapi.responses import Response
from pydantic import ConfigDict

from app.domain import drafts
from app.web.deps import Db, Now, SignedIn
from app.web.forms import Form, Submission, submitted
from app.web.routers import PageRouter

router = PageRouter()


class DraftForm(Form):
    """Whatever fields the form has; none is acted upon."""

    model_config = ConfigDict(extra="allow")


@router.post("/drafts/{key}")
def keep(
    key: str,
    db: Db,
    viewer: SignedIn,
    now: Now,
    form: Annotated[Submission[DraftForm], Depends(submitted(DraftForm))],
) -> Response:
    """Keep the fields for the form of this key ("ask", "answer:42"), or forget them when all are empty."""
    drafts.keep(db, author=viewer, key=key, fields=form.values, now=now)
    return Response(status_code=204)
