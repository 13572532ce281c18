"""Comments."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from app.domain.importing.source.rows import CommentRow, Parsed
from app.domain.importing.taking import accounts, bulk
from app.domain.importing.taking.run import ADAPTED, LEFT_OUT, TAKEN, Run
from app.models import Comment, Post


def take_comments(db: Session, run: Run, parsed: Parsed[CommentRow]) -> None:
    """Take a piece of Comments.xml."""
    posts = run.posts.find_numbers(db, {row.post for row in parsed.rows})
    seen = set(run.comments.find_numbers(db, (row.id for row in parsed.rows)))
    rows: list[CommentRow] = []
    for row in parsed.rows:
        if row.post not in posts:
            run.count("Comments", LEFT_OUT, "its post is not in the dump, or was left out")
        elif row.id in seen:
            run.count("Comments", LEFT_OUT, "its Id occurs twice")
        else:
            seen.add(row.id)
            rows.append(row)
    people = accounts.resolve(db, run, accounts.earliest((row.author, row.created_at) for row in rows))
    threads = _threads(db, {posts[row.post] for row in rows})
    ids = bulk.reserve(db, Comment, len(rows))
    bulk.insert(
        db,
        Comment,
        [
            _comment(row, local_id, posts[row.post], threads, people[row.author])
            for row, local_id in zip(rows, ids, strict=True)
        ],
    )
    run.comments.keep(db, {str(row.id): local_id for row, local_id in zip(rows, ids, strict=True)})
    run.count("Comments", TAKEN, number=len(rows))
    nameless = sum(row.author is None for row in rows)
    if nameless:
        run.count("Comments", ADAPTED, "nobody is named as its author", nameless)
    run.count_all("Comments", LEFT_OUT, parsed.left_out)
    run.count_all("Comments", ADAPTED, parsed.adapted)


def _threads(db: Session, post_ids: set[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    wanted = sorted(post_ids)
    for at in range(0, len(wanted), 1000):
        rows = db.execute(select(Post.id, Post.parent_id).where(col(Post.id).in_(wanted[at : at + 1000])))
        found.update((post_id, parent_id or post_id) for post_id, parent_id in rows)
    return found


def _comment(
    row: CommentRow, local_id: int, post_id: int, threads: dict[int, int], author_id: int
) -> dict[str, Any]:
    return {
        "id": local_id,
        "post_id": post_id,
        "question_id": threads[post_id],
        "author_id": author_id,
        "body": row.text,
        "body_html": row.html,
        "score": row.score,
        "created_at": row.created_at,
        "removal": "",
    }
