"""How rows of our tables read in the files of a dump: what every visitor can see, and no more.

A text that stands there word for word is left out of the table's own line; `said` names the columns
and the attributes that hold them, `key` finds the line's row again.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, and_, func, select
from sqlalchemy.sql.selectable import FromClause

from app.domain.exporting.rows import Attributes, at, said, tags

Tables = Mapping[str, Table]
IS_PUBLIC = "is_public"

_METALS = {"gold": 1, "silver": 2, "bronze": 3}
_FIRST, _CHANGED, _BROUGHT_BACK = (1, 2, 3), (4, 5, 6), (7, 8, 9)
_BODIES = ("2", "5", "8")
_TEXTS = ("title", "body", "tags")
PARTS = len(_TEXTS)
"""Of a revision in the history."""


@dataclass(frozen=True)
class Form:
    """A table's rows in one file: `rows` gives those of each row of `statement`, none if it isn't public."""

    file: str
    statement: Callable[[Tables], Select[Any]]
    rows: Callable[[Connection, Tables, Sequence[RowMapping]], Iterator[list[Attributes]]]
    key: Callable[[Mapping[str, str]], int | None]
    said: dict[str, str]

    def said_by(self, shown: Sequence[Attributes]) -> dict[str, str]:
        """Return the columns that the rows shown for a row of ours say word for word."""
        for attributes in shown:
            as_read = {name: said(str(value)) for name, value in attributes.items() if value is not None}
            if self.key(as_read) is not None:
                return {column: as_read.get(name, "") for column, name in self.said.items()}
        return {}


def _every(to_row: Callable[[RowMapping], Attributes | None]) -> Callable[..., Iterator[list[Attributes]]]:
    def rows(_: Connection, __: Tables, found: Sequence[RowMapping]) -> Iterator[list[Attributes]]:
        for row in found:
            attributes = to_row(row)
            yield [] if attributes is None else [attributes]

    return rows


def _id(row: Mapping[str, str]) -> int | None:
    return int(row["Id"])


def _id_of(kind: str) -> Callable[[Mapping[str, str]], int | None]:
    return lambda row: int(row["Id"]) if row["PostTypeId"] == kind else None


def post_is_public(t: Tables, post_id: ColumnElement[Any]) -> tuple[FromClause, ColumnElement[bool]]:
    """Return what has to be joined to know whether a visitor sees a post, and the condition."""
    post, question, answer = t["post"].alias("p"), t["question"].alias("q"), t["answer"].alias("a")
    thread = func.coalesce(post.c.parent_id, post.c.id)
    joined = post_id.table.join(post, post.c.id == post_id)
    joined = joined.join(question, question.c.id == thread).outerjoin(answer, answer.c.id == post.c.id)
    return joined, and_(question.c.removed_at.is_(None), answer.c.removed_at.is_(None))


def _users(t: Tables) -> Select[Any]:
    return select(t["users"])


def _user(row: RowMapping) -> Attributes:
    return {
        "Id": row["id"],
        "Reputation": row["reputation"],
        "CreationDate": at(row["created_at"]),
        "DisplayName": row["display_name"],
        "LastAccessDate": at(row["created_at"]),  # when they were here last is not public
        "Location": row["location"] or None,
        "AboutMe": row["about_html"] or None,
        "Views": 0,
        "UpVotes": 0,  # nor is how often they voted
        "DownVotes": 0,
        "AccountId": row["id"],
    }


def _questions(t: Tables) -> Select[Any]:
    question, answer = t["question"], t["answer"]
    shown = select(answer.c.id).where(
        answer.c.id == question.c.accepted_answer_id, answer.c.removed_at.is_(None)
    )
    return select(question, question.c.removed_at.is_(None).label(IS_PUBLIC), shown.label("accepted_shown"))


def _question_rows(
    connection: Connection, t: Tables, found: Sequence[RowMapping]
) -> Iterator[list[Attributes]]:
    names = _tags_between(connection, t, found[0]["id"], found[-1]["id"])
    for row in found:
        yield [_question(row, names.get(row["id"], []))] if row[IS_PUBLIC] else []


def _question(row: RowMapping, names: Sequence[str]) -> Attributes:
    return {
        "Id": row["id"],
        "PostTypeId": 1,
        "AcceptedAnswerId": row["accepted_shown"],
        "CreationDate": at(row["created_at"]),
        "Score": row["score"],
        "ViewCount": row["view_count"],
        "Body": row["body_html"],
        "OwnerUserId": row["author_id"],
        **_edited(row),
        "LastActivityDate": at(row["last_activity_at"]),
        "Title": row["title"],
        "Tags": tags(names),
        "AnswerCount": row["answer_count"],
        "CommentCount": row["comment_count"],
        "ClosedDate": at(row["closed_at"]),
    }


def _answers(t: Tables) -> Select[Any]:
    answer, question = t["answer"], t["question"]
    shown = and_(answer.c.removed_at.is_(None), question.c.removed_at.is_(None))
    joined = answer.join(question, question.c.id == answer.c.question_id)
    return select(answer, shown.label(IS_PUBLIC)).select_from(joined)


def _answer(row: RowMapping) -> Attributes | None:
    if not row[IS_PUBLIC]:
        return None
    return {
        "Id": row["id"],
        "PostTypeId": 2,
        "ParentId": row["question_id"],
        "CreationDate": at(row["created_at"]),
        "Score": row["score"],
        "Body": row["body_html"],
        "OwnerUserId": row["author_id"],
        **_edited(row),
        "LastActivityDate": at(row["edited_at"] or row["created_at"]),
        "CommentCount": row["comment_count"],
    }


def _edited(row: RowMapping) -> Attributes:
    return {"LastEditorUserId": row["edited_by_id"], "LastEditDate": at(row["edited_at"])}


def _comments(t: Tables) -> Select[Any]:
    comment = t["comment"]
    joined, shown = post_is_public(t, comment.c.post_id)
    is_public = and_(comment.c.removed_at.is_(None), shown)
    return select(comment, is_public.label(IS_PUBLIC)).select_from(joined)


def _comment(row: RowMapping) -> Attributes | None:
    if not row[IS_PUBLIC]:
        return None
    return {
        "Id": row["id"],
        "PostId": row["post_id"],
        "Score": row["score"],
        "Text": row["body"],
        "CreationDate": at(row["created_at"]),
        "UserId": row["author_id"],
    }


def _revisions(t: Tables) -> Select[Any]:
    revision = t["revision"]
    joined, shown = post_is_public(t, revision.c.post_id)
    before = revision.alias("before")
    is_before = and_(before.c.post_id == revision.c.post_id, before.c.number == revision.c.number - 1)
    texts = [before.c[name].label(f"{name}_before") for name in _TEXTS]
    return select(revision, shown.label(IS_PUBLIC), *texts).select_from(joined.outerjoin(before, is_before))


def _revision_rows(_: Connection, __: Tables, found: Sequence[RowMapping]) -> Iterator[list[Attributes]]:
    for row in found:
        yield list(_revision(row)) if row[IS_PUBLIC] else []


def _revision(row: RowMapping) -> Iterator[Attributes]:
    """Yield a row for each text that is not as it was before; for the body also when nothing else changed."""
    kinds = _FIRST if row["number"] == 1 else _BROUGHT_BACK if row["restores"] else _CHANGED
    changed = [name for name in _TEXTS if row[name] is not None and row[name] != row[f"{name}_before"]]
    for part, (name, kind) in enumerate(zip(_TEXTS, kinds, strict=True)):
        if name in (changed or ("body",)):
            text = row[name]
            yield {
                "Id": row["id"] * PARTS + part,
                "PostHistoryTypeId": kind,
                "PostId": row["post_id"],
                "RevisionGUID": str(UUID(int=row["id"])),
                "CreationDate": at(row["created_at"]),
                "UserId": row["editor_id"],
                "Comment": row["summary"] or None,
                "Text": tags(text) if name == "tags" else text,
            }


def _revision_key(row: Mapping[str, str]) -> int | None:
    return UUID(row["RevisionGUID"]).int if row["PostHistoryTypeId"] in _BODIES else None


def _tags(t: Tables) -> Select[Any]:
    tag, post = t["tag"], t["post"]
    behind = select(func.coalesce(func.max(post.c.id), 0)).scalar_subquery()
    return select(tag, (behind + tag.c.id).label("excerpt_id"))


def _tag(row: RowMapping) -> Attributes | None:
    if row["synonym_of_id"] is not None:
        return None
    return {
        "Id": row["id"],
        "TagName": row["name"],
        "Count": row["question_count"],
        "ExcerptPostId": row["excerpt_id"] if row["description"] else None,
    }


def excerpt(row: RowMapping) -> Attributes:
    """Return a tag's description as the post that a dump keeps it in; its id is one that no post has."""
    return {
        "Id": row["excerpt_id"],
        "PostTypeId": 4,
        "CreationDate": at(row["created_at"]),
        "Score": 0,
        "Body": f"<p>{html.escape(row['description'], quote=False)}</p>",
        "LastActivityDate": at(row["created_at"]),
        "CommentCount": 0,
    }


