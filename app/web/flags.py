"""Flags: members point moderators to a post or comment."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from app.core import markdown
from app.core.errors import Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.domain import answers, comments, moderation, reputation
from app.models import Answer, Comment, Question, User
from app.web.choices import ConfirmPage
from app.web.deps import Db, Now, SignedIn, VisibleComment, VisiblePost
from app.web.forms import Form, Submission, submitted
from app.web.render import redirect, render
from app.web.routers import PageRouter

router = PageRouter()


class FlagForm(Form):
    """What is wrong with it."""

    reason: str = ""
    note: str = ""


Sent = Annotated[Submission[FlagForm], Depends(submitted(FlagForm))]


@router.get("/posts/{post_id:int}/flag")
def post_form(request: Request, viewer: SignedIn, post: VisiblePost, now: Now) -> Response:
    """Ask what is wrong with a post."""
    _require(viewer, post, now)
    return render(request, _page(post, Submission(data=None)))


@router.post("/posts/{post_id:int}/flag")
def flag_post(
    request: Request, db: Db, viewer: SignedIn, post: VisiblePost, now: Now, form: Sent
) -> Response:
    """Flag a post."""
    post_id = post.id
    try:
        data = form.valid()
        moderation.flag(db, subject=post, by=viewer, reason=data.reason, note=data.note, now=now)
    except Invalid as error:
        shown = answers.visible_post(db, viewer=viewer, post_id=post_id)
        return render(request, _page(shown, form.refused(error)), status=422)
    return redirect(request, f"/posts/{post_id}", flash=_("Thank you: a moderator will look at it."))


@router.get("/comments/{comment_id:int}/flag")
def comment_form(request: Request, viewer: SignedIn, comment: VisibleComment, now: Now) -> Response:
    """Ask what is wrong with a comment."""
    _require(viewer, comment, now)
    return render(request, _page(comment, Submission(data=None)))


@router.post("/comments/{comment_id:int}/flag")
def flag_comment(
    request: Request, db: Db, viewer: SignedIn, comment: VisibleComment, now: Now, form: Sent
) -> Response:
    """Flag a comment."""
    comment_id, post_id = comment.id or 0, comment.post_id
    try:
        data = form.valid()
        moderation.flag(db, subject=comment, by=viewer, reason=data.reason, note=data.note, now=now)
    except Invalid as error:
        shown = comments.visible(db, viewer=viewer, comment_id=comment_id)
        return render(request, _page(shown, form.refused(error)), status=422)
    back = f"/posts/{post_id}?comment={comment_id}"
    return redirect(request, back, flash=_("Thank you: a moderator will look at it."))


def _require(viewer: User, subject: Question | Answer | Comment, now: Now) -> None:
    reputation.require(viewer, "flag", now=now)
    if not moderation.may_flag(viewer, subject):
        raise NotAllowed(_("You can't flag this."))


def _page(subject: Question | Answer | Comment, form: Submission[FlagForm]) -> ConfirmPage:
    is_comment = isinstance(subject, Comment)
    back = f"/posts/{subject.id}"
    if isinstance(subject, Comment):
        back = f"/posts/{subject.post_id}?comment={subject.id}"
    reasons = [
        ("spam", _("It is advertising"), ""),
        ("rude", _("It is rude or hurts somebody"), ""),
        ("off_topic", _("It has nothing to do with the products here"), ""),
        ("personal_data", _("It shows somebody's personal data"), _("A serial number, an address, a name.")),
        ("not_an_answer", _("It does not answer the question"), ""),
        ("other", _("Something else"), _("Say what, below.")),
    ]
    return ConfirmPage(
        title=_("What is wrong with this comment?") if is_comment else _("What is wrong with this post?"),
        text=_("A moderator will look at it. Nobody else sees that you flagged it."),
        excerpt=subject.title if isinstance(subject, Question) else markdown.excerpt(subject.body_html, 160),
        action=f"/comments/{subject.id}/flag" if is_comment else f"/posts/{subject.id}/flag",
        verb=_("Flag it"),
        back=back,
        choices=[row for row in reasons if row[0] != "not_an_answer" or isinstance(subject, Answer)],
        wants_note=True,
        form=form,
    )
