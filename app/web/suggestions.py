"""Suggested edits: the list of those that wait, and one beside the text it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response

from app.core.errors import Invalid, NotFound
from app.core.i18n import gettext as _
from app.core.paging import PageOf
from app.domain import suggestions
from app.models import SuggestedEdit, User
from app.web.deps import Db, Now, RowId, SignedIn, VisiblePost
from app.web.forms import Form, Submission, blank, submitted
from app.web.questions import PageNumber, address
from app.web.render import Page, redirect, render
from app.web.routers import PageRouter

router = PageRouter()


class RejectionForm(Form):
    """Why an edit is not published."""

    reason: str = ""


@dataclass(frozen=True)
class SuggestionsPage(Page):
    """What waits for a decision."""

    template = "suggestions/index.html"
    page: PageOf[suggestions.Waiting]


@dataclass(frozen=True)
class ReviewPage(Page):
    """One suggestion with its differences."""

    template = "suggestions/show.html"
    review: suggestions.Review
    suggestion: SuggestedEdit
    back: str
    may_decide: bool
    is_own: bool
    form: Submission[RejectionForm] | Submission[Form]


@router.get("/suggestions")
def index(request: Request, db: Db, viewer: SignedIn, page: PageNumber = 1) -> Response:
    """List what waits, for members who may decide on any."""
    return render(request, SuggestionsPage(page=suggestions.waiting(db, viewer=viewer, page=page)))


@router.get("/posts/{post_id:int}/suggestion")
def of_post(db: Db, viewer: SignedIn, post: VisiblePost) -> Response:
    """Lead to the suggestion that waits for a post, or to one's own last one; else to the post."""
    try:
        found = suggestions.newest_for(db, viewer=viewer, post_id=post.id)
        suggestions.review(db, viewer=viewer, suggestion_id=found.id or 0)
    except NotFound:
        return RedirectResponse(f"/posts/{post.id}", status_code=302)
    return RedirectResponse(f"/suggestions/{found.id}", status_code=302)


@router.get("/suggestions/{suggestion_id:int}")
def show(request: Request, db: Db, viewer: SignedIn, suggestion_id: RowId) -> Response:
    """Show a suggestion beside the text it was made against."""
    review = suggestions.review(db, viewer=viewer, suggestion_id=suggestion_id)
    return render(request, _page(review, viewer, blank()))


@router.post("/suggestions/{suggestion_id:int}/approve")
def approve(request: Request, db: Db, viewer: SignedIn, suggestion_id: RowId, now: Now) -> Response:
    """Publish the edit."""
    review = suggestions.review(db, viewer=viewer, suggestion_id=suggestion_id)
    decided = suggestions.approve(db, suggestion=review.suggestion, by=viewer, now=now)
    if decided.decision == "outdated":
        late = _("The post was edited meanwhile, so this suggestion is closed as outdated.")
        return redirect(request, f"/suggestions/{suggestion_id}", flash=late, kind="note")
    return redirect(request, f"/suggestions/{suggestion_id}", flash=_("The edit is published."))


@router.post("/suggestions/{suggestion_id:int}/reject")
def reject(
    request: Request,
    db: Db,
    viewer: SignedIn,
    suggestion_id: RowId,
    now: Now,
    form: Annotated[Submission[RejectionForm], Depends(submitted(RejectionForm))],
) -> Response:
    """Leave the post as it is."""
    review = suggestions.review(db, viewer=viewer, suggestion_id=suggestion_id)
    try:
        reason = form.valid().reason
        suggestions.reject(db, suggestion=review.suggestion, by=viewer, reason=reason, now=now)
    except Invalid as error:
        shown = suggestions.review(db, viewer=viewer, suggestion_id=suggestion_id)
        return render(request, _page(shown, viewer, form.refused(error)), status=422)
    return redirect(request, f"/suggestions/{suggestion_id}", flash=_("The suggestion is rejected."))


@router.post("/suggestions/{suggestion_id:int}/withdraw")
def withdraw(request: Request, db: Db, viewer: SignedIn, suggestion_id: RowId) -> Response:
    """Take one's own suggestion back."""
    review = suggestions.review(db, viewer=viewer, suggestion_id=suggestion_id)
    suggestions.withdraw(db, suggestion=review.suggestion, by=viewer)
    return redirect(request, f"/posts/{review.post.id}", flash=_("Your suggestion is taken back."))


def _page(
    review: suggestions.Review, viewer: User, form: Submission[RejectionForm] | Submission[Form]
) -> ReviewPage:
    place = "" if review.post is review.question else f"#answer-{review.post.id}"
    return ReviewPage(
        review=review,
        suggestion=review.suggestion,
        back=address(review.question) + place,
        may_decide=review.is_open and suggestions.may_decide(viewer, review.suggestion, review.post),
        is_own=viewer.id == review.suggestion.author_id,
        form=form,
    )
