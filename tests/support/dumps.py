"""Small Stack Exchange dumps, written by tests, and pictures of what an import made of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.models import (
    Answer,
    BadgeAward,
    Comment,
    Follow,
    ImportCount,
    MovedIn,
    PostLink,
    Question,
    QuestionTag,
    ReputationEntry,
    Revision,
    Tag,
    User,
)

DAY = "2016-12-06T"
Row = dict[str, Any]


def write(folder: Path, **tables: Iterable[Row]) -> Path:
    """Write a dump as the real ones are: a byte order mark, CRLF, one row a line."""
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        lines = [
            f"  <row {' '.join(f'{key}={_quoted(value)}' for key, value in row.items())} />" for row in rows
        ]
        text = "\r\n".join(['<?xml version="1.0" encoding="utf-8"?>', f"<{name.lower()}>", *lines])
        (folder / f"{name}.xml").write_bytes(f"\ufeff{text}\r\n</{name.lower()}>".encode())
    return folder


def user(number: int, name: str = "", **more: Any) -> Row:
    """Return an account."""
    return {
        "Id": number,
        "Reputation": 101,
        "CreationDate": f"{DAY}08:00:00.000",
        "DisplayName": name or f"Member {number}",
        "LastAccessDate": "2017-01-10T18:14:34.730",
        **more,
    }


def question(number: int, *, owner: int | None = 1, **more: Any) -> Row:
    """Return a question, asked at 09:00 and `number` minutes."""
    at = f"{DAY}09:{number % 60:02}:00.500"
    row = {
        "Id": number,
        "PostTypeId": 1,
        "CreationDate": at,
        "Score": 0,
        "ViewCount": 10,
        "Body": f"<p>Body of {number}</p>\r\n",
        "LastActivityDate": at,
        "Title": f"Question {number}",
        "Tags": "<printer>",
        "AnswerCount": 0,
        "CommentCount": 0,
    }
    return {**row, **({"OwnerUserId": owner} if owner is not None else {}), **more}


def answer(number: int, parent: int, *, owner: int | None = 2, **more: Any) -> Row:
    """Return an answer, given at 10:00 and `number` minutes."""
    at = f"{DAY}10:{number % 60:02}:00.500"
    row = {
        "Id": number,
        "PostTypeId": 2,
        "ParentId": parent,
        "CreationDate": at,
        "Score": 0,
        "Body": f"<p>Body of {number}</p>",
        "LastActivityDate": at,
        "CommentCount": 0,
    }
    return {**row, **({"OwnerUserId": owner} if owner is not None else {}), **more}


def comment(number: int, post: int, text: str = "Have you tried again?", **more: Any) -> Row:
    """Return a comment by member 1."""
    at = f"{DAY}11:{number % 60:02}:00.000"
    return {"Id": number, "PostId": post, "Score": 0, "Text": text, "CreationDate": at, "UserId": 1, **more}


def vote(number: int, post: int, kind: int, **more: Any) -> Row:
    """Return a vote, which has a day and no time."""
    return {"Id": number, "PostId": post, "VoteTypeId": kind, "CreationDate": f"{DAY}00:00:00.000", **more}


def link(number: int, post: int, related: int, kind: int) -> Row:
    """Return a link; kind 3 makes `post` a duplicate of `related`."""
    at = f"{DAY}12:00:00.000"
    return {"Id": number, "CreationDate": at, "PostId": post, "RelatedPostId": related, "LinkTypeId": kind}


def history(number: int, post: int, kind: int, group: str, text: str = "", **more: Any) -> Row:
    """Return a line of history, written at 13:00 and `number` minutes by member 1."""
    at = f"{DAY}13:{number % 60:02}:00.000"
    row = {"Id": number, "PostHistoryTypeId": kind, "PostId": post, "RevisionGUID": group, "CreationDate": at}
    return {**row, "UserId": 1, "Text": text, **more}


def picture(db: Session) -> dict[str, Any]:
    """Return everything an import made, without the ids, which differ from run to run."""
    posts: dict[int, Question | Answer] = {row.id: row for row in db.exec(select(Question))}
    posts |= {row.id: row for row in db.exec(select(Answer))}
    names = dict(db.execute(select(User.id, User.handle)).all())
    tags = dict(db.execute(select(Tag.id, Tag.name)).all())
    marks = {number: f"{row.kind} {row.body_html} {row.created_at}" for number, row in posts.items()}
    return {
        "posts": sorted(
            (
                marks[row.id],
                names[row.author_id],
                *(row.score, row.up_count, row.down_count, row.comment_count, row.revision, row.body),
                *(
                    _of_question(row, marks)
                    if isinstance(row, Question)
                    else (marks[row.question_id], row.wilson)
                ),
            )
            for row in posts.values()
        ),
        "tags": sorted(
            (marks[row.question_id], row.position, tags[row.tag_id]) for row in db.exec(select(QuestionTag))
        ),
        "tag counts": sorted(db.execute(select(Tag.name, Tag.question_count, Tag.description))),
        "comments": sorted(
            (marks[row.post_id], marks[row.question_id], names[row.author_id], row.body, row.score)
            for row in db.exec(select(Comment))
        ),
        "revisions": sorted(
            (
                marks[row.post_id],
                row.number,
                row.body,
                str(row.tags),
                row.title or "",
                names[row.editor_id or 0],
            )
            for row in db.exec(select(Revision))
        ),
        "links": sorted(
            (marks[row.post_id], marks[row.related_id], row.kind) for row in db.exec(select(PostLink))
        ),
        "follows": sorted(
            (names[row.user_id], marks[row.question_id or 0]) for row in db.exec(select(Follow))
        ),
        "badges": sorted((names[row.user_id], row.name, row.metal) for row in db.exec(select(BadgeAward))),
        "ledger": sorted((names[row.user_id], row.points) for row in db.exec(select(ReputationEntry))),
        "source ids": sorted(db.execute(select(MovedIn.kind, MovedIn.source_id))),
        "report": sorted(
            db.execute(select(ImportCount.file, ImportCount.outcome, ImportCount.reason, ImportCount.number))
        ),
    }


def by_title(db: Session, title: str) -> Question:
    """Return a question by its title."""
    return db.exec(select(Question).where(Question.title == title)).one()


def count_of(db: Session, table: Any) -> int:
    """Return how many rows a table has."""
    return db.exec(select(func.count()).select_from(table)).one()


def everything(db: Session, table: Any) -> list[Any]:
    """Return all rows of a table as they are now."""
    return list(db.exec(select(table).execution_options(populate_existing=True)))


def answers_of(db: Session, question: Question) -> list[Answer]:
    """Return the answers of a question, oldest first."""
    return list(
        db.exec(select(Answer).where(Answer.question_id == question.id).order_by(col(Answer.created_at)))
    )


def _of_question(row: Question, marks: dict[int, str]) -> tuple[Any, ...]:
    accepted = marks[row.accepted_answer_id] if row.accepted_answer_id else ""
    original = marks[row.duplicate_of_id] if row.duplicate_of_id else ""
    return (
        row.title,
        row.answer_count,
        row.hot,
        accepted,
        str(row.accepted_at),
        original,
        row.close_reason or "",
        str(row.closed_at),
        str(row.last_activity_at),
    )


def _quoted(value: Any) -> str:
    return quoteattr(str(value), {"\r": "&#xD;", "\n": "&#xA;"})
