"""Calls about posts: asking, answering, commenting, voting, editing, flagging, following."""

from __future__ import annotations

from typing import Any

from app.domain import (
    answers,
    attachments,
    comments,
    drafts,
    follows,
    me_too,
    moderation,
    questions,
    suggestions,
    votes,
)
from app.domain.attachments import service as attaching
from app.models import Answer, Comment, Question, User
from tests.factories.attachments import make_attachment
from tests.factories.images import make_image
from tests.factories.products import make_product
from tests.factories.tags import make_tag
from tests.support.calls.scene import Calls, Scene

TITLE = "The scanner stops after one page"
BODY = "It says error 17 and goes dark, whatever I scan."
TEXT: dict[str, Any] = {"title": TITLE, "body": BODY, "tags": "scanner, new-tag"}
AGAIN: dict[str, Any] = {"base": 1, "body": f"{BODY} It is the same on mains.", "summary": "What I tried"}


def about(s: Scene) -> dict[str, Any]:
    """Return the product and environment of a question."""
    return {"product_id": make_product(s.db).id, "environment": {}}


def asked(s: Scene) -> Question:
    """Return a question that was asked by the service, so that it counts."""
    return questions.ask(s.db, author=s.member(), now=s.now, **TEXT, **about(s))


def answered(s: Scene) -> Answer:
    """Return an answer that was posted by the service."""
    return answers.post(s.db, question=asked(s), author=s.member(), body=BODY, now=s.now)


def commented(s: Scene) -> Comment:
    """Return a comment that was posted by the service."""
    return comments.post(s.db, post=asked(s), author=s.member(), body="Which firmware is it?", now=s.now)


def edited(s: Scene) -> Question:
    """Return a question of two revisions."""
    question = asked(s)
    product: dict[str, Any] = {"product_id": question.product_id, "environment": {}}
    changed = {"title": TITLE, "tags": "scanner, other", **AGAIN, **product}
    return questions.edit(s.db, question=question, by=s.admin(), now=s.now, **changed)


def _roll_back_answer(s: Scene) -> object:
    answer = answers.edit(s.db, answer=answered(s), by=s.admin(), now=s.now, **AGAIN)
    return answers.roll_back(s.db, answer=answer, by=s.admin(), to=1, base=2, now=s.now)


def _unaccept(s: Scene) -> object:
    answer = answered(s)
    question = s.db.get_one(Question, answer.question_id)
    asker = s.db.get_one(User, question.author_id)
    answers.accept(s.db, answer=answer, by=asker, now=s.now)
    return answers.unaccept(s.db, question=question, by=asker, now=s.now)


def _accept(s: Scene) -> object:
    answer = answered(s)
    question = s.db.get_one(Question, answer.question_id)
    return answers.accept(s.db, answer=answer, by=s.db.get_one(User, question.author_id), now=s.now)


def _restore(s: Scene, service: Any, name: str, thing: object) -> object:
    admin = s.admin()
    service.remove(s.db, **{name: thing}, by=admin, now=s.now, reason="Off the topic.")
    return service.restore(s.db, **{name: thing}, by=admin, now=s.now)


def _reopen(s: Scene) -> object:
    question, admin = asked(s), s.admin()
    questions.close(s.db, question=question, by=admin, reason="duplicate", original=asked(s), now=s.now)
    return questions.reopen(s.db, question=question, by=admin, now=s.now)


def _unlock(s: Scene) -> object:
    question, admin = asked(s), s.admin()
    questions.lock(s.db, question=question, by=admin, reason="Heated.", now=s.now)
    return questions.unlock(s.db, question=question, by=admin, now=s.now)


def _suggested(s: Scene) -> Any:
    by = s.member(reputation=100)
    parts: dict[str, Any] = {"title": TITLE, "tags": "scanner", "environment": {}}
    return suggestions.suggest_for_question(s.db, question=asked(s), by=by, now=s.now, **AGAIN, **parts)


def _withdraw(s: Scene) -> None:
    suggested = _suggested(s)
    suggestions.withdraw(s.db, suggestion=suggested, by=s.db.get_one(User, suggested.author_id))


def _decide(s: Scene) -> object:
    flag = moderation.flag(s.db, subject=answered(s), by=s.member(), reason="spam", now=s.now)
    return moderation.decide(
        s.db, flag=flag, by=s.admin(), helpful=True, act="hide", reason="Sold things.", now=s.now
    )


def _withdraw_me_too(s: Scene) -> object:
    question, member = asked(s), s.member()
    me_too.add(s.db, question=question, by=member, now=s.now)
    return me_too.withdraw(s.db, question=question, by=member, now=s.now)


def _unfollow(s: Scene) -> None:
    tag, member = make_tag(s.db), s.member()
    follows.follow(s.db, by=member, subject=tag, now=s.now)
    follows.unfollow(s.db, by=member, subject=tag)


