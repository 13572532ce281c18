"""Questions: lists, one, ask, edit, delete, revisions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.api import cursors, finished, listing, respond, walking
from app.api.deps import Db, Member, Now, QuestionOrRemoved, Viewer, VisibleQuestion
from app.api.promises import promises
from app.api.respond import IfMatch, OnceOnly
from app.api.routers import ApiRouter
from app.api.schemas.base import Site
from app.api.schemas.posts import Revision, RevisionList
from app.api.schemas.questions import (
    NewQuestion,
    Question,
    QuestionChange,
    QuestionList,
    QuestionSummary,
    ViewerOnQuestion,
)
from app.core.errors import Invalid, NotFound
from app.core.i18n import gettext as _
from app.domain import (
    answers,
    catalog,
    comments,
    escalations,
    follows,
    me_too,
    people,
    questions,
    revisions,
    votes,
)
from app.models import Question as QuestionRow
from app.models import User

router = ApiRouter("Questions")

Sort = Literal["newest", "active", "votes", "hot"]
Status = Literal["unanswered", "answered", "solved"]
Reason = Annotated[
    str,
    Query(
        max_length=500,
        pattern=cursors.NO_NUL,
        description="Why staff hide what others wrote; one's own needs none.",
    ),
]


@router.get("/questions", response_model=QuestionList)
def list_questions(
    request: Request,
    db: Db,
    now: Now,
    product: Annotated[
        str,
        Query(
            max_length=100,
            pattern=cursors.NO_NUL,
            description="A product's slug; what is below it counts, too.",
        ),
    ] = "",
    tag: Annotated[str, Query(max_length=60, pattern=cursors.NO_NUL)] = "",
    status: Status | None = None,
    author: Annotated[
        str, Query(max_length=60, pattern=cursors.NO_NUL, description="A member's handle.")
    ] = "",
    sort: Sort = "newest",
    limit: cursors.Limit = cursors.DEFAULT_SIZE,
    cursor: cursors.Cursor = "",
) -> Response:
    """List questions.

    All filters must hold; what does not exist is 404. Walking the pages shows every question that was
    there at the start exactly once, while others arrive and move: `newest` by its order, the other
    sorts by a snapshot of their first 500 rows, after which the rest follows, newest first.
    """
    wanted = _wanted(db, product=product, tag=tag, status=status, author=author, sort=sort, size=limit)
    finished.share(request, finished.ANYTHING)
    page = walking.walk(db, wanted, place=cursors.read(request, cursor, of=f"questions:{sort}"), now=now)
    site = Site.of(request)
    promised = promises(db, page.rows)
    rows = [QuestionSummary.of(row, site, promise=promised.get(row.id)) for row in page.rows]
    return listing.answer(request, QuestionList, rows, place=page.next, limit=limit, of=f"questions:{sort}")


@router.post("/questions", response_model=Question, status_code=201)
def ask_question(
    request: Request, db: Db, member: Member, now: Now, once: OnceOnly, body: NewQuestion
) -> Response:
    """Ask a question. You follow it from then on."""

    def make() -> tuple[Question, str, int]:
        product_id = _product_id(db, body.product)
        _check_names(db, product_id, body.environment)
        asked = questions.ask(
            db,
            author=member,
            title=body.title,
            body=body.body,
            tags=_joined(body.tags),
            product_id=product_id,
            environment=body.environment,
            now=now,
        )
        document = _document(request, db, member, asked.id)
        return document, Site.of(request).api(f"/questions/{asked.id}"), document.revision

    return once.create(make)


@router.get("/questions/{question_id:int}", response_model=Question)
def get_question(request: Request, db: Db, viewer: Viewer, question: QuestionOrRemoved) -> Response:
    """Get a question with its text."""
    document = shown(request, db, viewer, question)
    originals = [question.duplicate_of_id] if question.duplicate_of_id else []  # it may come back
    threads = [finished.question(number) for number in (question.id, *originals)]
    finished.share(request, *threads, finished.member(question.author_id))
    return respond.show(request, document, revision=document.revision)


@router.patch("/questions/{question_id:int}", response_model=Question)
def edit_question(
    request: Request,
    db: Db,
    member: Member,
    now: Now,
    question: VisibleQuestion,
    body: QuestionChange,
    if_match: IfMatch = "",
) -> Response:
    """Edit a question. Needs `If-Match` with the ETag of what was read, so that no other edit is lost."""
    base = respond.revision_asked_for(if_match, question)
    change = _change(db, question, body)
    questions.edit(db, question=question, by=member, base=base, summary=body.summary, now=now, **change)
    document = _document(request, db, member, question.id)
    return respond.show(request, document, revision=document.revision)


@router.delete("/questions/{question_id:int}", status_code=204)
def delete_question(
    db: Db,
    member: Member,
    now: Now,
    question: VisibleQuestion,
    reason: Reason = "",
) -> Response:
    """Delete your question while nobody has answered it, or as staff hide one, with a reason."""
    questions.remove(db, question=question, by=member, reason=reason, now=now)
    return respond.done()


@router.get("/questions/{question_id:int}/revisions", response_model=RevisionList)
def list_question_revisions(
    request: Request,
    db: Db,
    question: QuestionOrRemoved,
    limit: cursors.Limit = cursors.DEFAULT_SIZE,
    cursor: cursors.Cursor = "",
) -> Response:
    """List every text a question had, newest first."""
    return revisions_page(request, db, question.id, limit, cursor)


def revisions_page(request: Request, db: Session, post_id: int, limit: int, cursor: str) -> Response:
    """Answer with a page of a post's revisions."""
    of = f"revisions:{post_id}"
    place = cursors.read(request, cursor, of=of)
    found = revisions.newest_before(db, post_id=post_id, before=place[0] if place else None, limit=limit + 1)
    rows, after = listing.cut(found, limit, lambda row: row.number)
    site = Site.of(request)
    documents = [Revision.of(row, site) for row in rows]
    return listing.answer(request, RevisionList, documents, place=after, limit=limit, of=of)


