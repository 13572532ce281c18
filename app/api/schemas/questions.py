"""Questions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from app.api.schemas.base import In, Listing, Out, Site, Text
from app.api.schemas.catalog import ProductRef
from app.api.schemas.people import Author
from app.api.schemas.posts import Removal
from app.domain import escalations
from app.models import Question as QuestionRow


class Detail(Out):
    """A detail of the asker's device: model, version, operating system, error code."""

    name: str = Field(examples=["os"])
    label: str = Field(examples=["Operating system"])
    value: str = Field(examples=["Windows 11"])


class Promise(Out):
    """By when staff will have looked at a question that nobody has answered."""

    state: str = Field(description="open, or paused while staff wait for the asker", examples=["open"])
    due_at: datetime | None = Field(description="When it has passed, staff are late. Null while paused.")

    @classmethod
    def of(cls, promise: escalations.Promise) -> Promise:
        """Write down a promise."""
        return cls(state=promise.state, due_at=promise.due_at)


class QuestionSummary(Out):
    """A question in a list."""

    id: int
    url: str
    title: str
    status: str = Field(description="unanswered, answered, solved, closed or duplicate", examples=["solved"])
    product: ProductRef | None
    tags: list[str]
    environment: list[Detail]
    author: Author
    score: int
    answer_count: int
    comment_count: int
    me_too_count: int = Field(description="How many members said that they have the problem, too.")
    accepted_answer_id: int | None
    promise: Promise | None = Field(description="Null: nothing is promised, or it was answered.")
    created_at: datetime
    last_activity_at: datetime

    @classmethod
    def of(
        cls, question: QuestionRow, site: Site, *, promise: escalations.Promise | None = None
    ) -> QuestionSummary:
        """Write down a question."""
        return cls(**_facts(question, site, promise))


class QuestionList(Listing[QuestionSummary]):
    """A page of a list of questions."""


class ViewerOnQuestion(Out):
    """What the caller did with a question and may do."""

    vote: int
    follows: bool
    said_me_too: bool
    may_edit: bool
    may_answer: bool
    may_comment: bool
    may_delete: bool


class Question(QuestionSummary):
    """A question with its text."""

    body: str = Field(description="Markdown, as it was written.")
    body_html: str = Field(description="Sanitised HTML.")
    revision: int
    edited_at: datetime | None
    accepted_at: datetime | None
    closed_at: datetime | None
    close_reason: str | None
    duplicate_of: int | None = Field(description="The id of the question that it repeats.")
    is_locked: bool
    removed: Removal | None
    viewer: ViewerOnQuestion | None = Field(description="Null for strangers.")

    @classmethod
    def whole(
        cls,
        question: QuestionRow,
        *,
        duplicate_of: int | None,
        site: Site,
        viewer: ViewerOnQuestion | None = None,
        promise: escalations.Promise | None = None,
    ) -> Question:
        """Write down a question with its text."""
        return cls(
            **_facts(question, site, promise),
            body=question.body,
            body_html=question.body_html,
            revision=question.revision,
            edited_at=question.edited_at,
            accepted_at=question.accepted_at,
            closed_at=question.closed_at,
            close_reason=question.close_reason,
            duplicate_of=duplicate_of,
            is_locked=question.is_locked,
            removed=Removal.of(question),
            viewer=viewer,
        )


TagName = Annotated[str, Field(pattern=r"^\w([\w+#.-]*[\w+#])?$", max_length=35)]


class NewQuestion(In):
    """A question to ask."""

    title: Text = Field(min_length=12, max_length=150, examples=["No sound after the update"])
    body: Text = Field(
        description="Markdown.",
        min_length=20,
        max_length=30_000,
        examples=["Since the update to 1.4 the speakers are silent. A restart did not help."],
    )
    tags: list[TagName] = Field(min_length=1, max_length=5, examples=[["sound"]])
    product: Text | None = Field(None, max_length=100, description="The slug of a product.", examples=["x1"])
    environment: dict[Text, Text] = Field(
        default_factory=dict,
        max_length=50,
        description="Details by name, as the product asks for them; see GET /products/{slug}.",
        examples=[{}],
    )


class QuestionChange(In):
    """An edit of a question; what is left out stays as it is."""

    title: Text = Field("", max_length=400, examples=["No sound from the speakers after the update"])
    body: Text = Field("", max_length=40_000)
    tags: list[TagName] = Field(default_factory=list, max_length=5)
    product: Text | None = Field(None, max_length=100)
    environment: dict[Text, Text] = Field(default_factory=dict, max_length=50)
    summary: Text = Field("", max_length=300, description="What was changed and why, for the history.")


class AcceptedAnswer(In):
    """Which answer solves the question."""

    answer_id: int = Field(ge=1, le=2_147_483_647)


class Solution(Out):
    """What solves a question now."""

    question_id: int
    accepted_answer_id: int | None
    accepted_at: datetime | None


class MeToo(Out):
    """Who has the problem, too."""

    question_id: int
    said_me_too: bool
    me_too_count: int


class Following(Out):
    """Whether the caller hears of what happens to a question."""

    question_id: int
    follows: bool


def _facts(question: QuestionRow, site: Site, promise: escalations.Promise | None) -> dict[str, Any]:
    return {
        "id": question.id,
        "url": site.question(question),
        "title": question.title,
        "status": question.status,
        "product": ProductRef.of(question.product, site) if question.product else None,
        "tags": [tag.name for tag in question.tags],
        "environment": [
            Detail(name=each.name, label=each.label, value=each.value) for each in question.environment
        ],
        "author": Author.of(question.author, site),
        "score": question.score,
        "answer_count": question.answer_count,
        "comment_count": question.comment_count,
        "me_too_count": question.me_too_count,
        "accepted_answer_id": question.accepted_answer_id,
        "promise": Promise.of(promise) if promise else None,
        "created_at": question.created_at,
        "last_activity_at": question.last_activity_at,
    }
