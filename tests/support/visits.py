"""Every route of the pages, visited as anybody, about anything; what each visit did is undone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from sqlalchemy import Connection
from sqlmodel import Session

from app.models import User
from app.web import csrf
from tests.factories.answers import make_answer
from tests.factories.comments import make_comment
from tests.factories.flags import make_flag
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.suggestions import make_suggestion
from tests.factories.tags import make_tag
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.routes import RouteFacts, routes

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
NOWHERE = "999999"
ENDLESS = {"/desk/events"}  # a stream goes on for ever, and the test client reads to the end; see test_live


@dataclass(frozen=True)
class Subject:
    """What the addresses are about, by the names of their parameters."""

    values: dict[str, str]

    def address(self, route: RouteFacts) -> str:
        """Return the route's address; a parameter nobody knows gets a value that nothing has."""
        return _PARAMETER.sub(lambda found: self.values.get(found[1], NOWHERE), route.path)


@dataclass(frozen=True)
class Outcome:
    """How a visit ended."""

    route: RouteFacts
    method: str
    status: int
    location: str

    def __str__(self) -> str:
        return f"{self.method} {self.route.path} -> {self.status} {self.location}".strip()

    @property
    def is_sent_to_sign_in(self) -> bool:
        """Whether the visitor has to sign in first."""
        return self.status == 303 and self.location.startswith("/signin")


def page_routes(app: FastAPI) -> list[RouteFacts]:
    """Return the routes behind the pages' common checks, but those that never end."""
    found = [
        route for route in routes(app) if csrf.protect in route.dependencies and route.path not in ENDLESS
    ]
    assert len(found) > 50
    return found


def make_subject(db: Session, *, author: User, **facts: object) -> Subject:
    """Save a thread by the author, with an answer and a comment; `facts` are the question's."""
    product, tag = make_product(db), make_tag(db, question_count=1)
    question = make_question(db, author=author, tags=[tag], product_id=product.id, **facts)
    answer = make_answer(db, question=question, author=author)
    comment = make_comment(db, post=answer, author=author)
    flag = make_flag(db, post=answer)
    suggestion = make_suggestion(db, post=answer)
    return Subject(
        {
            "question_id": str(question.id),
            "words": "-",
            "answer_id": str(answer.id),
            "post_id": str(answer.id),
            "comment_id": str(comment.id),
            "flag_id": str(flag.id),
            "suggestion_id": str(suggestion.id),
            "slug": product.slug,
            "name": tag.name,
            "handle": make_user(db).handle,
        }
    )


def nothing() -> Subject:
    """Return what does not exist."""
    return Subject({})


def visit_all(
    client: Browser, connection: Connection, about: Subject, *, only: list[RouteFacts]
) -> Iterator[Outcome]:
    """Visit each route by each method, forms with no fields."""
    for route in only:
        for method in sorted(route.methods):
            yield _visit(client, connection, route, method, about)


def _visit(
    client: Browser, connection: Connection, route: RouteFacts, method: str, about: Subject
) -> Outcome:
    address = about.address(route)
    undone = connection.begin_nested()
    try:
        response = client.get(address) if method == "GET" else client.post_form(address)
    finally:
        undone.rollback()
    return Outcome(route, method, response.status_code, response.headers.get("location", ""))
