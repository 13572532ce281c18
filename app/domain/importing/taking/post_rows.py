"""What a question or answer of a dump becomes in our tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.core.ranking import hot, wilson
from app.domain.importing.source.rows import Author, PostRow
from app.domain.importing.taking.history import Mark, Story
from app.domain.importing.taking.run import ADAPTED, Run
from app.domain.importing.taking.scratch import VoteSums

FALLBACK_REASON = "off_topic"


@dataclass(frozen=True)
class Placed:
    """A post with its ids of ours, its history and votes, and the accounts of all whom it names."""

    row: PostRow
    story: Story
    votes: VoteSums
    is_duplicate: bool
    local_id: int
    question_id: int
    people: dict[Author, int]


def post_row(post: Placed) -> dict[str, Any]:
    """Return the row of the table of ids."""
    if post.row.is_question:
        return {"id": post.local_id, "kind": "question", "parent_id": None}
    return {"id": post.local_id, "kind": "answer", "parent_id": post.question_id}


def question_row(run: Run, post: Placed) -> dict[str, Any]:
    """Return a question; who accepted which answer and of what it is a duplicate is written by later steps."""
    row = post.row
    return {
        **_facts(run, post),
        "title": row.title,
        "product_id": run.product_id,
        "answer_count": row.answer_count,
        "me_too_count": 0,
        "moved_in_me_too": 0,
        "view_count": row.views,
        "hot": hot(row.score, row.created_at),
        "last_activity_at": row.active_at or row.edited_at or row.created_at,
        "last_activity_by_id": _last_active(post),
        **_closing(run, post),
        "locked_at": post.story.locked.at if post.story.locked else None,
        "locked_by_id": _by(post, post.story.locked),
    }


def answer_row(run: Run, post: Placed) -> dict[str, Any]:
    """Return an answer."""
    facts = _facts(run, post)
    if post.story.locked:
        run.count("PostHistory", ADAPTED, "an answer is locked, which only questions can be: not kept")
    return {
        **facts,
        "question_id": post.question_id,
        "wilson": wilson(facts["up_count"], facts["down_count"]),
        "by_staff": False,
    }


def revision_rows(post: Placed) -> list[dict[str, Any]]:
    """Return every text the post ever had."""
    return [
        {
            "post_id": post.local_id,
            "number": number,
            "editor_id": post.people[version.editor],
            "title": version.title,
            "body": version.body,
            "tags": list(version.tags) if version.tags is not None else None,
            "environment": {} if post.row.is_question else None,
            "summary": version.summary,
            "restores": version.restores,
            "created_at": version.created_at,
        }
        for number, version in enumerate(post.story.versions, start=1)
    ]


def _facts(run: Run, post: Placed) -> dict[str, Any]:
    row = post.row
    up, down = _votes(run, post)
    removed = post.story.removed
    return {
        "id": post.local_id,
        "author_id": post.people[row.author],
        "body": post.story.versions[-1].body,
        "body_html": row.html,
        "revision": len(post.story.versions),
        "score": row.score,
        "up_count": up,
        "down_count": down,
        "moved_in_up": up,
        "moved_in_down": down,
        "comment_count": row.comment_count,
        "created_at": row.created_at,
        "edited_at": row.edited_at,
        "edited_by_id": post.people[row.editor] if row.editor is not None and row.edited_at else None,
        "removed_at": removed.at if removed else None,
        "removed_by_id": _by(post, removed),
        "removal": _removal(post, removed),
    }


def _votes(run: Run, post: Placed) -> tuple[int, int]:
    """Return the up and down votes; where they do not add up to the score, the score is what readers saw."""
    up, down, _ = post.votes
    missing = post.row.score - (up - down)
    if missing and run.scratch.has_votes:
        run.count("Posts", ADAPTED, "its votes do not add up to its Score, which was kept")
    return up + max(missing, 0), down + max(-missing, 0)


def _closing(run: Run, post: Placed) -> dict[str, Any]:
    closed, row = post.story.closed, post.row
    at = row.closed_at or (closed.at if closed else None)
    if at is None:
        return {"closed_at": None, "closed_by_id": None, "close_reason": None, "duplicate_of_id": None}
    reason = closed.reason if closed else None
    if reason == "duplicate" or post.is_duplicate:
        if not post.is_duplicate:
            run.count("Posts", ADAPTED, "it was closed as a duplicate, but its original is not named")
        reason = None  # until the step that finds the originals
    elif reason is None:
        run.count("Posts", ADAPTED, "it was closed for a reason that we do not have")
    return {
        "closed_at": at,
        "closed_by_id": _by(post, closed),
        "close_reason": reason or FALLBACK_REASON,
        "duplicate_of_id": None,
    }


def _removal(post: Placed, removed: Mark | None) -> str:
    if removed is None:
        return ""
    return "deleted" if removed.by is not None and removed.by == post.row.author else "hidden"


def _by(post: Placed, mark: Mark | None) -> int | None:
    return post.people[mark.by] if mark is not None and mark.by is not None else None


def _last_active(post: Placed) -> int | None:
    """Return who was active last where the question itself shows it; answers are looked at in the end."""
    row = post.row
    if row.active_at is None or row.active_at == (row.edited_at or row.created_at):
        return post.people[row.editor if row.edited_at and row.editor else row.author]
    return None
