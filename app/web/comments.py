"""Comments: post, edit, delete, restore."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from app.core.errors import DomainError, NotAllowed
from app.core.i18n import gettext as _
from app.domain import comments, questions
from app.models import Comment
from app.web.choices import comment_removal_page
from app.web.deps import Db, Now, SignedIn, VisibleComment, VisiblePost
from app.web.errors import status_of
from app.web.forms import Form, Submission, submitted
from app.web.render import Page, redirect, render
from app.web.routers import PageRouter

router = PageRouter()


class CommentForm(Form):
    """A comment as typed."""

    body: str = ""


@dataclass(frozen=True)
class CommentPage(Page):
    """The form of one comment: to write one that was refused, or to edit one."""

    template = "comments/form.html"
    action: str
    back: str
    comment: Comment | None
    form: Submission[CommentForm]


@router.post("/posts/{post_id:int}/comments")
def post(
    request: Request,
    db: Db,
    viewer: SignedIn,
    post: VisiblePost,
    now: Now,
    form: Annotated[Submission[CommentForm], Depends(submitted(CommentForm))],
) -> Response:
    """Post a comment under a question or answer."""
    post_id = post.id
    try:
        comment = comments.post(db, post=post, author=viewer, body=form.valid().body, now=now)
    except DomainError as error:
        action = f"/posts/{post_id}/comments"
        page = CommentPage(action=action, back=f"/posts/{post_id}", comment=None, form=form.refused(error))
        return render(request, page, status=status_of(error))
    return redirect(request, _address(comment))


@router.get("/comments/{comment_id:int}/edit")
def edit_form(request: Request, db: Db, viewer: SignedIn, comment: VisibleComment, now: Now) -> Response:
    """Show the form that edits a comment, to whoever may."""
    question = questions.visible(db, viewer=viewer, question_id=comment.question_id)
    if not comments.may_edit(viewer, comment, question, now=now):
        raise NotAllowed(_("Comments can be changed for 15 minutes; delete it and write a new one instead."))
    form: Submission[CommentForm] = Submission(data=None, values={"body": comment.body})
    return render(request, _page(comment, form))


@router.post("/comments/{comment_id:int}/edit")
def edit(
    request: Request,
    db: Db,
    viewer: SignedIn,
    comment: VisibleComment,
    now: Now,
    form: Annotated[Submission[CommentForm], Depends(submitted(CommentForm))],
) -> Response:
    """Save an edited comment."""
    try:
        comments.edit(db, comment=comment, by=viewer, body=form.valid().body, now=now)
    except DomainError as error:
        return render(request, _page(comment, form.refused(error)), status=status_of(error))
    return redirect(request, _address(comment))


@router.get("/comments/{comment_id:int}/delete")
def delete_form(request: Request, db: Db, viewer: SignedIn, comment: VisibleComment) -> Response:
    """Ask before deleting."""
    question = questions.visible(db, viewer=viewer, question_id=comment.question_id)
    if not comments.may_remove(viewer, comment, question):
        raise NotAllowed(_("You can't delete this comment."))
    return render(request, comment_removal_page(comment))


@router.post("/comments/{comment_id:int}/delete")
def delete(request: Request, db: Db, viewer: SignedIn, comment: VisibleComment, now: Now) -> Response:
    """Delete one's own comment, or hide somebody else's as staff."""
    comments.remove(db, comment=comment, by=viewer, now=now)
    return redirect(request, f"/posts/{comment.post_id}", flash=_("The comment is deleted."))


@router.post("/comments/{comment_id:int}/restore")
def restore(request: Request, db: Db, viewer: SignedIn, comment: VisibleComment, now: Now) -> Response:
    """Bring a removed comment back."""
    comments.restore(db, comment=comment, by=viewer, now=now)
    return redirect(request, _address(comment), flash=_("The comment is back."))


def _page(comment: Comment, form: Submission[CommentForm]) -> CommentPage:
    return CommentPage(
        action=f"/comments/{comment.id}/edit", back=f"/posts/{comment.post_id}", comment=comment, form=form
    )


def _address(comment: Comment) -> str:
    return f"/posts/{comment.post_id}?comment={comment.id}"
