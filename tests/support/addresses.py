"""Real addresses for the application's routes: every parameter filled with something that exists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from sqlmodel import Session

from app.models import Answer, Comment, Product, Question, Tag, User
from app.web.forms import Form
from tests.factories.answers import make_answer
from tests.factories.comments import make_comment
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.factories.users import make_user
from tests.support.routes import RouteFacts


@dataclass(frozen=True)
class Forum:
    """One of everything."""

    author: User
    answerer: User
    question: Question
    answer: Answer
    comment: Comment
    product: Product
    tag: Tag

    def parameters(self) -> dict[str, str]:
        """Return what to put into the places of a route."""
        return {
            "question_id": str(self.question.id),
            "answer_id": str(self.answer.id),
            "comment_id": str(self.comment.id),
            "post_id": str(self.answer.id),
            "session_id": "1",
            "handle": self.author.handle,
            "slug": self.product.slug,
            "name": self.tag.name,
            "words": "any-words",
            "key": "ask",
            "token": "no-such-token",
            "sha256": "0" * 64,
            "extension": "png",
            "version": "0",
        }


def make_forum(db: Session) -> Forum:
    """Save one of everything."""
    author, answerer = make_user(db, handle="author"), make_user(db, handle="helper")
    product, tag = make_product(db), make_tag(db, name="wifi", question_count=1)
    question = make_question(db, author=author, product_id=product.id, tags=[tag])
    answer = make_answer(db, question=question, author=answerer)
    comment = make_comment(db, post=answer, author=author)
    return Forum(author, answerer, question, answer, comment, product, tag)


def filled(path: str, parameters: Mapping[str, str]) -> str:
    """Return a route's path with its places filled; a place that is not known gets 1."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda place: parameters.get(place[1], "1"), path)


def form_of(route: RouteFacts) -> type[Form] | None:
    """Return the form that a route reads; None when it reads none."""
    for dependency in route.dependencies:
        for cell in getattr(dependency, "__closure__", None) or ():
            if isinstance(cell.cell_contents, type) and issubclass(cell.cell_contents, Form):
                return cell.cell_contents
    return None


def query_names(app: FastAPI) -> dict[str, set[str]]:
    """Return the names that each readable address takes after its question mark."""
    found: dict[str, set[str]] = {}
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        if dependant is not None and "GET" in (context.methods or ()):
            found[context.path or ""] = set(_query_names(dependant))
    return found


def _query_names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _query_names(inner)
