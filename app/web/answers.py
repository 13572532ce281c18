"""Answers: post, edit, accept, mark as official."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from app.core.errors import DomainError, Invalid
from app.core.i18n import gettext as _
from app.domain import answers, drafts, questions, revisions, suggestions
from app.models import Answer, Question, Revision
from app.web.deps import Db, Now, RowId, SignedIn, VisibleAnswer
from app.web.errors import status_of
from app.web.forms import Form, Submission, submitted
from app.web.post_form import PostForm
from app.web.questions import EditPage, address
from app.web.render import redirect, render
from app.web.routers import PageRouter
from app.web.thread import question_page

router = PageRouter()


class AnswerForm(Form):
    """An answer as typed."""

    body: str = ""


@router.post("/questions/{question_id:int}/answers")
def post(
    request: Request,
    db: Db,
    viewer: SignedIn,
    question_id: RowId,
    now: Now,
    form: Annotated[Submission[AnswerForm], Depends(submitted(AnswerForm))],
) -> Response:
    """Post an answer; a refused one is shown again as it was typed."""
    question = questions.visible_thread(db, viewer=viewer, question_id=question_id)
    draft = f"answer:{question_id}"
    has_draft = drafts.find(db, author=viewer, key=draft) is not None
    try:
        answer = answers.post(db, question=question, author=viewer, body=form.valid().body, now=now)
    except Invalid as error:
        shown = questions.visible(db, viewer=viewer, question_id=question_id)
        page = question_page(db, shown, viewer=viewer, now=now, form=form.refused(error))  # type: ignore[arg-type]
        return render(request, page, status=422)
    except DomainError:
        drafts.keep(db, author=viewer, key=draft, fields=form.values, now=now)
        raise
    if has_draft:  # nobody waits to write without a reason
        drafts.discard(db, author=viewer, key=draft)
    return redirect(request, _address(answer), flash=_("Your answer is posted."))


@router.get("/answers/{answer_id:int}/edit")
def edit_form(request: Request, viewer: SignedIn, answer: VisibleAnswer) -> Response:
    """Show the form that edits an answer."""
    form: Submission[Form] = Submission(data=None, values={"body": answer.body, "base": str(answer.revision)})
    return render(request, _edit_page(answer, form, is_suggestion=not _may_edit(viewer, answer)))


@router.post("/answers/{answer_id:int}/edit")
def edit(
    request: Request,
    db: Db,
    viewer: SignedIn,
    answer: VisibleAnswer,
    now: Now,
    form: Annotated[Submission[PostForm], Depends(submitted(PostForm))],
) -> Response:
    """Save an edit, or hand it in as a suggestion."""
    answer_id, may_edit = answer.id, _may_edit(viewer, answer)
    try:
        data = form.valid()
        act = answers.edit if may_edit else suggestions.suggest_for_answer
        act(
            db,
            answer=answer,
            by=viewer,
            base=data.base_number(),
            body=data.body,
            summary=data.summary,
            now=now,
        )
    except questions.EditConflict as conflict:
        shown = answers.visible(db, viewer=viewer, answer_id=answer_id)
        newer = revisions.numbered(db, post_id=answer_id, number=conflict.present)
        again: Submission[Form] = Submission(data=None, values={**form.values, "base": str(conflict.present)})
        page = _edit_page(shown, again, is_suggestion=not may_edit, newer=newer)
        return render(request, page, status=409)
    except DomainError as error:
        shown = answers.visible(db, viewer=viewer, answer_id=answer_id)
        page = _edit_page(shown, form.refused(error), is_suggestion=not may_edit)
        return render(request, page, status=status_of(error))
    done = _("Your edit is published.") if may_edit else _("Thank you: someone will look at your edit soon.")
    return redirect(request, f"/posts/{answer_id}", flash=done)


@router.post("/answers/{answer_id:int}/accept")
def accept(request: Request, db: Db, viewer: SignedIn, answer: VisibleAnswer, now: Now) -> Response:
    """Mark the answer as what solved it."""
    answers.accept(db, answer=answer, by=viewer, now=now)
    return redirect(request, _address(answer), flash=_("Marked as the solution."))


@router.post("/answers/{answer_id:int}/accept/withdraw")
def unaccept(request: Request, db: Db, viewer: SignedIn, answer: VisibleAnswer, now: Now) -> Response:
    """Take the acceptance back."""
    question = questions.visible(db, viewer=viewer, question_id=answer.question_id)
    answers.unaccept(db, question=question, by=viewer, now=now)
    return redirect(request, _address(answer), flash=_("The question counts as unsolved again."))


@router.post("/answers/{answer_id:int}/official")
def make_official(request: Request, db: Db, viewer: SignedIn, answer: VisibleAnswer, now: Now) -> Response:
    """Mark the answer as the company's position."""
    answers.make_official(db, answer=answer, by=viewer, official=True, now=now)
    return redirect(request, _address(answer), flash=_("Marked as official."))


@router.post("/answers/{answer_id:int}/official/withdraw")
def unmake_official(request: Request, db: Db, viewer: SignedIn, answer: VisibleAnswer, now: Now) -> Response:
    """Take the mark away."""
    answers.make_official(db, answer=answer, by=viewer, official=False, now=now)
    return redirect(request, _address(answer), flash=_("No longer official."))


def _address(answer: Answer) -> str:
    return f"/posts/{answer.id}"


def _may_edit(viewer: SignedIn, answer: Answer) -> bool:
    return answers.may_edit(viewer, answer, answer.question)


def _edit_page(
    answer: Answer,
    form: Submission[PostForm] | Submission[Form],
    *,
    is_suggestion: bool,
    newer: Revision | None = None,
) -> EditPage:
    question: Question = answer.question
    return EditPage(
        question=question,
        kind="answer",
        action=f"/answers/{answer.id}/edit",
        back=f"{address(question)}#answer-{answer.id}",
        form=form,  # type: ignore[arg-type]
        fields=[],
        is_suggestion=is_suggestion,
        newer=newer,
    )
