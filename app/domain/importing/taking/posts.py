"""Questions and answers, with their revisions, tags, votes and states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from app.core.markdown import html_to_markdown
from app.domain.catalog import TAGS_AT_MOST
from app.domain.importing.source.rows import Author, ExcerptRow, Parsed, PostRow
from app.domain.importing.source.texts import spelled, tag_name
from app.domain.importing.taking import accepting, accounts, bulk, tags
from app.domain.importing.taking.history import Story, Version, lacks_present_text, tell
from app.domain.importing.taking.post_rows import Placed, answer_row, post_row, question_row, revision_rows
from app.domain.importing.taking.run import ADAPTED, LEFT_OUT, TAKEN, Run
from app.domain.importing.taking.scratch import VoteSums
from app.models import Answer, Post, Question, QuestionTag, Revision


@dataclass
class _Batch:
    """The posts of a piece with what other files say of them."""

    posts: list[PostRow]
    stories: dict[int, Story]
    votes: dict[int, VoteSums]
    duplicates: set[int]


def take_posts(db: Session, run: Run, parsed: Parsed[PostRow | ExcerptRow]) -> int:
    """Take a piece of Posts.xml; return how many answers came before their question, and have to wait."""
    tags.describe(db, run, [row for row in parsed.rows if isinstance(row, ExcerptRow)])
    posts = _without_repeats(db, run, [row for row in parsed.rows if isinstance(row, PostRow)])
    ready, early = _with_known_questions(db, run, posts)
    _write(db, run, ready)
    run.count_all("Posts", LEFT_OUT, parsed.left_out)
    run.count_all("Posts", ADAPTED, parsed.adapted)
    return len(early)


def take_early_answers(db: Session, run: Run, parsed: Parsed[PostRow | ExcerptRow]) -> None:
    """Take the answers of a piece that came before their question; all questions are there by now."""
    # The first of those with the same id: take_posts has counted the others.
    by_id = {row.id: row for row in reversed(parsed.rows) if isinstance(row, PostRow) and not row.is_question}
    answers = list(reversed(by_id.values()))
    present = run.posts.find_numbers(db, (row.id for row in answers))
    ready, orphans = _with_known_questions(db, run, [row for row in answers if row.id not in present])
    _write(db, run, ready)
    if orphans:
        run.count("Posts", LEFT_OUT, "its question is not in the dump", len(orphans))


def _without_repeats(db: Session, run: Run, posts: list[PostRow]) -> list[PostRow]:
    seen = set(run.posts.find_numbers(db, (row.id for row in posts)))
    fresh = []
    for row in posts:
        if row.id in seen:
            run.count("Posts", LEFT_OUT, "its Id occurs twice")
        else:
            seen.add(row.id)
            fresh.append(row)
    return fresh


def _with_known_questions(db: Session, run: Run, posts: list[PostRow]) -> tuple[list[PostRow], list[PostRow]]:
    """Part the posts in those that can be written now and answers whose question has not come."""
    questions = {row.id for row in posts if row.is_question}
    parents = {row.parent for row in posts if not row.is_question and row.parent is not None}
    known = _questions_among(db, run.posts.find_numbers(db, parents - questions)) | questions
    ready = [row for row in posts if row.is_question or row.parent in known]
    return ready, [row for row in posts if not row.is_question and row.parent not in known]


def _questions_among(db: Session, posts: Mapping[int, int]) -> set[int]:
    """Return which of the posts, by their ids in the dump, are questions: nothing answers an answer."""
    statement = select(Post.id).where(col(Post.id).in_(posts.values()), Post.kind == "question")
    found = set(db.exec(statement))
    return {row_id for row_id, local_id in posts.items() if local_id in found}


def _write(db: Session, run: Run, posts: list[PostRow]) -> None:
    batch = _gather(run, posts)
    people = accounts.resolve(db, run, accounts.earliest(_mentions(batch)))
    placed = _place(db, run, batch, people)
    questions = [post for post in placed if post.row.is_question]
    answers = [post for post in placed if not post.row.is_question]
    bulk.insert(db, Post, [post_row(post) for post in (*questions, *answers)])
    run.posts.keep(db, {str(post.row.id): post.local_id for post in placed})
    bulk.insert(db, Question, [question_row(run, post) for post in questions])
    bulk.insert(db, Answer, [answer_row(run, post) for post in answers])
    bulk.insert(db, Revision, [row for post in placed for row in revision_rows(post)])
    _write_tags(db, run, questions)
    _expect_accepted(db, run, questions)
    run.count("Posts", TAKEN, number=len(placed))


def _gather(run: Run, posts: list[PostRow]) -> _Batch:
    ids = [row.id for row in posts]
    history = run.scratch.history_of(ids)
    stories = {row.id: tell(history.get(row.id, ()), row) for row in posts}
    for row in posts:
        story = stories[row.id]
        if not story.versions or lacks_present_text(story, row):
            story.versions.append(_as_it_stands(run, row, story))
        if story.taken:
            run.count("PostHistory", TAKEN, number=story.taken)
        run.count_all("PostHistory", LEFT_OUT, story.left_out)
        run.count_all("PostHistory", ADAPTED, story.adapted)
    duplicates = run.scratch.closed_as_duplicate(row.id for row in posts if row.is_question)
    return _Batch(posts, stories, run.scratch.votes_of(ids), duplicates)


def _as_it_stands(run: Run, row: PostRow, story: Story) -> Version:
    """Return the post's present text as a revision: its history is missing, or ends before the last edit."""
    if run.scratch.history_rows:
        reason = "its present text is not in the history" if story.versions else "it has no history"
        run.count("Posts", ADAPTED, f"{reason}: its text was made from HTML")
    last = story.versions[-1] if story.versions else None
    edited_at = row.edited_at or last.created_at if last else None
    return Version(
        title=row.title if row.is_question else None,
        body=row.body if row.body is not None else html_to_markdown(row.html),
        tags=spelled(row.tags) if row.is_question else None,
        summary="",
        editor=row.editor if last and row.edited_at else row.author,
        created_at=edited_at or row.created_at,
        restores=None,
    )


