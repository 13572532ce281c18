"""Nobody learns of what they may not see: not by results, counts, facets, suggestions, corrections or likeness.

The words and the tag of each secret stand nowhere else, so whatever any way of finding says of them, in a new
or a stale index, is a leak. Each is compared with what the same question says of words that never were.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlmodel import Session

from app.domain import answers, comments, drafts, escalations, questions, search, suggestions
from app.domain.search import SearchIndex
from app.models import Question, User
from tests.factories.escalations import open_case

CatchUp = Callable[[Session], None]
SECRET, TITLE = "zanzibarium", "Zanzibarium printer zanzibarium leaks everywhere"
NEVER, NEVER_TITLE = "xylomorphine", "Xylomorphine printer xylomorphine leaks everywhere"


@dataclass
class Forum:
    """What the ways of hiding need."""

    db: Session
    ask: Callable[..., Question]
    open: Question
    members: dict[str, User]
    now: datetime

    def two(self) -> list[Question]:
        """Ask two questions with the secret in title, body and tags: one alone is no suggestion."""
        return [self.ask(f"{TITLE} {number}", f"Body with {SECRET}.", tags=SECRET) for number in "12"]


def hidden_by_staff(forum: Forum) -> Callable[[], object]:
    asked, moderator = forum.two(), forum.members["moderator"]

    def hide() -> None:
        for one in asked:
            questions.remove(forum.db, question=one, by=moderator, reason="Private", now=forum.now)

    return hide


def deleted_by_author(forum: Forum) -> Callable[[], object]:
    asked = forum.two()

    def delete() -> None:
        for one in asked:
            questions.remove(forum.db, question=one, by=forum.members["asker"], now=forum.now)

    return delete


def answer_hidden(forum: Forum) -> Callable[[], object]:
    body = f"The {SECRET} is at fault, replace the {SECRET}."
    answer = answers.post(
        forum.db, question=forum.open, author=forum.members["answerer"], body=body, now=forum.now
    )
    moderator = forum.members["moderator"]
    return lambda: answers.remove(forum.db, answer=answer, by=moderator, reason="Private", now=forum.now)


def comment_deleted(forum: Forum) -> Callable[[], object]:
    author, body = forum.members["answerer"], f"Have you looked at the {SECRET} yet?"
    comment = comments.post(forum.db, post=forum.open, author=author, body=body, now=forum.now)
    return lambda: comments.remove(forum.db, comment=comment, by=author, now=forum.now)


def edited_away(forum: Forum) -> Callable[[], object]:
    asked = forum.two()

    def edit() -> None:
        for number, one in enumerate(asked):
            questions.edit(
                forum.db, question=one, by=forum.members["asker"], base=one.revision,
                title=f"Nothing to see here, number {number}", body="There was something, and now it is gone.",
                tags="printing", product_id=None, environment={}, summary="", now=forum.now,
            )  # fmt: skip

    return edit


def note_of_staff(forum: Forum) -> Callable[[], object]:
    case = open_case(forum.db, question=forum.open, now=forum.now)

    def note() -> None:
        body = f"Internal: the {SECRET} is to be recalled."
        escalations.add_note(forum.db, escalation=case, body=body, by=forum.members["agent"], now=forum.now)

    return note


def draft(forum: Forum) -> Callable[[], object]:
    fields = {"title": TITLE, "body": f"Body with {SECRET}.", "tags": SECRET}
    author = forum.members["asker"]
    return lambda: drafts.keep(forum.db, author=author, key="ask", fields=fields, now=forum.now)


def suggested_edit(forum: Forum) -> Callable[[], object]:
    def suggest() -> None:
        suggestions.suggest_for_question(
            forum.db, question=forum.open, by=forum.members["answerer"], base=forum.open.revision, title=TITLE,
            body=f"Body with {SECRET}, suggested.", tags=SECRET, environment={}, summary="Better", now=forum.now,
        )  # fmt: skip

    return suggest


@pytest.mark.parametrize(
    "way",
    [hidden_by_staff, deleted_by_author, answer_hidden, comment_deleted, edited_away, note_of_staff, draft,
     suggested_edit],
)  # fmt: skip
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # what is told is decided above the database
def test_no_way_of_finding_tells_of_what_may_not_be_seen(
    db: Session, index: SearchIndex, ask: Callable[..., Question], asker: User, answerer: User, moderator: User,
    agent: User, catch_up: CatchUp, now: datetime, way: Callable[[Forum], Callable[[], object]],
) -> None:  # fmt: skip
    shown = ask("Printer prints blank pages since the update")
    members = {"asker": asker, "answerer": answerer, "moderator": moderator, "agent": agent}
    hide = way(Forum(db, ask, shown, members, now))
    catch_up(db)
    hide()
    for _round in ("the index still has it", "the index has followed"):
        db.expire_all()
        told, expected = (
            _told(db, index, shown, SECRET, TITLE, now),
            _told(db, index, shown, NEVER, NEVER_TITLE, now),
        )
        assert told == expected
        catch_up(db)
    search.rebuild(db.get_bind(), index)
    assert _told(db, index, shown, SECRET, TITLE, now) == expected


def _told(
    db: Session, index: SearchIndex, shown: Question, word: str, title: str, now: datetime
) -> dict[str, Any]:
    """Return all that can be learnt by a word and a title, with the word itself blotted out."""
    told: dict[str, Any] = {}
    slip = word[:-2] + word[-1] + word[-2]
    for text in (
        word,
        slip,
        f"tag:{word}",
        f"tag:{slip}",
        f'"printer {word}"',
        f"printer {word}",
        f"-{word} printer",
    ):
        found = search.search(db, index, text=text, now=now, ranked=50)
        told[text.replace(word, "*").replace(slip, "+")] = (
            [row.question.id for row in found.page.rows],
            [row.passage_html for row in found.page.rows],
            found.page.total,
            found.counts,
            found.did_you_mean,
            found.is_partial,
            [remark.replace(word, "*").replace(slip, "+") for remark in found.remarks],
            found.ranking,
        )
    typed = [search.suggest(db, index, text=text) for text in (word[:5], f"printer {word[:4]}", word)]
    told["typed"] = [(list(one.questions), list(one.products), list(one.tags)) for one in typed]
    alike = search.similar(db, index, title=title), search.similar(db, index, title=title, body=word)
    told["similar"] = [[one.question.id for one in found] for found in alike]
    told["related"] = [one.id for one in search.related(db, index, shown)]
    told["duplicates"] = [one.id for one in search.likely_duplicates(db, index, shown)]
    return told