def _upload(s: Scene) -> Any:
    return attachments.upload(
        s.db,
        files=s.files,
        author=s.member(),
        data=make_image(color="teal"),
        filename="a.png",
        max_bytes=10**6,
        now=s.now,
    )


def _purge_unused(s: Scene) -> object:
    make_attachment(s.db)
    return attachments.purge_unused(s.db, files=s.files, now=s.later)


def _remove_strays(s: Scene) -> object:
    folder = s.folder / "uploads" / "aa"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ("aa" * 32 + ".png")).write_bytes(b"of nobody")
    return attachments.remove_strays(s.db, files=s.files, now=s.later)


def _discard(s: Scene) -> None:
    member = s.member()
    drafts.keep(s.db, author=member, key="ask", fields={"title": TITLE}, now=s.now)
    drafts.discard(s.db, author=member, key="ask")


def _purge_drafts(s: Scene) -> None:
    drafts.keep(s.db, author=s.member(), key="ask", fields={"title": TITLE}, now=s.now)
    drafts.purge_old(s.db, now=s.now + 10 * (s.later - s.now))


CALLS: Calls = {
    questions.ask: asked,
    questions.edit: edited,
    questions.roll_back: lambda s: questions.roll_back(
        s.db, question=edited(s), by=s.admin(), to=1, base=2, now=s.now
    ),
    questions.close: lambda s: questions.close(
        s.db, question=asked(s), by=s.admin(), reason="duplicate", original=asked(s), now=s.now
    ),
    questions.reopen: _reopen,
    questions.lock: lambda s: questions.lock(
        s.db, question=asked(s), by=s.admin(), reason="Heated.", now=s.now
    ),
    questions.unlock: _unlock,
    questions.remove: lambda s: questions.remove(
        s.db, question=asked(s), by=s.admin(), now=s.now, reason="Off the topic."
    ),
    questions.restore: lambda s: _restore(s, questions, "question", asked(s)),
    questions.count_views: lambda s: questions.count_views(s.db, views={s.question().id: 3}),
    answers.post: answered,
    answers.ask_and_answer: lambda s: answers.ask_and_answer(
        s.db, author=s.member(), answer=BODY, now=s.now, **TEXT, **about(s)
    ),
    answers.edit: lambda s: answers.edit(s.db, answer=answered(s), by=s.admin(), now=s.now, **AGAIN),
    answers.roll_back: _roll_back_answer,
    answers.make_official: lambda s: answers.make_official(
        s.db, answer=answered(s), by=s.agent(), official=True, now=s.now
    ),
    answers.accept: _accept,
    answers.unaccept: _unaccept,
    answers.remove: lambda s: answers.remove(
        s.db, answer=answered(s), by=s.admin(), now=s.now, reason="Sold things.", as_spam=True
    ),
    answers.restore: lambda s: _restore(s, answers, "answer", answered(s)),
    comments.post: commented,
    comments.edit: lambda s: comments.edit(
        s.db, comment=commented(s), by=s.admin(), body="Which firmware?", now=s.now
    ),
    comments.remove: lambda s: comments.remove(
        s.db, comment=commented(s), by=s.admin(), now=s.now, reason="Rude."
    ),
    comments.restore: lambda s: _restore(s, comments, "comment", commented(s)),
    votes.cast: lambda s: votes.cast(s.db, post=asked(s), by=s.member(), value=1, now=s.now),
    me_too.add: lambda s: me_too.add(s.db, question=asked(s), by=s.member(), now=s.now),
    me_too.withdraw: _withdraw_me_too,
    follows.follow: lambda s: follows.follow(s.db, by=s.member(), subject=asked(s), now=s.now),
    follows.unfollow: _unfollow,
    moderation.flag: lambda s: moderation.flag(
        s.db, subject=asked(s), by=s.member(), reason="rude", now=s.now
    ),
    moderation.decide: _decide,
    suggestions.suggest_for_question: _suggested,
    suggestions.suggest_for_answer: lambda s: suggestions.suggest_for_answer(
        s.db, answer=answered(s), by=s.member(reputation=100), now=s.now, **AGAIN
    ),
    suggestions.approve: lambda s: suggestions.approve(
        s.db, suggestion=_suggested(s), by=s.admin(), now=s.now
    ),
    suggestions.reject: lambda s: suggestions.reject(
        s.db, suggestion=_suggested(s), by=s.admin(), now=s.now, reason="Nothing new."
    ),
    suggestions.withdraw: _withdraw,
    attaching._keep: _upload,
    attachments.purge_unused: _purge_unused,
    attachments.remove_strays: _remove_strays,
    attaching.note_shown: lambda s: attaching.note_shown(
        s.db,
        post_id=s.question().id,
        html=f'<img src="/uploads/{make_attachment(s.db).sha256}.png">',
    ),
    drafts.keep: lambda s: drafts.keep(
        s.db, author=s.member(), key="ask", fields={"title": TITLE}, now=s.now
    ),
    drafts.discard: _discard,
    drafts.purge_old: _purge_drafts,
}
