"""Products: the catalog, and one product with its questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from app.core.paging import PageOf
from app.domain import catalog, escalations, follows, people, questions
from app.models import Product, ProductVersion, Question
from app.web import finished
from app.web.authors import AuthorView, author_views
from app.web.deps import Db, Viewer
from app.web.promises import promises
from app.web.questions import PageNumber
from app.web.render import Page, render
from app.web.routers import PageRouter

router = PageRouter()


@dataclass(frozen=True)
class ProductsPage(Page):
    """The catalog."""

    template = "products/index.html"
    brands: list[catalog.ProductNode]
    find: str
    found: Sequence[catalog.ProductNode]


@dataclass(frozen=True)
class ProductPage(Page):
    """A product with the questions about it and what is below it."""

    template = "products/show.html"
    product: Product
    trail: Sequence[Product]
    children: Sequence[catalog.ProductNode]
    versions: Sequence[ProductVersion]
    question_count: int
    solved_count: int
    sort: str
    page: PageOf[Question]
    promises: Mapping[int, escalations.Promise]
    top_solutions: Sequence[Question]
    experts: Sequence[AuthorView]
    follows: bool


@router.get("/products")
def index(request: Request, db: Db, find: Annotated[str, Query(max_length=80)] = "") -> Response:
    """Show all products, or those whose name holds what was typed."""
    finished.share(request)
    found = catalog.product_choices(db, inside=None, find=find) if find else []
    return render(request, ProductsPage(brands=catalog.product_tree(db), find=find, found=found))


@router.get("/products/{slug}")
def show(
    request: Request, db: Db, viewer: Viewer, slug: str, sort: str = "active", page: PageNumber = 1
) -> Response:
    """Show a product with its questions."""
    product = catalog.product_by_slug(db, slug)
    finished.share(request)
    ids = catalog.descendant_ids(db, product.id or 0)
    sort = sort if sort in questions.SORTS else "active"
    node = catalog.product_node(db, product)
    solved = questions.listing(db, questions.ListOf(sort="votes", product_ids=ids, status="solved", size=5))
    experts = author_views(db, people.experts_on_products(db, ids), product=product)
    listed = questions.listing(db, questions.ListOf(sort=sort, product_ids=ids), page=page)
    return render(
        request,
        ProductPage(
            product=product,
            trail=catalog.breadcrumbs(db, product.parent_id),
            children=node.children,
            versions=catalog.versions(db, product.id),
            question_count=node.question_count,
            solved_count=node.solved_count,
            sort=sort,
            page=listed,
            promises=promises(db, listed.rows),
            top_solutions=solved.rows,
            experts=list(experts.values()),
            follows=follows.follows(db, viewer, product),
        ),
    )
