"""Turn pieces of files into typed rows, with all HTML made safe: the part (with reading_posts.py) that helpers run."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from app.core import markdown
from app.core.text import clean_text
from app.domain.importing.source import dump
from app.domain.importing.source.crew import count_bytes
from app.domain.importing.source.rows import (
    NO_DATE,
    NO_ID,
    BadgeRow,
    CommentRow,
    HistoryRow,
    LinkRow,
    Parsed,
    TagRow,
    UserRow,
    author_of,
    id_number,
    instant,
    number,
)
from app.domain.importing.source.texts import (
    ABOUT_LENGTH,
    BADGE_LENGTH,
    COMMENT_LENGTH,
    LOCATION_LENGTH,
    comment_html,
    cut,
)
from app.domain.importing.source.unread import unread

METALS = {"1": "gold", "2": "silver", "3": "bronze"}
LINKS = {"1": "linked", "3": "duplicate"}

_MD5 = re.compile("[0-9a-f]{32}")


@dataclass
class Votes:
    """The votes of a piece: how many of each type on each post, and who marked what as a favourite."""

    counts: Counter[tuple[int, str]] = field(default_factory=Counter)
    accepted_on: dict[int, str] = field(default_factory=dict)
    favourites: list[tuple[int, str, datetime]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    adapted: Counter[str] = field(default_factory=Counter)


def check_file(named: tuple[str, Path]) -> dump.Checked:
    """Check one file of a dump."""
    name, path = named
    return dump.check(name, path, on_bytes=count_bytes)


def read_users(piece: dump.Piece) -> Parsed[UserRow]:
    """Return the accounts of a piece."""
    rows = dump.rows(piece)
    parsed = Parsed[UserRow](adapted=unread("Users", rows))
    for row in rows:
        created_at = instant(row.get("CreationDate"))
        if not row.get("Id") or len(row["Id"]) > 20:
            parsed.left_out[NO_ID] += 1
            continue
        if created_at is None:
            parsed.left_out[NO_DATE] += 1
            continue
        about_html = markdown.sanitise_html(row["AboutMe"]) if row.get("AboutMe") else ""
        about = markdown.html_to_markdown(row["AboutMe"]) if about_html else ""
        if len(about) > ABOUT_LENGTH:
            parsed.adapted["the source of the text about them was cut to 3,000 characters"] += 1
        location = clean_text(row.get("Location", ""))
        if len(location) > LOCATION_LENGTH:
            parsed.adapted["its location was cut to 100 characters"] += 1
        email_hash = row.get("EmailHash", "").lower()
        if email_hash and not _MD5.fullmatch(email_hash):
            parsed.adapted["its EmailHash is none, and was not kept"] += 1
        parsed.rows.append(
            UserRow(
                id=row["Id"],
                name=row.get("DisplayName", ""),
                reputation=max(number(row.get("Reputation")) or 1, 1),
                created_at=created_at,
                seen_at=instant(row.get("LastAccessDate")),
                location=cut(location, LOCATION_LENGTH),
                about=cut(about, ABOUT_LENGTH),
                about_html=about_html,
                email_hash=email_hash if _MD5.fullmatch(email_hash) else None,
            )
        )
    return parsed


def read_comments(piece: dump.Piece) -> Parsed[CommentRow]:
    """Return the comments of a piece."""
    rows = dump.rows(piece)
    parsed = Parsed[CommentRow](adapted=unread("Comments", rows))
    for row in rows:
        row_id, post = id_number(row.get("Id")), id_number(row.get("PostId"))
        created_at = instant(row.get("CreationDate"))
        if row_id is None or post is None:
            parsed.left_out[NO_ID] += 1
        elif created_at is None:
            parsed.left_out[NO_DATE] += 1
        else:
            text = clean_text(row.get("Text", ""))
            if len(text) > COMMENT_LENGTH:
                parsed.adapted["it was cut to 1,500 characters"] += 1
                text = cut(text, COMMENT_LENGTH)
            score = number(row.get("Score")) or 0
            author = author_of(row, "UserId", "UserDisplayName")
            parsed.rows.append(CommentRow(row_id, post, author, score, text, comment_html(text), created_at))
    return parsed


def read_votes(piece: dump.Piece) -> Votes:
    """Return the votes of a piece, added up."""
    rows = dump.rows(piece)
    votes = Votes(adapted=unread("Votes", rows))
    counts = votes.counts
    for row in rows:
        post, kind = id_number(row.get("PostId")), row.get("VoteTypeId", "")
        if post is None:
            votes.left_out["it names no post"] += 1
            continue
        counts[post, kind] += 1
        if kind == "1":
            votes.accepted_on[post] = row.get("CreationDate", "")
        elif kind == "5" and row.get("UserId"):
            at = instant(row.get("CreationDate"))
            if at is not None:
                votes.favourites.append((post, row["UserId"], at))
    return votes


def read_history(piece: dump.Piece) -> Parsed[HistoryRow]:
    """Return the history of posts in a piece."""
    rows = dump.rows(piece)
    parsed = Parsed[HistoryRow](adapted=unread("PostHistory", rows))
    for row in rows:
        post, kind = id_number(row.get("PostId")), number(row.get("PostHistoryTypeId"))
        at = row.get("CreationDate", "")
        if post is None or kind is None:
            parsed.left_out[NO_ID] += 1
        elif instant(at) is None:
            parsed.left_out[NO_DATE] += 1
        else:
            group = row.get("RevisionGUID") or f"{at} {row.get('UserId', '')}"
            parsed.rows.append(
                HistoryRow(
                    post=post,
                    id=id_number(row.get("Id")) or 0,
                    kind=kind,
                    group=group,
                    at=at,
                    user=row.get("UserId"),
                    name=row.get("UserDisplayName"),
                    comment=clean_text(row.get("Comment", "")),
                    text=clean_text(row.get("Text", "")),
                )
            )
    return parsed


def read_links(piece: dump.Piece) -> Parsed[LinkRow]:
    """Return the links between posts in a piece."""
    rows = dump.rows(piece)
    parsed = Parsed[LinkRow](adapted=unread("PostLinks", rows))
    for row in rows:
        post, related = id_number(row.get("PostId")), id_number(row.get("RelatedPostId"))
        kind, created_at = row.get("LinkTypeId", ""), instant(row.get("CreationDate"))
        if post is None or related is None:
            parsed.left_out[NO_ID] += 1
        elif created_at is None:
            parsed.left_out[NO_DATE] += 1
        elif kind not in LINKS:
            parsed.left_out[f"its LinkTypeId is unknown ({kind[:10] or 'missing'})"] += 1
        else:
            parsed.rows.append(LinkRow(post, related, LINKS[kind], created_at))
    return parsed


def read_badges(piece: dump.Piece) -> Parsed[BadgeRow]:
    """Return the badges of a piece; dumps of old do not tell their metal."""
    rows = dump.rows(piece)
    parsed = Parsed[BadgeRow](adapted=unread("Badges", rows))
    for row in rows:
        awarded_at, name = instant(row.get("Date")), clean_text(row.get("Name", "")).strip()
        if not row.get("UserId") or not name:
            parsed.left_out["it names no member or no badge"] += 1
        elif awarded_at is None:
            parsed.left_out[NO_DATE] += 1
        else:
            if len(name) > BADGE_LENGTH:
                parsed.adapted["its name was cut to 60 characters"] += 1
            metal = METALS.get(row.get("Class", "3"), "bronze")
            parsed.rows.append(BadgeRow(row["UserId"], cut(name, BADGE_LENGTH), metal, awarded_at))
    return parsed


def read_tags(piece: dump.Piece) -> Parsed[TagRow]:
    """Return the tags of a piece."""
    rows = dump.rows(piece)
    parsed = Parsed[TagRow](adapted=unread("Tags", rows))
    for row in rows:
        if row.get("TagName", "").strip():
            parsed.rows.append(TagRow(row["TagName"].strip(), id_number(row.get("ExcerptPostId"))))
        else:
            parsed.left_out["it has no name"] += 1
    return parsed
