"""Turn pieces of Posts.xml into typed rows, and say what of them is not kept. See reading.py for the other files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from app.core import markdown
from app.core.text import clean_text
from app.domain.importing.source import dump
from app.domain.importing.source.rows import (
    NO_DATE,
    NO_ID,
    ExcerptRow,
    Parsed,
    PostRow,
    author_of,
    id_number,
    instant,
    number,
)
from app.domain.importing.source.texts import TITLE_LENGTH, cut, split_tags
from app.domain.importing.source.unread import unread

POST_TYPES = {
    "3": "it is an orphaned wiki (PostTypeId 3)",
    "5": "it is a tag's wiki (PostTypeId 5)",
    "6": "it is a moderator's nomination (PostTypeId 6)",
    "7": "it is a wiki placeholder (PostTypeId 7)",
    "8": "it is a privilege's wiki (PostTypeId 8)",
}
_RUNS = re.compile(r"<(?:script|style|iframe|object|embed|svg|math|form|video|audio)\b", re.IGNORECASE)


def read_posts(piece: dump.Piece, *, to_markdown: bool) -> Parsed[PostRow | ExcerptRow]:
    """Return the questions, answers and tag descriptions of a piece; `to_markdown` when no history has the sources."""
    rows = dump.rows(piece)
    parsed = Parsed[PostRow | ExcerptRow](adapted=unread("Posts", rows))
    for row in rows:
        kind = row.get("PostTypeId", "")
        row_id, created_at = id_number(row.get("Id")), instant(row.get("CreationDate"))
        if row_id is None:
            parsed.left_out[NO_ID] += 1
        elif kind in ("1", "2") and created_at is None:
            parsed.left_out[NO_DATE] += 1
        elif kind in ("1", "2") and created_at is not None:
            post = _post(row, row_id, created_at, parsed, to_markdown=to_markdown)
            parsed.rows.append(post)
            parsed.adapted.update(_changes(row, post))
        elif kind == "4":
            parsed.rows.append(
                ExcerptRow(row_id, markdown.plain_text(markdown.sanitise_html(row.get("Body", ""))))
            )
        else:
            reason = POST_TYPES.get(kind, f"its PostTypeId is unknown ({kind[:10] or 'missing'})")
            parsed.left_out[reason] += 1
    return parsed


def _post(
    row: dict[str, str],
    row_id: int,
    created_at: datetime,
    parsed: Parsed[PostRow | ExcerptRow],
    *,
    to_markdown: bool,
) -> PostRow:
    is_question = row["PostTypeId"] == "1"
    body = row.get("Body", "")
    html = markdown.sanitise_html(body)
    return PostRow(
        id=row_id,
        is_question=is_question,
        parent=id_number(row.get("ParentId")),
        accepted=id_number(row.get("AcceptedAnswerId")),
        author=author_of(row, "OwnerUserId", "OwnerDisplayName"),
        created_at=created_at,
        edited_at=instant(row.get("LastEditDate")),
        editor=author_of(row, "LastEditorUserId", "LastEditorDisplayName"),
        active_at=instant(row.get("LastActivityDate")),
        score=number(row.get("Score")) or 0,
        views=max(number(row.get("ViewCount")) or 0, 0),
        title=_title(row, html, parsed) if is_question else "",
        tags=split_tags(row.get("Tags", "")) if is_question else (),
        body=markdown.html_to_markdown(body) if to_markdown else None,
        html=html,
        answer_count=max(number(row.get("AnswerCount")) or 0, 0),
        comment_count=max(number(row.get("CommentCount")) or 0, 0),
        closed_at=instant(row.get("ClosedDate")),
    )


def _title(row: dict[str, str], html: str, parsed: Parsed[PostRow | ExcerptRow]) -> str:
    title = " ".join(clean_text(row.get("Title", "")).split())
    if not title:
        parsed.adapted["it has no title: its first words were taken"] += 1
        return markdown.excerpt(html, 80) or "Untitled"
    if len(title) > TITLE_LENGTH:
        parsed.adapted["its title was cut to 300 characters"] += 1
    return cut(title, TITLE_LENGTH)


def _changes(row: dict[str, str], post: PostRow) -> Iterator[str]:
    """Yield, for the report, what the post told and is not kept."""
    body = row.get("Body", "")
    if body != post.html and body.count("<img") > post.html.count("<img"):
        yield "its images became links"
    if body != post.html and _RUNS.search(body):
        yield "what runs or loads was taken out of its HTML"
    for name in ("Score", "ViewCount"):
        if row.get(name) and number(row[name]) is None:
            yield f"its {name} is no number that can be kept"
    if not post.is_question and post.active_at not in (None, post.created_at, post.edited_at):
        yield "it is an answer, whose LastActivityDate was not kept"
