"""Counts everything anew from its rows and says what does not agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.core.ranking import hot, wilson
from app.models import (
    Answer,
    Comment,
    MeToo,
    Product,
    Question,
    QuestionTag,
    ReputationEntry,
    Revision,
    Tag,
    User,
    Vote,
)


def disagreements(db: Session) -> list[str]:
    """Return a line for each stored count, score or total that differs from a recount of its rows."""
    db.expire_all()
    questions = db.exec(select(Question)).all()
    answers = db.exec(select(Answer)).all()
    return [
        *_of_votes(db, [*questions, *answers]),
        *_of_comments_and_revisions(db, [*questions, *answers]),
        *_of_threads(db, questions, answers),
        *_of_topics(db, questions),
        *_of_reputation(db),
    ]


def _of_votes(db: Session, posts: list[Question | Answer]) -> Iterator[str]:
    votes = Counter((vote.post_id, vote.value) for vote in db.exec(select(Vote)))
    for post in posts:
        up, down = votes[post.id, 1] + post.moved_in_up, votes[post.id, -1] + post.moved_in_down
        yield from _differ(f"post {post.id} up", post.up_count, up)
        yield from _differ(f"post {post.id} down", post.down_count, down)
        yield from _differ(f"post {post.id} score", post.score, up - down)
        if isinstance(post, Answer):
            yield from _differ(f"post {post.id} wilson", round(post.wilson, 9), round(wilson(up, down), 9))
        else:
            expected = hot(up - down, post.created_at)
            yield from _differ(f"post {post.id} hot", round(post.hot, 6), round(expected, 6))


def _of_comments_and_revisions(db: Session, posts: list[Question | Answer]) -> Iterator[str]:
    shown = select(Comment.post_id).where(col(Comment.removed_at).is_(None))
    comments = Counter(db.exec(shown).all())
    newest = dict(
        db.exec(select(Revision.post_id, func.max(Revision.number)).group_by(col(Revision.post_id))).all()
    )
    for post in posts:
        yield from _differ(f"post {post.id} comments", post.comment_count, comments[post.id])
        yield from _differ(f"post {post.id} revision", post.revision, newest.get(post.id))


def _of_threads(db: Session, questions: Iterable[Question], answers: Iterable[Answer]) -> Iterator[str]:
    shown = Counter(answer.question_id for answer in answers if not answer.is_removed)
    me_toos = Counter(db.exec(select(MeToo.question_id)).all())
    by_id = {answer.id: answer for answer in answers}
    for question in questions:
        expected = me_toos[question.id] + question.moved_in_me_too
        yield from _differ(f"question {question.id} answers", question.answer_count, shown[question.id])
        yield from _differ(f"question {question.id} me-toos", question.me_too_count, expected)
        if question.accepted_answer_id is not None:
            accepted = by_id[question.accepted_answer_id]
            yield from _differ(f"question {question.id} accepts of", accepted.question_id, question.id)
            author_id = question.accepted_author_id
            yield from _differ(f"question {question.id} accepts an answer by", author_id, accepted.author_id)
            yield from _differ(f"question {question.id} accepts a removed answer", accepted.is_removed, False)


def _of_topics(db: Session, questions: Iterable[Question]) -> Iterator[str]:
    shown = {question.id: question for question in questions if not question.is_removed}
    links = db.exec(select(QuestionTag)).all()
    tagged = Counter(link.tag_id for link in links if link.question_id in shown)
    about = Counter(question.product_id for question in shown.values())
    solved = Counter(question.product_id for question in shown.values() if question.is_solved)
    for tag in db.exec(select(Tag)):
        yield from _differ(f"tag {tag.name}", tag.question_count, tagged[tag.id or 0])
    for product in db.exec(select(Product)):
        yield from _differ(f"product {product.slug}", product.question_count, about[product.id])
        yield from _differ(f"product {product.slug} solved", product.solved_count, solved[product.id])


def _of_reputation(db: Session) -> Iterator[str]:
    ledger: defaultdict[int, int] = defaultdict(int)
    for entry in db.exec(select(ReputationEntry)):
        ledger[entry.user_id] += entry.points
    for user in db.exec(select(User)):
        yield from _differ(f"reputation of {user.handle}", user.reputation, ledger[user.id or 0])
        yield from _differ(f"reputation of {user.handle} is below 1", user.reputation < 1, False)
        yield from _differ(f"peak of {user.handle} is lower", user.peak_reputation < user.reputation, False)


def _differ(what: str, stored: object, counted: object) -> Iterator[str]:
    if stored != counted:
        yield f"{what}: stored {stored}, counted {counted}"
