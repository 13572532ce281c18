"""Votes: who follows what; and, for the report, which votes found their post.

The counts of up and down votes went into the posts themselves (see scratch.py): dumps do not tell
who voted.
"""

from __future__ import annotations

from sqlmodel import Session, col, select

from app.domain.importing.source.reading import Votes
from app.domain.importing.taking import bulk
from app.domain.importing.taking.run import ADAPTED, LEFT_OUT, TAKEN, Run
from app.models import Follow, Post, Question

GONE = "its post is not in the dump, or was left out"
_OTHER = {
    "4": "a flag as offensive", "6": "a vote to close", "7": "a vote to reopen", "8": "a bounty",
    "9": "a bounty", "10": "a vote to delete", "11": "a vote to undelete", "12": "a flag as spam",
    "13": "a flag for moderators", "14": "a nomination", "15": "a moderator's review",
    "16": "an approved edit",
}  # fmt: skip


def take_votes(db: Session, run: Run, votes: Votes) -> None:
    """Report the votes of a piece of Votes.xml, and let members follow what they marked as a favourite."""
    posts = run.posts.find_numbers(db, {post for post, _ in votes.counts})
    accepted = _accepted(db, {posts[post] for post, kind in votes.counts if kind == "1" and post in posts})
    favourites_without_member = 0
    for (post, kind), number in votes.counts.items():
        if kind in _OTHER or kind not in ("1", "2", "3", "5"):
            what = _OTHER.get(kind, "an unknown kind of vote")
            run.count("Votes", LEFT_OUT, f"{what} (VoteTypeId {kind[:10]})", number)
        elif post not in posts:
            run.count("Votes", LEFT_OUT, GONE, number)
        elif kind in ("2", "3") or (kind == "1" and posts[post] in accepted):
            run.count("Votes", TAKEN, number=number)
        elif kind == "1":
            run.count("Votes", LEFT_OUT, "the answer is not accepted any more", number)
        else:
            favourites_without_member += number
    taken = _follow(db, run, votes, posts)
    run.count("Votes", TAKEN, number=taken)
    left_out = favourites_without_member - taken
    if left_out:
        run.count("Votes", LEFT_OUT, "a favourite without a member, or marked twice", left_out)
    run.count_all("Votes", LEFT_OUT, votes.left_out)
    run.count_all("Votes", ADAPTED, votes.adapted)


def _accepted(db: Session, answer_ids: set[int]) -> set[int]:
    statement = select(Question.accepted_answer_id).where(col(Question.accepted_answer_id).in_(answer_ids))
    return {found for found in db.exec(statement) if found is not None}


def _follow(db: Session, run: Run, votes: Votes, posts: dict[int, int]) -> int:
    members = run.users.find(db, {user for _, user, _ in votes.favourites})
    marked = [row for row in votes.favourites if row[0] in posts and row[1] in members]
    threads = _threads(db, {posts[post] for post, _, _ in marked})
    wanted = {(members[user], threads[posts[post]]): at for post, user, at in reversed(marked)}
    present = set(
        db.execute(
            select(Follow.user_id, Follow.question_id).where(
                col(Follow.question_id).in_({question_id for _, question_id in wanted}),
            )
        )
    )
    rows = [
        {"user_id": user_id, "question_id": question_id, "created_at": at}
        for (user_id, question_id), at in wanted.items()
        if (user_id, question_id) not in present
    ]
    bulk.insert(db, Follow, rows)
    return len(rows)


def _threads(db: Session, post_ids: set[int]) -> dict[int, int]:
    rows = db.execute(select(Post.id, Post.parent_id).where(col(Post.id).in_(post_ids)))
    return {post_id: parent_id or post_id for post_id, parent_id in rows}
