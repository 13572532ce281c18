"""Search results and similar questions."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from app.api.schemas.base import Listing, Out, Site
from app.api.schemas.questions import QuestionSummary
from app.domain import escalations, search


class SearchResult(Out):
    """A thread that was found."""

    question: QuestionSummary
    title_html: str = Field(description="The title as safe HTML, with what was looked for in <mark>.")
    passage_html: str = Field(description="The best passage of the thread as safe HTML.")
    answer_id: int | None = Field(
        description="The answer that the passage is from; null: the question itself."
    )

    @classmethod
    def of(
        cls, found: search.SearchResult, site: Site, *, promise: escalations.Promise | None = None
    ) -> SearchResult:
        """Write down a result."""
        return cls(
            question=QuestionSummary.of(found.question, site, promise=promise),
            title_html=found.title_html,
            passage_html=found.passage_html,
            answer_id=found.answer_id,
        )


class FacetValue(Out):
    """How many of the results have a value, and the operator that keeps only these."""

    value: str
    count: int
    operator: str = Field(examples=["product:x1"])


class Facets(Out):
    """Ways to narrow the results down."""

    products: list[FacetValue]
    statuses: list[FacetValue]
    tags: list[FacetValue]

    @classmethod
    def of(cls, counts: Mapping[str, Mapping[str, int]]) -> Facets:
        """Write down the counts of a search."""
        return cls(
            products=_values(counts, "product", "product"),
            statuses=_values(counts, "status", "is"),
            tags=_values(counts, "tag", "tag"),
        )


class SearchResults(Listing[SearchResult]):
    """A page of what was found."""

    query: str = Field(description="What was looked for, as it was understood.")
    total: int | None = Field(description="How many threads there are; null when that is not known.")
    is_partial: bool = Field(description="No thread has all the words; these have some of them.")
    did_you_mean: str | None
    remarks: list[str] = Field(description="What of the query could not be understood, for a person.")
    facets: Facets | None = Field(description="On the first page only.")


class SimilarQuestion(Out):
    """A question like the one that is being asked."""

    question: QuestionSummary
    solution_html: str | None = Field(description="The accepted answer as safe HTML, to be read in place.")
    solution_id: int | None

    @classmethod
    def of(
        cls, found: search.Similar, site: Site, *, promise: escalations.Promise | None = None
    ) -> SimilarQuestion:
        """Write down a similar question."""
        return cls(
            question=QuestionSummary.of(found.question, site, promise=promise),
            solution_html=found.solution_html or None,
            solution_id=found.solution_id,
        )


class SimilarQuestions(Out):
    """What the ask form shows, so that nobody asks what is answered."""

    data: list[SimilarQuestion]


def _values(counts: Mapping[str, Mapping[str, int]], group: str, operator: str) -> list[FacetValue]:
    return [
        FacetValue(value=value, count=count, operator=f"{operator}:{value}")
        for value, count in counts.get(group, {}).items()
    ]
