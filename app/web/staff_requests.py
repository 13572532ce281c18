"""Members bring a question to staff: the asker whom no answer helped, and trusted members."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from app.core.i18n import gettext as _
from app.domain import escalations
from app.web.deps import Db, Now, SignedIn, VisibleQuestion
from app.web.render import redirect
from app.web.routers import PageRouter

router = PageRouter()


@router.post("/questions/{question_id:int}/not-helpful")
def report_unhelpful(
    request: Request, db: Db, viewer: SignedIn, question: VisibleQuestion, now: Now
) -> Response:
    """Say that no answer helped."""
    escalations.report_unhelpful(db, question=question, by=viewer, now=now)
    done = _("Thank you for telling us: someone from the company will look at it.")
    return redirect(request, f"/questions/{question.id}", flash=done)


@router.post("/questions/{question_id:int}/request-staff")
def request_staff(
    request: Request, db: Db, viewer: SignedIn, question: VisibleQuestion, now: Now
) -> Response:
    """Ask staff to look at it."""
    escalations.request_staff(db, question=question, by=viewer, now=now)
    done = _("Thank you: someone from the company will look at it.")
    return redirect(request, f"/questions/{question.id}", flash=done)
