"""Questions: the list, one question with its answers, edit, close, lock."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from app.core.errors import DomainError, Invalid
from app.core.i18n import gettext as _
from app.core.paging import LAST_PAGE, PageOf
from app.core.slugs import slug
from app.domain import catalog, escalations, questions, revisions, search, suggestions
from app.models import EnvironmentField, Question, Revision, Tag
from app.web import choices, finished
from app.web.deps import Db, Now, SignedIn, Viewer, VisibleQuestion, seen_question
from app.web.errors import status_of
from app.web.forms import Form, Submission, submitted
from app.web.post_form import PostForm
from app.web.promises import promises
from app.web.render import Page, redirect, render
from app.web.routers import PageRouter
from app.web.search import Index
from app.web.searching import Searches
from app.web.thread import question_page
from app.web.views import ViewCounter, counter_of

router = PageRouter()

PageNumber = Annotated[int, Query(ge=1, le=LAST_PAGE)]


@dataclass(frozen=True)
class QuestionsPage(Page):
    """A list of questions."""

    template = "questions/index.html"
    heading: str
    sort: str
    page: PageOf[Question]
    promises: Mapping[int, escalations.Promise]
    products: Sequence[catalog.ProductNode]
    tags: Sequence[Tag]


@dataclass(frozen=True)
class EditPage(Page):
    """The form that edits a question or an answer."""

    template = "questions/edit.html"
    question: Question
    kind: str
    action: str
    back: str
    form: Submission[Form]
    fields: Sequence[EnvironmentField]
    is_suggestion: bool
    newer: Revision | None


class CloseForm(Form):
    """Why to close, and what it repeats."""

    reason: str = ""
    original: str = ""
    note: str = ""


@router.get("/questions")
def index(request: Request, db: Db, sort: str = "active", page: PageNumber = 1) -> Response:
    """Show a list of all questions."""
    sort = sort if sort in questions.SORTS else "active"
    listed = questions.listing(db, questions.ListOf(sort=sort), page=page)
    finished.share(request)
    return render(
        request,
        QuestionsPage(
            heading=_("All questions"),
            sort=sort,
            page=listed,
            promises=promises(db, listed.rows),
            products=catalog.product_tree(db),
            tags=catalog.popular_tags(db),
        ),
    )


@router.get("/questions/{question_id:int}")
def short_address(question: VisibleQuestion) -> Response:
    """Lead from the short address to the full one."""
    return RedirectResponse(address(question), status_code=301)


@router.get("/questions/{question_id:int}/edit")
def edit_form(request: Request, db: Db, viewer: SignedIn, question: VisibleQuestion) -> Response:
    """Show the form that edits a question."""
    values = {
        "title": question.title,
        "body": question.body,
        "tags": ", ".join(tag.name for tag in question.tags),
        "base": str(question.revision),
        **{f"env_{value.name}": value.value for value in question.environment},
    }
    form: Submission[Form] = Submission(data=None, values=values)
    return render(
        request, _edit_page(db, question, viewer_may_edit=questions.may_edit(viewer, question), form=form)
    )


@router.post("/questions/{question_id:int}/edit")
def edit(
    request: Request,
    db: Db,
    viewer: SignedIn,
    question: VisibleQuestion,
    now: Now,
    form: Annotated[Submission[PostForm], Depends(submitted(PostForm))],
) -> Response:
    """Save an edit, or hand it in as a suggestion."""
    question_id, may_edit = question.id, questions.may_edit(viewer, question)
    try:
        data = form.valid()
        act = functools.partial(questions.edit, product_id=question.product_id)
        (act if may_edit else suggestions.suggest_for_question)(
            db,
            question=question,
            by=viewer,
            base=data.base_number(),
            title=data.title,
            body=data.body,
            tags=data.tags,
            environment=data.environment(),
            summary=data.summary,
            now=now,
        )
    except DomainError as error:
        shown = questions.visible(db, viewer=viewer, question_id=question_id)
        page = _edit_page(db, shown, viewer_may_edit=may_edit, form=form, error=error)
        return render(request, page, status=status_of(error))
    done = _("Your edit is published.") if may_edit else _("Thank you: someone will look at your edit soon.")
    return redirect(request, f"/questions/{question_id}", flash=done)


@router.get("/questions/{question_id:int}/close")
def close_form(request: Request, viewer: SignedIn, question: VisibleQuestion) -> Response:
    """Ask why the question should be closed."""
    return render(request, choices.close_page(question, viewer, Submission(data=None)))


@router.post("/questions/{question_id:int}/close")
def close(
    request: Request,
    db: Db,
    viewer: SignedIn,
    question: VisibleQuestion,
    now: Now,
    form: Annotated[Submission[CloseForm], Depends(submitted(CloseForm))],
) -> Response:
    """Close the question."""
    question_id = question.id
    try:
        data = form.valid()
        original = _named(db, viewer, data.original) if data.reason == "duplicate" else None
        questions.close(db, question=question, by=viewer, reason=data.reason, original=original, now=now)
    except Invalid as error:
        shown = questions.visible(db, viewer=viewer, question_id=question_id)
        return render(request, choices.close_page(shown, viewer, form.refused(error)), status=422)
    return redirect(request, f"/questions/{question_id}", flash=_("The question is closed."))


@router.post("/questions/{question_id:int}/reopen")
def reopen(request: Request, db: Db, viewer: SignedIn, question: VisibleQuestion, now: Now) -> Response:
    """Let it take answers again."""
    questions.reopen(db, question=question, by=viewer, now=now)
    return redirect(request, f"/questions/{question.id}", flash=_("The question is open again."))


@router.post("/questions/{question_id:int}/lock")
def lock(request: Request, db: Db, viewer: SignedIn, question: VisibleQuestion, now: Now) -> Response:
    """Freeze the page."""
    questions.lock(db, question=question, by=viewer, reason="", now=now)
    return redirect(request, f"/questions/{question.id}", flash=_("The page is locked."))


@router.post("/questions/{question_id:int}/unlock")
def unlock(request: Request, db: Db, viewer: SignedIn, question: VisibleQuestion, now: Now) -> Response:
    """Let the page change again."""
    questions.unlock(db, question=question, by=viewer, now=now)
    return redirect(request, f"/questions/{question.id}", flash=_("The page is open for changes again."))


@router.get("/questions/{question_id:int}/{words}", dependencies=[Depends(seen_question)])
def show(
    request: Request,
    db: Db,
    viewer: Viewer,
    now: Now,
    question: VisibleQuestion,
    words: str,
    index: Index,
    searches: Searches,
    views: Annotated[ViewCounter, Depends(counter_of)],
    answers: str = "best",
    page: PageNumber = 1,
) -> Response:
    """Show a question with its answers. Visitors of a duplicate are led to the original."""
    if words != slug(question.title):
        return RedirectResponse(address(question), status_code=301)
    if viewer is None and question.duplicate_of_id is not None:
        return RedirectResponse(f"/questions/{question.duplicate_of_id}", status_code=302)
    views.add(question.id)
    searches.opened(request)
    order = answers if answers in ("best", "newest", "oldest") else "best"
    # Half of what a first visit costs: while others wait it is left out, and the page is soon made again.
    is_calm = search.knows_related(index, question) or not request.app.state.gate.others_wait()
    related = search.related(db, index, question) if is_calm else None
    shown = question_page(
        db,
        question,
        viewer=viewer,
        now=now,
        related=related,
        likely_duplicates=lambda: search.likely_duplicates(db, index, question),
        order=order,
        page=page,
    )
    finished.share_thread(request, shown, viewer=viewer, now=now)
    return render(request, shown)


def address(question: Question) -> str:
    """Return the full address of a question."""
    return f"/questions/{question.id}/{slug(question.title)}"


def _edit_page(
    db: Db,
    question: Question,
    *,
    viewer_may_edit: bool,
    form: Submission[PostForm] | Submission[Form],
    error: DomainError | None = None,
) -> EditPage:
    newer = None
    if isinstance(error, questions.EditConflict):
        newer = revisions.numbered(db, post_id=question.id, number=error.present)
        # The next save is made against the text that is shown now.
        form = Submission(data=None, values={**form.values, "base": str(error.present)})
    elif error is not None:
        form = form.refused(error)
    return EditPage(
        question=question,
        kind="question",
        action=f"/questions/{question.id}/edit",
        back=address(question),
        form=form,  # type: ignore[arg-type]
        fields=catalog.environment_fields(db, question.product_id),
        is_suggestion=not viewer_may_edit,
        newer=newer,
    )


def _named(db: Db, viewer: Viewer, typed: str) -> Question:
    """Return the question whose number or address was typed."""
    number = choices.question_number(typed)
    if number is None:
        raise Invalid("original", _("Paste the address of the question that this one repeats."))
    found = questions.headlines(db, [number])
    if not found:
        raise Invalid("original", _("There is no such question; check the address."))
    return questions.visible(db, viewer=viewer, question_id=found[0].id)