def shown(request: Request, db: Session, viewer: User | None, question: QuestionRow) -> Question:
    """Return the document of a question as the viewer may see it."""
    original = question.duplicate_of_id
    if original is not None and not questions.headlines(db, [original]):
        original = None
    own = _viewer_on(db, viewer, question) if viewer is not None else None
    promise = escalations.promise_of(db, question.id) if question.status == "unanswered" else None
    return Question.whole(question, duplicate_of=original, site=Site.of(request), viewer=own, promise=promise)


def _document(request: Request, db: Session, member: User, question_id: int) -> Question:
    db.flush()
    db.expire_all()
    question = questions.visible(db, viewer=member, question_id=question_id)
    return shown(request, db, member, question)


def _viewer_on(db: Session, viewer: User, question: QuestionRow) -> ViewerOnQuestion:
    return ViewerOnQuestion(
        vote=votes.mine(db, viewer, [question.id]).get(question.id, 0),
        follows=follows.follows(db, viewer, question),
        said_me_too=question.id in me_too.said_by(db, viewer, [question.id]),
        may_edit=questions.may_edit(viewer, question),
        may_answer=not question.is_closed and answers.may_answer(viewer, question),
        may_comment=comments.may_comment(viewer, question, question),
        may_delete=questions.may_remove(viewer, question),
    )


def _wanted(
    db: Session, *, product: str, tag: str, status: str | None, author: str, sort: str, size: int
) -> questions.ListOf:
    return questions.ListOf(
        sort=sort,
        product_ids=catalog.descendant_ids(db, catalog.product_by_slug(db, product).id or 0)
        if product
        else (),
        tag_id=catalog.shown_tag(db, tag).id if tag else None,
        author_id=people.by_handle(db, author).id if author else None,
        status=status or "",
        size=size,
    )


def _change(db: Session, question: QuestionRow, body: QuestionChange) -> dict[str, Any]:
    """Return the whole question as it is to be: what was not sent stays."""
    given = body.model_fields_set
    product_id = _product_id(db, body.product) if "product" in given else question.product_id
    if "environment" in given:
        _check_names(db, product_id, body.environment)
    return {
        "title": body.title if "title" in given else question.title,
        "body": body.body if "body" in given else question.body,
        "tags": _joined(body.tags if "tags" in given else [tag.name for tag in question.tags]),
        "product_id": product_id,
        "environment": body.environment
        if "environment" in given
        else {each.name: each.value for each in question.environment},
    }


def _joined(tags: list[str]) -> str:
    return " ".join(tag.strip().replace(" ", "-") for tag in tags)


def _product_id(db: Session, slug: str | None) -> int | None:
    if slug is None:
        return None
    try:
        return catalog.product_by_slug(db, slug).id
    except NotFound as error:
        raise Invalid("product", _("There is no such product; see GET /products.")) from error


def _check_names(db: Session, product_id: int | None, environment: dict[str, str]) -> None:
    """Refuse details that the product does not ask for: they would be lost silently."""
    asked = {field.name for field in catalog.environment_fields(db, product_id)}
    unknown = {
        f"env_{name}": _("The product does not ask for this.") for name in environment if name not in asked
    }
    Invalid.raise_if(unknown)
