"""Answers, comments, revisions and votes."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from app.api.schemas.base import In, Listing, Out, Site, Text
from app.api.schemas.people import Author
from app.models import Answer as AnswerRow
from app.models import Comment as CommentRow
from app.models import Question as QuestionRow
from app.models import Revision as RevisionRow
from app.models import User


class Removal(Out):
    """How a post was taken away. Only its author and staff are shown such posts at all."""

    at: datetime
    how: str = Field(description="deleted (by its author), hidden or spam", examples=["deleted"])

    @classmethod
    def of(cls, row: QuestionRow | AnswerRow | CommentRow) -> Removal | None:
        """Write down a removal; None for what is there."""
        return cls(at=row.removed_at, how=row.removal) if row.removed_at is not None else None


class ViewerOnAnswer(Out):
    """What the caller did with an answer and may do."""

    vote: int
    may_edit: bool
    may_accept: bool
    may_delete: bool
    may_comment: bool


class Answer(Out):
    """An answer."""

    id: int
    question_id: int
    url: str
    body: str = Field(description="Markdown, as it was written.")
    body_html: str = Field(description="Sanitised HTML.")
    author: Author
    score: int
    comment_count: int
    is_accepted: bool
    is_official: bool = Field(description="Marked as the company's position.")
    is_by_staff: bool
    revision: int
    created_at: datetime
    edited_at: datetime | None
    removed: Removal | None
    viewer: ViewerOnAnswer | None = Field(description="Null for strangers, and in lists.")

    @classmethod
    def of(
        cls,
        answer: AnswerRow,
        *,
        accepted_answer_id: int | None,
        site: Site,
        viewer: ViewerOnAnswer | None = None,
    ) -> Answer:
        """Write down an answer."""
        return cls(
            id=answer.id,
            question_id=answer.question_id,
            url=site.post(answer.id),
            body=answer.body,
            body_html=answer.body_html,
            author=Author.of(answer.author, site),
            score=answer.score,
            comment_count=answer.comment_count,
            is_accepted=answer.id == accepted_answer_id,
            is_official=answer.is_official,
            is_by_staff=answer.by_staff,
            revision=answer.revision,
            created_at=answer.created_at,
            edited_at=answer.edited_at,
            removed=Removal.of(answer),
            viewer=viewer,
        )


class AnswerList(Listing[Answer]):
    """A page of a question's answers, in the order in which they were posted."""


class NewAnswer(In):
    """An answer to post."""

    body: Text = Field(
        description="Markdown.", max_length=40_000, examples=["Reset the mixer, then restart it."]
    )


class AnswerChange(In):
    """An edit of an answer."""

    body: Text = Field(
        min_length=20, max_length=30_000, examples=["Reset the mixer to its defaults, then restart it."]
    )
    summary: Text = Field("", max_length=300, description="What was changed and why, for the history.")


class Comment(Out):
    """A remark under a question or answer."""

    id: int
    post_id: int
    question_id: int
    url: str
    body: str
    body_html: str
    author: Author
    created_at: datetime
    edited_at: datetime | None
    removed: Removal | None

    @classmethod
    def of(cls, comment: CommentRow, author: User, site: Site) -> Comment:
        """Write down a comment."""
        return cls(
            id=comment.id or 0,
            post_id=comment.post_id,
            question_id=comment.question_id,
            url=site.comment(comment),
            body=comment.body,
            body_html=comment.body_html,
            author=Author.of(author, site),
            created_at=comment.created_at,
            edited_at=comment.edited_at,
            removed=Removal.of(comment),
        )


class CommentList(Listing[Comment]):
    """A page of the comments under a post, oldest first."""


class NewComment(In):
    """A comment to post."""

    body: Text = Field(min_length=10, max_length=1_000, examples=["Which firmware is it?"])


class Revision(Out):
    """The text of a post as it stood from `created_at` on; title, tags and environment for questions only."""

    number: int
    url: str = Field(description="The page of the post's history.")
    created_at: datetime
    editor: Author | None
    title: str | None
    body: str
    tags: list[str] | None
    environment: dict[str, str] | None
    summary: str
    restores: int | None = Field(description="The number of the revision that was brought back.")

    @classmethod
    def of(cls, row: RevisionRow, site: Site) -> Revision:
        """Write down a revision."""
        return cls(
            number=row.number,
            url=f"{site.post(row.post_id)}/revisions",
            created_at=row.created_at,
            editor=Author.of(row.editor, site) if row.editor else None,
            title=row.title,
            body=row.body,
            tags=row.tags,
            environment=row.environment,
            summary=row.summary,
            restores=row.restores,
        )


class RevisionList(Listing[Revision]):
    """A page of the revisions of a post, newest first."""


class NewVote(In):
    """A vote: 1, -1, or 0 to take it back."""

    value: Literal[1, 0, -1] = Field(examples=[1])


class VoteResult(Out):
    """A post's votes after yours."""

    post_id: int
    value: int
    score: int
    up_count: int
    down_count: int

    @classmethod
    def of(cls, post: QuestionRow | AnswerRow, value: int) -> VoteResult:
        """Write down the votes."""
        return cls(
            post_id=post.id,
            value=value,
            score=post.score,
            up_count=post.up_count,
            down_count=post.down_count,
        )
