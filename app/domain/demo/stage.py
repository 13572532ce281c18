"""The sample community while it grows: each act of the schedule is one call of a real service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from app.domain import answers, comments, me_too, moderation, questions, suggestions, votes
from app.domain.demo.crowd import Crowd
from app.domain.demo.schedule import (
    Accept,
    Act,
    CastVote,
    Close,
    Delete,
    Hide,
    Lock,
    SayMeToo,
    Spot,
    Suggest,
)
from app.domain.demo.script import AnswerText, Edit, Person, Pointer, QuestionText, Remark
from app.models import Answer, Comment, Question


class Stage:
    """What has been posted so far, and how each kind of act is done."""

    def __init__(self, db: Session, *, crowd: Crowd, product_ids: dict[str, int]) -> None:
        self._db = db
        self._crowd = crowd
        self._product_ids = product_ids
        self._posts: dict[Spot, Question | Answer] = {}
        self._comments: dict[Spot, Comment] = {}
        self._ways: dict[type, Callable[[Any, Any, datetime], None]] = {
            Person: self._join,
            QuestionText: self._ask,
            AnswerText: self._answer,
            Remark: self._comment,
            Edit: self._edit,
            Suggest: self._suggest,
            Pointer: self._flag,
            Accept: self._accept,
            CastVote: self._vote,
            SayMeToo: self._say_me_too,
            Close: self._close,
            Lock: self._lock,
            Hide: self._hide,
            Delete: self._delete,
        }

    def perform(self, act: Act) -> None:
        """Do the act as of its instant."""
        self._ways[type(act.deed)](act.deed, act.spot, act.at)

    def question_id(self, key: str) -> int:
        """Return the id that the script's question got."""
        return self._posts[Spot(key)].id

    def question(self, key: str) -> Question:
        """Return the script's question."""
        return self._question(Spot(key))

    def _join(self, person: Person, _spot: None, now: datetime) -> None:
        self._crowd.join(person, now=now)

    def _ask(self, text: QuestionText, spot: Spot, now: datetime) -> None:
        self._posts[spot] = questions.ask(
            self._db,
            author=self._crowd.named(text.by),
            title=text.title,
            body=text.body.strip(),
            tags=" ".join(text.tags),
            product_id=self._product_ids[text.product],
            environment=text.env,
            now=now,
        )

    def _answer(self, text: AnswerText, spot: Spot, now: datetime) -> None:
        author = self._crowd.named(text.by)
        question = self._question(spot)
        answer = answers.post(self._db, question=question, author=author, body=text.body.strip(), now=now)
        if text.official:
            answers.make_official(self._db, answer=answer, by=author, official=True, now=now)
        self._posts[spot] = answer

    def _comment(self, remark: Remark, spot: Spot, now: datetime) -> None:
        author = self._crowd.named(remark.by)
        post = self._posts[replace(spot, comment=None)]
        self._comments[spot] = comments.post(self._db, post=post, author=author, body=remark.body, now=now)

    def _edit(self, change: Edit, spot: Spot, now: datetime) -> None:
        post = self._posts[spot]
        body = _rewritten(post, change)
        if isinstance(post, Question):
            self._edit_question(post, change, body=body, now=now)
        else:
            answers.edit(
                self._db,
                answer=post,
                by=self._crowd.named(change.by),
                base=post.revision,
                body=body,
                summary=change.summary,
                now=now,
            )

    def _edit_question(self, question: Question, change: Edit, *, body: str, now: datetime) -> None:
        questions.edit(
            self._db,
            question=question,
            by=self._crowd.named(change.by),
            base=question.revision,
            title=change.title or question.title,
            body=body,
            tags=" ".join(change.tags or questions.tag_names(self._db, question.id)),
            product_id=question.product_id,
            environment=questions.environment_of(self._db, question.id),
            summary=change.summary,
            now=now,
        )

    def _suggest(self, deed: Suggest, spot: Spot, now: datetime) -> None:
        post, change = self._posts[spot], deed.edit
        by, body = self._crowd.named(change.by), _rewritten(post, change)
        if isinstance(post, Question):
            suggestions.suggest_for_question(
                self._db,
                question=post,
                by=by,
                base=post.revision,
                title=change.title or post.title,
                body=body,
                tags=" ".join(change.tags or questions.tag_names(self._db, post.id)),
                environment=questions.environment_of(self._db, post.id),
                summary=change.summary,
                now=now,
            )
        else:
            suggestions.suggest_for_answer(
                self._db,
                answer=post,
                by=by,
                base=post.revision,
                body=body,
                summary=change.summary,
                now=now,
            )

    def _flag(self, pointer: Pointer, spot: Spot, now: datetime) -> None:
        moderation.flag(
            self._db,
            subject=self._posts[spot] if spot.comment is None else self._comments[spot],
            by=self._crowd.named(pointer.by),
            reason=pointer.reason,
            note=pointer.note,
            now=now,
        )

    def _accept(self, deed: Accept, spot: Spot, now: datetime) -> None:
        answers.accept(self._db, answer=self._answer_at(spot), by=self._crowd.named(deed.by), now=now)

    def _vote(self, deed: CastVote, spot: Spot, now: datetime) -> None:
        post, question = self._posts[spot], self._question(spot)
        voter = self._crowd.voter(post, question, up=deed.up)
        if voter is not None:
            votes.cast(self._db, post=post, by=voter, value=1 if deed.up else -1, now=now)

    def _say_me_too(self, _deed: SayMeToo, spot: Spot, now: datetime) -> None:
        question = self._question(spot)
        sufferer = self._crowd.sufferer(question)
        if sufferer is not None:
            me_too.add(self._db, question=question, by=sufferer, now=now)

    def _close(self, deed: Close, spot: Spot, now: datetime) -> None:
        ending, question = deed.ending, self._question(spot)
        by = self._crowd.named(ending.by)
        original = self._question(Spot(ending.of)) if ending.of else None
        if ending.note:
            comments.post(self._db, post=question, author=by, body=ending.note, now=now)
        questions.close(self._db, question=question, by=by, reason=ending.reason, original=original, now=now)

    def _lock(self, deed: Lock, spot: Spot, now: datetime) -> None:
        by = self._crowd.named(deed.ending.by)
        comments.post(self._db, post=self._question(spot), author=by, body=deed.ending.note, now=now)
        questions.lock(self._db, question=self._question(spot), by=by, reason=deed.ending.note, now=now)

    def _hide(self, deed: Hide, spot: Spot, now: datetime) -> None:
        ending, post = deed.ending, self._posts[spot]
        by = self._crowd.named(ending.by)
        is_spam = ending.reason == "spam"
        reason = ending.note or ("Advertising." if is_spam else "Not an answer.")
        if isinstance(post, Question):
            questions.remove(self._db, question=post, by=by, reason=reason, as_spam=is_spam, now=now)
        else:
            answers.remove(self._db, answer=post, by=by, reason=reason, as_spam=is_spam, now=now)

    def _delete(self, deed: Delete, spot: Spot, now: datetime) -> None:
        post, by = self._posts[spot], self._crowd.named(deed.by)
        if isinstance(post, Question):
            questions.remove(self._db, question=post, by=by, now=now)
        else:
            answers.remove(self._db, answer=post, by=by, now=now)

    def _question(self, spot: Spot) -> Question:
        post = self._posts[Spot(spot.question)]
        if not isinstance(post, Question):
            raise TypeError(f"{spot} is no question")
        return post

    def _answer_at(self, spot: Spot) -> Answer:
        post = self._posts[spot]
        if not isinstance(post, Answer):
            raise TypeError(f"{spot} is no answer")
        return post


def _rewritten(post: Question | Answer, change: Edit) -> str:
    body = post.body
    for old, new in change.replace:
        if old not in body:
            raise ValueError(f"{old!r} is not in the post that it should change")
        body = body.replace(old, new)
    return body
