"""Ask: choose the product, see similar questions, post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from app.core.errors import DomainError
from app.core.i18n import gettext as _
from app.domain import answers, catalog, drafts, questions, search
from app.models import EnvironmentField, Product, ProductVersion, Question
from app.web.deps import Db, Now, SignedIn, Viewer
from app.web.errors import status_of
from app.web.forms import Form, Submission, submitted
from app.web.post_form import PostForm
from app.web.questions import address
from app.web.render import Page, redirect, render
from app.web.routers import PageRouter
from app.web.search import Index

router = PageRouter()

NONE = "none"
DRAFT = "ask"


@dataclass(frozen=True)
class AskPage(Page):
    """The form that asks a question, in its steps."""

    template = "questions/new.html"
    product: Product | None
    trail: Sequence[Product]
    is_chosen: bool
    inside: Product | None
    find: str
    choices: Sequence[catalog.ProductNode]
    recent: Sequence[Product]
    fields: Sequence[EnvironmentField]
    versions: Sequence[ProductVersion]
    form: Submission[Form]
    similar: Sequence[search.Similar]
    must_confirm: bool
    popular_tags: Sequence[str]
    draft_saved_at: datetime | None


@router.get("/ask")
def ask_form(
    request: Request,
    db: Db,
    viewer: SignedIn,
    product: str = "",
    inside: Annotated[str, Query(alias="in")] = "",
    find: Annotated[str, Query(max_length=80)] = "",
    change: Annotated[str, Query(max_length=1)] = "",
    title: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Show the products to choose from, or the form for the chosen one, with the draft if there is one."""
    draft = drafts.find(db, author=viewer, key=DRAFT)
    values = dict(draft.fields) if draft else {}
    if title:
        values["title"] = title
    chosen = product or values.get("product", "")
    if not product and (inside or find or change):
        chosen = ""
    form: Submission[Form] = Submission(data=None, values=values)
    page = _page(db, viewer, chosen=chosen, inside=inside, find=find, form=form)
    return render(request, page)


@router.post("/ask")
def ask(
    request: Request,
    db: Db,
    viewer: SignedIn,
    index: Index,
    now: Now,
    form: Annotated[Submission[PostForm], Depends(submitted(PostForm))],
) -> Response:
    """Post a question, with its answer if the asker has one; a refused one is shown again as it was typed.

    Similar questions are shown first, to whom no script has shown them while typing.
    """
    chosen = form.values.get("product", NONE)
    try:
        data = form.valid()
        similar = [] if data.confirmed else _similar(db, index, data)
        if similar:
            shown = Submission[Form](data=None, values=form.values)
            return render(request, _page(db, viewer, chosen=chosen, form=shown, similar=similar))
        question = _post(db, viewer, data, now=now)
    except DomainError as error:
        page = _page(db, viewer, chosen=chosen, form=form.refused(error))  # type: ignore[arg-type]
        return render(request, page, status=status_of(error))
    drafts.discard(db, author=viewer, key=DRAFT)
    return redirect(
        request, address(question), flash=_("Your question is posted. You hear when someone answers.")
    )


@router.get("/ask/solved")
def solved_before_asking(
    request: Request, db: Db, viewer: Viewer, question: Annotated[int, Query(ge=1, le=2_147_483_647)]
) -> Response:
    """Thank someone whose problem was solved by a similar question."""
    found = questions.visible(db, viewer=viewer, question_id=question)
    done = _("Good to hear! If it was this answer, vote it up, so that others find it sooner.")
    return redirect(request, address(found), flash=done)


def _similar(db: Db, index: Index, data: PostForm) -> list[search.Similar]:
    return search.similar(db, index, title=data.title, body=data.body, product=data.product)


def _post(db: Db, viewer: SignedIn, data: PostForm, *, now: datetime) -> Question:
    product = None if data.product in ("", NONE) else catalog.product_by_slug(db, data.product)
    product_id = product.id if product else None
    if data.answer.strip():
        return answers.ask_and_answer(
            db,
            author=viewer,
            title=data.title,
            body=data.body,
            tags=data.tags,
            product_id=product_id,
            environment=data.environment(),
            answer=data.answer,
            now=now,
        )
    return questions.ask(
        db,
        author=viewer,
        title=data.title,
        body=data.body,
        tags=data.tags,
        product_id=product_id,
        environment=data.environment(),
        now=now,
    )


def _page(
    db: Db,
    viewer: SignedIn,
    *,
    chosen: str,
    form: Submission[Form],
    inside: str = "",
    find: str = "",
    similar: Sequence[search.Similar] = (),
) -> AskPage:
    product = catalog.product_by_slug(db, chosen) if chosen not in ("", NONE) else None
    node = catalog.product_by_slug(db, inside) if inside else None
    draft = drafts.find(db, author=viewer, key=DRAFT)
    return AskPage(
        product=product,
        trail=catalog.breadcrumbs(db, product.id) if product else [],
        is_chosen=product is not None or chosen == NONE,
        inside=node,
        find=find,
        choices=[] if chosen else catalog.product_choices(db, inside=node, find=find),
        recent=[] if chosen else questions.products_of_author(db, author=viewer),
        fields=catalog.environment_fields(db, product.id) if product else [],
        versions=catalog.versions(db, product.id) if product else [],
        form=form,
        similar=similar,
        must_confirm=bool(similar),
        popular_tags=[tag.name for tag in catalog.popular_tags(db)],
        draft_saved_at=draft.updated_at if draft else None,
    )