def _badges(t: Tables) -> Select[Any]:
    return select(t["badge_award"])


def _badge(row: RowMapping) -> Attributes:
    return {
        "Id": row["id"],
        "UserId": row["user_id"],
        "Name": row["name"],
        "Date": at(row["awarded_at"]),
        "Class": _METALS[row["metal"]],
        "TagBased": "False",
    }


def _tags_between(connection: Connection, t: Tables, first: int, last: int) -> dict[int, list[str]]:
    link, tag = t["question_tag"], t["tag"]
    statement = (
        select(link.c.question_id, tag.c.name)
        .join(tag, tag.c.id == link.c.tag_id)
        .where(link.c.question_id.between(first, last))
        .order_by(link.c.question_id, link.c.position, tag.c.id)
    )
    by_question = groupby(connection.execute(statement), key=itemgetter(0))
    return {question_id: [name for _, name in rows] for question_id, rows in by_question}


FORMS = {
    "users": Form(
        "Users",
        _users,
        _every(_user),
        _id,
        {"display_name": "DisplayName", "location": "Location", "about_html": "AboutMe"},
    ),
    "question": Form(
        "Posts", _questions, _question_rows, _id_of("1"), {"title": "Title", "body_html": "Body"}
    ),
    "answer": Form("Posts", _answers, _every(_answer), _id_of("2"), {"body_html": "Body"}),
    "comment": Form("Comments", _comments, _every(_comment), _id, {"body": "Text"}),
    "revision": Form("PostHistory", _revisions, _revision_rows, _revision_key, {"body": "Text"}),
    "tag": Form("Tags", _tags, _every(_tag), _id, {"name": "TagName"}),
    "badge_award": Form("Badges", _badges, _every(_badge), _id, {"name": "Name"}),
}
"""By table. Questions stand before answers in Posts.xml: readers know the question of each answer."""
