"""Work that the background gave up: jobs, which can be tried again, and e-mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Depends, Request
from fastapi.responses import Response

from app.core.i18n import gettext as _
from app.domain import mail, outbox
from app.models import Job, OutgoingEmail
from app.web.deps import Admin, Db, Now, RowId, require_admin
from app.web.render import Page, redirect, render
from app.web.routers import DeskRouter

router = DeskRouter("/jobs", dependencies=[Depends(require_admin)])


@dataclass(frozen=True)
class JobsPage(Page):
    """What was given up, and why."""

    template = "desk/jobs.html"
    jobs: Sequence[Job]
    emails: Sequence[OutgoingEmail]


@router.get("")
def index(request: Request, db: Db) -> Response:
    """List what was given up."""
    return render(request, JobsPage(jobs=outbox.buried_jobs(db), emails=mail.failed(db)))


@router.post("/{job_id:int}/retry")
def retry(request: Request, db: Db, viewer: Admin, job_id: RowId, now: Now) -> Response:
    """Let a job be tried again."""
    outbox.try_again(db, job_id=job_id, by=viewer, now=now)
    return redirect(request, "/desk/jobs", flash=_("It will be tried again at once."))