def _mentions(batch: _Batch) -> Iterator[tuple[Author, datetime]]:
    for row in batch.posts:
        yield row.author, row.created_at
        if row.editor is not None:
            yield row.editor, row.edited_at or row.created_at
        story = batch.stories[row.id]
        for version in story.versions:
            yield version.editor, version.created_at
        for mark in (story.closed, story.locked, story.removed):
            if mark is not None and mark.by is not None:
                yield mark.by, mark.at


def _place(db: Session, run: Run, batch: _Batch, people: dict[Author, int]) -> list[Placed]:
    """Give every post its id of ours and that of its question, and see which were accepted."""
    ordered = sorted(batch.posts, key=lambda row: row.id)
    ids = bulk.reserve(db, Post, len(ordered))
    local = {row.id: local_id for row, local_id in zip(ordered, ids, strict=True)}
    local_questions = {row.id: local[row.id] for row in ordered if row.is_question}
    elsewhere = {row.parent for row in ordered if row.parent is not None} - local_questions.keys()
    local_questions |= run.posts.find_numbers(db, elsewhere)
    placed = []
    for row in ordered:
        votes = batch.votes.get(row.id, VoteSums())
        placed.append(
            Placed(
                row=row,
                story=batch.stories[row.id],
                votes=votes,
                is_duplicate=row.id in batch.duplicates,
                local_id=local[row.id],
                question_id=local[row.id] if row.is_question else local_questions[row.parent or 0],
                people=people,
            )
        )
        if row.author is None:
            run.count("Posts", ADAPTED, "nobody is named as its author")
    return placed


def _write_tags(db: Session, run: Run, questions: Sequence[Placed]) -> None:
    ids = tags.ensure(db, run, (name for post in questions for name in post.row.tags))
    rows: list[dict[str, Any]] = []
    for post in questions:
        own = dict.fromkeys(ids[name] for name in post.row.tags if name in ids)
        rows += [
            {"question_id": post.local_id, "tag_id": tag_id, "position": position}
            for position, tag_id in enumerate(own)
        ]
        if len(own) > TAGS_AT_MOST:
            run.count("Posts", ADAPTED, "it has more than five tags, which were kept")
        if any(tag_name(name) != name for name in post.row.tags):
            run.count("Posts", ADAPTED, "a tag was spelled as ours are")
    bulk.insert(db, QuestionTag, rows)


def _expect_accepted(db: Session, run: Run, questions: Sequence[Placed]) -> None:
    """Remember which answers were accepted: they may come later, or never, or be another question's."""
    expected = {
        accepting.expectation(post.row.accepted, by=post.local_id): post.local_id
        for post in questions
        if post.row.accepted is not None
    }
    run.accepted.keep(db, expected)
