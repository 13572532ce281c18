"""Help for those who build on the forum: what the desk sets up, and what their side does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from app.core.i18n import gettext as _
from app.domain import webhooks
from app.web.render import Page, render
from app.web.routers import PageRouter

router = PageRouter()


@dataclass(frozen=True)
class WebhooksHelpPage(Page):
    """How to receive webhooks."""

    template = "help/webhooks.html"
    types: Sequence[tuple[str, str]]
    waits: Sequence[str]
    kept_days: int


@dataclass(frozen=True)
class SignedIdentityHelpPage(Page):
    """How a product site signs its customers in."""

    template = "help/signed_identity.html"
    issuer: str


@router.get("/help/webhooks")
def receiving(request: Request) -> Response:
    """Explain how to receive webhooks, and which there are."""
    meanings = _meanings()
    types = [(kind, meanings[kind]) for kind in webhooks.EVENT_TYPES]
    waits = [_in_words(int(wait.total_seconds())) for wait in webhooks.WAITS]
    page = WebhooksHelpPage(types=types, waits=waits, kept_days=webhooks.KEPT.days)
    return render(request, page)


@router.get("/help/signed-identity")
def signing_in(request: Request) -> Response:
    """Explain how a product site signs its customers in."""
    return render(request, SignedIdentityHelpPage(issuer="shop.example.com"))


def _meanings() -> dict[str, str]:
    return {
        "question.created": _("A question was asked."),
        "question.updated": _(
            "It was edited, reopened, restored or removed, or an answer of it was removed."
        ),
        "question.closed": _("It takes no more answers."),
        "question.solved": _("An answer was accepted."),
        "question.unsolved": _("No answer is accepted any more."),
        "answer.created": _("An answer was posted or restored."),
        "answer.accepted": _("It was accepted."),
        "comment.created": _("A comment was posted."),
        "escalation.opened": _("A question came to staff."),
        "escalation.claimed": _("Somebody of staff owns it."),
        "escalation.state_changed": _("It waits, sleeps, was handed over, reopened, closed or cancelled."),
        "escalation.sla_warning": _("A deadline comes near."),
        "escalation.sla_breached": _("A deadline was missed."),
        "escalation.resolved": _("It was resolved."),
        "user.created": _("Somebody joined."),
        "user.deleted": _("Somebody deleted their account."),
    }


def _in_words(seconds: int) -> str:
    if seconds < 60:
        return _("%(n)s s") % {"n": seconds}
    if seconds < 3600:
        return _("%(n)s min") % {"n": seconds // 60}
    return _("%(n)s h") % {"n": seconds // 3600}
