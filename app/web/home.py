"""The first page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response

from app.domain import catalog, questions
from app.models import Question
from app.web import finished
from app.web.deps import Db
from app.web.render import Page, render
from app.web.routers import PageRouter

router = PageRouter()


@dataclass(frozen=True)
class HomePage(Page):
    """Search, products, what needs an answer and what was solved."""

    template = "home.html"
    popular: Sequence[tuple[str, str]]
    products: Sequence[catalog.ProductNode]
    unanswered: Sequence[Question]
    solved: Sequence[Question]
    question_count: int
    solved_count: int


@router.get("/")
def home(request: Request, db: Db) -> Response:
    """Show the first page."""
    finished.share(request)
    brands = catalog.product_tree(db)
    unanswered = questions.listing(db, questions.ListOf(sort="unanswered", size=6))
    solved = questions.listing(db, questions.ListOf(sort="solved", size=6))
    lines = [node for brand in brands for node in (brand.children or [brand])]
    return render(
        request,
        HomePage(
            popular=[(tag.name, f"/tags/{quote(tag.name)}") for tag in catalog.popular_tags(db, limit=6)],
            products=lines[:8],
            unanswered=unanswered.rows,
            solved=solved.rows,
            question_count=questions.how_many(db),
            solved_count=questions.how_many(db, solved=True),
        ),
    )
