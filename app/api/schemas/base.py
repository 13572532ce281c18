"""What all documents share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import quote

from fastapi import Request
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from app.core.slugs import slug
from app.models import Comment, Product, Question, Tag, User

_RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Row = TypeVar("Row", bound=BaseModel)


class Out(BaseModel):
    """A document that is answered. Every member is always there; what is missing is null."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class In(BaseModel):
    """A document that is sent. A member that is not known is refused: it would be lost silently."""

    model_config = ConfigDict(extra="forbid")


def cleaned(text: str) -> str:
    """Return the text without control characters, as forms take it."""
    return _CONTROL.sub("", text.replace("\r\n", "\n"))


def instant(value: Any) -> Any:
    """Refuse what is no text of an instant: numbers and dates would be taken for one."""
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise ValueError("write an instant as RFC 3339 has it: 2026-11-23T09:00:00Z")
    return value


Text = Annotated[str, AfterValidator(cleaned)]
Instant = Annotated[AwareDatetime, BeforeValidator(instant)]


class PageInfo(Out):
    """Where the list goes on."""

    next: str | None = Field(description="The `cursor` of the next page; null on the last one.")
    limit: int


class Listing(Out, Generic[Row]):
    """A page of a list."""

    data: list[Row]
    page: PageInfo


@dataclass(frozen=True)
class Site:
    """Writes the addresses of what a person could open."""

    base: str

    @classmethod
    def of(cls, request: Request) -> Site:
        """Return the site that a request was made to."""
        return cls(request.app.state.settings.base_url)

    def question(self, question: Question) -> str:
        """Return the address of a question's page."""
        return f"{self.base}/questions/{question.id}/{slug(question.title)}"

    def post(self, post_id: int) -> str:
        """Return the permanent address of a question or answer, which leads to its place in the thread."""
        return f"{self.base}/posts/{post_id}"

    def comment(self, comment: Comment) -> str:
        """Return the permanent address of a comment."""
        return f"{self.base}/posts/{comment.post_id}?comment={comment.id}"

    def member(self, member: User) -> str | None:
        """Return the address of a member's page; former members have none."""
        return None if member.deleted_at is not None else f"{self.base}/users/{member.handle}"

    def product(self, product: Product) -> str:
        """Return the address of a product's page."""
        return f"{self.base}/products/{product.slug}"

    def tag(self, tag: Tag) -> str:
        """Return the address of a tag's page."""
        return f"{self.base}/tags/{quote(tag.name)}"

    def api(self, path: str) -> str:
        """Return the address of something in the API."""
        return f"{self.base}/api/v1{path}"
