"""A kept page never differs from one that is made for the asking, whatever happens in between."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from sqlmodel import Session, col, select

from app.core.errors import DomainError
from app.core.slugs import slug
from app.domain import accounts, answers, catalog, comments, me_too, notifications, questions, votes
from app.models import Answer, Comment, Product, Question, User
from app.web.deps import SESSION_COOKIE
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.clock import Clock
from tests.support.queries import Queries

NEVER_KEPT = "pd_flash=what-nobody-signed"
STRANGER = ""
STEPS = 18
HIT = 6
"""Statements for a kept page at most: news, and for members who asks, their marks, their unread messages, a case."""

CountQueries = Callable[[], AbstractContextManager[Queries]]
BODY = "It began after the update of last week, and a restart does not help."
Act = Callable[[], object]
Row = TypeVar("Row", Answer, Comment)


class Crowd:
    """People who do something with three threads about two products, chosen by a seeded dice."""

    def __init__(self, db: Session, clock: Clock, seed: int) -> None:
        self.db, self.clock, self.dice = db, clock, random.Random(seed)
        brand = catalog.add_product(db, name="Norvane", now=clock.now)
        line = catalog.add_product(db, name="Aerie", parent=brand, now=clock.now)
        self.model = catalog.add_product(db, name="Aerie 14", parent=line, now=clock.now)
        self.people = [make_user(db, handle=f"member-{n}", reputation=200) for n in range(3)]
        self.readers = [make_user(db, handle=f"reader-{n}", reputation=200) for n in range(3)]
        self.staff = make_user(db, handle="staff", support_role="agent", moderation_role="admin")
        self.threads = [self._ask(n) for n in range(3)]

    def _ask(self, number: int) -> Question:
        return questions.ask(
            self.db,
            author=self.people[number],
            title=f"Wi-Fi is gone after waking, case {number}",
            body=BODY,
            tags="wifi, sleep",
            product_id=self.model.id,
            environment={},
            now=self.clock.now,
        )

    def act(self) -> str:
        """Do one thing; return what. What the rules forbid just does not happen."""
        now = self.clock.advance(seconds=self.dice.choice([1, 40, 700]))
        question = self.touched = self.db.get_one(
            Question, self.dice.choice(self.threads).id, populate_existing=True
        )
        answer = self._one(Answer, question)
        comment = self._one(Comment, question)
        product = self.db.get_one(Product, self.model.id)
        by, other = self.dice.sample([*self.people, self.staff], 2)
        reader = self.dice.choice([by, *self.readers[:2]])
        post = self.dice.choice([question, answer or question])
        word = str(self.dice.random())
        db = self.db
        acts: dict[str, Act] = {
            "answer": lambda: answers.post(db, question=question, author=by, body=f"{BODY} {word}", now=now),
            "comment": lambda: comments.post(db, post=post, author=by, body=f"Really? {word}", now=now),
            "vote": lambda: votes.cast(db, post=post, by=reader, value=self.dice.choice([1, -1, 0]), now=now),
            "me too": lambda: me_too.add(db, question=question, by=reader, now=now),
            "accept": lambda: (
                answer and answers.accept(db, answer=answer, by=question_author(db, question), now=now)
            ),
            "unaccept": lambda: answers.unaccept(
                db, question=question, by=question_author(db, question), now=now
            ),
            "official": lambda: (
                answer
                and answers.make_official(
                    db, answer=answer, by=self.staff, official=not answer.is_official, now=now
                )
            ),
            "hide answer": lambda: (
                answer and answers.remove(db, answer=answer, by=self.staff, reason=word, now=now)
            ),
            "restore answer": lambda: answer and answers.restore(db, answer=answer, by=self.staff, now=now),
            "hide comment": lambda: (
                comment and comments.remove(db, comment=comment, by=self.staff, reason=word, now=now)
            ),
            "hide": lambda: questions.remove(db, question=question, by=self.staff, reason=word, now=now),
            "restore": lambda: questions.restore(db, question=question, by=self.staff, now=now),
            "duplicate": lambda: questions.close(
                db, question=question, by=self.staff, reason="duplicate", original=self.threads[0], now=now
            ),
            "reopen": lambda: questions.reopen(db, question=question, by=self.staff, now=now),
            "lock": lambda: questions.lock(db, question=question, by=self.staff, reason=word, now=now),
            "unlock": lambda: questions.unlock(db, question=question, by=self.staff, now=now),
            "edit": lambda: questions.edit(
                db,
                question=question,
                by=self.staff,
                base=question.revision,
                title=f"Wi-Fi is gone after waking {word}",
                body=f"{BODY} {word}",
                tags="wifi",
                product_id=self.model.id,
                environment={},
                summary="",
                now=now,
            ),
            "rename": lambda: accounts.change_profile(
                db,
                by=by,
                display_name=f"Member {word[:8]}",
                handle=by.handle,
                location="",
                about="",
                theme="",
                now=now,
            ),
            "roles": lambda: accounts.set_roles(
                db,
                by=self.staff,
                member=other,
                support_role="" if other.support_role else "agent",
                moderation_role=other.moderation_role,
                now=now,
            ),
            "rename product": lambda: catalog.change_product(
                db,
                product=product,
                name=f"Aerie 14 {word[:4]}",
                description=word,
                is_retired=False,
                by=self.staff,
                now=now,
            ),
        }
        often = [
            "answer",
            "vote",
            "vote",
            "accept",
            "unaccept",
            "unlock",
            "reopen",
            "restore",
            "restore answer",
        ]
        name = self.dice.choice([*acts, *often * 2])
        try:
            acts[name]()
        except DomainError as refusal:
            return f"{name}: {refusal.message}"
        return name

    def _one(self, table: type[Row], question: Question) -> Row | None:
        statement = select(table).where(table.question_id == question.id).order_by(col(table.id))
        rows = self.db.exec(statement.execution_options(populate_existing=True)).all()
        return self.dice.choice(rows) if rows else None


def question_author(db: Session, question: Question) -> User:
    return db.get_one(User, question.author_id)


def test_a_kept_page_is_what_it_would_be_now(
    client: Browser,
    db: Session,
    clock: Clock,
    drain: Callable[[Session], None],
    count_queries: CountQueries,
) -> None:
    """For strangers, and for members who share pages: each compares theirs with one made for them alone."""
    crowd = Crowd(db, clock, seed=11)
    members = {one.handle: one for one in [*crowd.readers, *crowd.people, crowd.staff]}
    cookies = {STRANGER: "", **{handle: _cookie(client, one) for handle, one in members.items()}}
    hits = Counter[str]()
    for step in range(STEPS):
        did = crowd.act()
        if step % 3 == 2:
            drain(db)  # what follows from it shows too: promises to those who wait
        others = ["/", "/questions", "/products/aerie", "/tags/wifi", *_threads(db)]
        for address in [_address(crowd.touched), crowd.dice.choice(others)]:
            for who in [STRANGER, *crowd.dice.sample(sorted(members), 2)]:
                if who != STRANGER and _has_news(db, members[who]):  # opening the thread ends them
                    client.get(address, headers={"Cookie": cookies[who]})
                with count_queries() as queries:
                    kept = client.get(address, headers={"Cookie": cookies[who]})
                fresh = client.get(address, headers={"Cookie": f"{cookies[who]}; {NEVER_KEPT}"})
                assert kept.status_code == fresh.status_code, (step, did, address, who)
                assert _timeless(kept.text) == _timeless(fresh.text), (step, did, address, who)
                if kept.status_code == 200 and who == STRANGER:
                    assert not [gone for gone in _removed(db) if gone in kept.text], (step, did, address)
                hits[who] += len(queries) <= HIT
    assert hits[STRANGER] > STEPS // 3
    assert sum(hits[one.handle] for one in crowd.readers) > STEPS // 3


def _has_news(db: Session, member: User) -> bool:
    return notifications.unread_count(db, member) > 0


def _cookie(browser: Browser, member: User) -> str:
    return f"{SESSION_COOKIE}={browser.sign_in(member).cookies[SESSION_COOKIE]}"


def _address(question: Question) -> str:
    return f"/questions/{question.id}/{slug(question.title)}"


def _threads(db: Session) -> list[str]:
    rows = db.exec(select(Question).execution_options(populate_existing=True)).all()
    return [_address(row) for row in rows]


def _timeless(html: str) -> str:
    # "2 min ago" may be a little old on a kept page; so may the choice of related questions.
    html = re.sub(r"<section><h2>Related questions</h2>.*?</section>\s*", "", html, flags=re.DOTALL)
    html = re.sub(
        r'(name="csrf" value|name="csrf-token" content)="[^"]+"', r"\1", html
    )  # masked anew each time
    return re.sub(r"<time[^>]*>[^<]*</time>", "<time/>", html)


def _removed(db: Session) -> list[str]:
    rows = db.exec(select(Question).where(col(Question.removed_at).is_not(None)))
    return [f"/questions/{row.id}/" for row in rows]
