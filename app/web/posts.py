"""What questions and answers share: permanent address, votes, history, removal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from app.core.errors import Invalid, NotFound
from app.core.i18n import gettext as _
from app.core.slugs import slug
from app.domain import answers, questions, revisions, votes
from app.models import Answer, Question
from app.web.choices import removal_page
from app.web.deps import Db, Now, SignedIn, Viewer, VisiblePost
from app.web.forms import Form, Submission, submitted
from app.web.permissions import answer_can, question_can
from app.web.render import Page, fragment, redirect, render, wants_fragment
from app.web.routers import PageRouter

router = PageRouter()


class VoteForm(Form):
    """A vote: 1, -1, or 0 to take it back."""

    value: int


class RemovalForm(Form):
    """Why a post is hidden; one's own is deleted without a reason."""

    reason: str = ""
    note: str = ""


class RollBackForm(Form):
    """The revision to bring back, and the one that was the newest when the page was read."""

    to: int
    base: int


@dataclass(frozen=True)
class VoteFragment(Page):
    """The vote buttons alone, for a script."""

    template = "fragments/vote.html"
    post: Question | Answer
    mine: int
    why_up: str
    why_down: str


@dataclass(frozen=True)
class HistoryPage(Page):
    """Every revision of a post, newest first."""

    template = "questions/revisions.html"
    question: Question
    post: Question | Answer
    back: str
    changes: list[revisions.Change]
    may_roll_back: bool


@router.get("/posts/{post_id:int}")
def show(post: VisiblePost, comment: Annotated[int, Query(ge=0, le=2_147_483_647)] = 0) -> Response:
    """Lead from a post's own address to its place in the thread."""
    return RedirectResponse(_address(post, comment=comment), status_code=302)


@router.post("/posts/{post_id:int}/vote")
def vote(
    request: Request,
    db: Db,
    viewer: SignedIn,
    post: VisiblePost,
    now: Now,
    form: Annotated[Submission[VoteForm], Depends(submitted(VoteForm))],
) -> Response:
    """Cast, change or take back a vote."""
    post = votes.cast(db, post=post, by=viewer, value=form.valid().value, now=now)
    if not wants_fragment(request):
        return redirect(request, _address(_loaded(db, viewer, post.id)))
    if isinstance(post, Question):
        why = question_can(viewer, post, now=now)
        page = VoteFragment(post, form.valid().value, why.vote_up_reason, why.vote_down_reason)
    else:
        question = questions.visible(db, viewer=viewer, question_id=post.question_id)
        can = answer_can(viewer, post, question, now=now)
        page = VoteFragment(post, form.valid().value, can.vote_up_reason, can.vote_down_reason)
    return fragment(request, page)


@router.get("/posts/{post_id:int}/revisions")
def history(request: Request, db: Db, viewer: Viewer, post: VisiblePost) -> Response:
    """Show every revision with its changes."""
    question = post if isinstance(post, Question) else post.question
    may = (
        questions.may_edit(viewer, post)
        if isinstance(post, Question)
        else answers.may_edit(viewer, post, question)
    )
    page = HistoryPage(
        question=question,
        post=post,
        back=_address(post),
        changes=revisions.history(db, post_id=post.id),
        may_roll_back=may,
    )
    return render(request, page)


@router.post("/posts/{post_id:int}/revisions/restore")
def roll_back(
    request: Request,
    db: Db,
    viewer: SignedIn,
    post: VisiblePost,
    now: Now,
    form: Annotated[Submission[RollBackForm], Depends(submitted(RollBackForm))],
) -> Response:
    """Make an earlier revision the present text again."""
    data = form.valid()
    if isinstance(post, Question):
        questions.roll_back(db, question=post, by=viewer, to=data.to, base=data.base, now=now)
    else:
        answers.roll_back(db, answer=post, by=viewer, to=data.to, base=data.base, now=now)
    done = _("Revision %(number)s is back.") % {"number": data.to}
    return redirect(request, f"/posts/{post.id}/revisions", flash=done)


@router.get("/posts/{post_id:int}/delete")
def delete_form(request: Request, viewer: SignedIn, post: VisiblePost) -> Response:
    """Ask before deleting one's own post."""
    _require_author(viewer, post)
    return render(request, removal_page(post, hide=False))


@router.post("/posts/{post_id:int}/delete")
def delete(request: Request, db: Db, viewer: SignedIn, post: VisiblePost, now: Now) -> Response:
    """Delete one's own post."""
    _require_author(viewer, post)
    _remove(db, viewer, post, reason="", as_spam=False, now=now)
    return redirect(request, f"/posts/{post.id}", flash=_("Deleted. You can restore it here."))


@router.get("/posts/{post_id:int}/hide")
def hide_form(request: Request, viewer: SignedIn, post: VisiblePost) -> Response:
    """Ask staff why somebody's post should be hidden."""
    _require_staff(viewer)
    return render(request, removal_page(post, hide=True))


@router.post("/posts/{post_id:int}/hide")
def hide(
    request: Request,
    db: Db,
    viewer: SignedIn,
    post: VisiblePost,
    now: Now,
    form: Annotated[Submission[RemovalForm], Depends(submitted(RemovalForm))],
) -> Response:
    """Hide somebody's post."""
    _require_staff(viewer)
    post_id = post.id
    try:
        data = form.valid()
        _remove(db, viewer, post, reason=data.note, as_spam=data.reason == "spam", now=now)
    except Invalid as error:
        shown = _loaded(db, viewer, post_id)
        refusal = form.refused(Invalid("note", error.errors.get("reason", error.message)))
        return render(request, removal_page(shown, hide=True, form=refusal), status=422)
    return redirect(request, f"/posts/{post_id}", flash=_("Hidden. Only its author and staff see it now."))


@router.post("/posts/{post_id:int}/restore")
def restore(request: Request, db: Db, viewer: SignedIn, post: VisiblePost, now: Now) -> Response:
    """Bring a removed post back."""
    if isinstance(post, Question):
        questions.restore(db, question=post, by=viewer, now=now)
    else:
        answers.restore(db, answer=post, by=viewer, now=now)
    return redirect(request, f"/posts/{post.id}", flash=_("It is back."))


def _remove(
    db: Db, viewer: SignedIn, post: Question | Answer, *, reason: str, as_spam: bool, now: Now
) -> None:
    if isinstance(post, Question):
        questions.remove(db, question=post, by=viewer, reason=reason, as_spam=as_spam, now=now)
    else:
        answers.remove(db, answer=post, by=viewer, reason=reason, as_spam=as_spam, now=now)


def _require_author(viewer: SignedIn, post: Question | Answer) -> None:
    if post.author_id != viewer.id:
        raise NotFound


def _require_staff(viewer: SignedIn) -> None:
    if not viewer.is_staff:
        raise NotFound


def _loaded(db: Db, viewer: Viewer, post_id: int) -> Question | Answer:
    return answers.visible_post(db, viewer=viewer, post_id=post_id)


def _address(post: Question | Answer, *, comment: int = 0) -> str:
    question = post if isinstance(post, Question) else post.question
    place = f"#comment-{comment}" if comment else "" if isinstance(post, Question) else f"#answer-{post.id}"
    return f"/questions/{question.id}/{slug(question.title)}{place}"
