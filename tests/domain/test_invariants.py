"""Whatever members do, in whatever order: every count equals a recount, and reputation is its ledger's sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine
from sqlmodel import Session

from app.core.db import new_session
from app.core.errors import DomainError
from app.domain import answers, comments, me_too, questions, votes
from app.models import CLOSE_REASONS, Answer, Comment, Question, User
from tests.factories.products import make_product
from tests.factories.users import make_user
from tests.support.clock import Clock
from tests.support.recount import disagreements

Row = TypeVar("Row")

BODY = "It stopped working after the update, and a restart did not help."
SUITE = settings(
    max_examples=10,
    stateful_step_count=50,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)

ASKER = "asker"  # whoever asked the question at hand
PEOPLE = ("newcomer", "regular", "veteran", "agent", "moderator")
authors = st.sampled_from(PEOPLE)
people = st.sampled_from([ASKER, *PEOPLE])
which = st.integers(0, 5)  # the n-th of those there are
tag_names = st.sampled_from(["wifi", "wifi sound", "sound printer"])


class Forum(RuleBasedStateMachine):
    """Members act on one another's posts. A refusal is an answer too; what was refused must change nothing."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.outermost = self.connection.begin()
        self.db: Session = new_session(self.connection)
        self.clock = Clock()
        self.question_ids: list[int] = []
        self.answer_ids: list[int] = []
        self.comment_ids: list[int] = []

    def teardown(self) -> None:
        self.db.close()
        self.outermost.rollback()
        self.connection.close()

    @initialize()
    def a_small_forum(self) -> None:
        self.people = {
            "newcomer": make_user(self.db, handle="newcomer", reputation=6),  # so the floor of 1 is near
            "regular": make_user(self.db, handle="regular", reputation=60),
            "veteran": make_user(self.db, handle="veteran", reputation=2_000),
            "agent": make_user(self.db, handle="agent", support_role="agent"),
            "moderator": make_user(self.db, handle="moderator", moderation_role="moderator"),
        }
        self.products = [make_product(self.db), make_product(self.db)]
        self.ask("newcomer", "wifi", product=0)
        self.ask("regular", "wifi sound", product=1)
        self.answer(0, "regular")
        self.answer(0, "newcomer")
        self.answer(1, "veteran")
        self.comment(0, "veteran")
        self.say_or_withdraw_me_too(0, "veteran", too=True)

    @rule(author=authors, tags=tag_names, product=st.integers(0, 1))
    def ask(self, author: str, tags: str, product: int) -> None:
        if len(self.question_ids) < 3:
            parts = self._parts(tags, product)
            made = self._try(questions.ask, author=self.people[author], **parts)
            self.question_ids += [made.id] if made else []

    @rule(question=which, author=authors)
    def answer(self, question: int, author: str) -> None:
        made = self._try(
            answers.post, question=self._question(question), author=self.people[author], body=BODY
        )
        self.answer_ids += [made.id] if made else []

    @rule(post=which, author=authors)
    def comment(self, post: int, author: str) -> None:
        body = "Which version is it?"
        made = self._try(comments.post, post=self._post(post), author=self.people[author], body=body)
        self.comment_ids += [made.id] if made else []

    @rule(post=which, by=people, value=st.sampled_from([1, 1, -1, 0]))
    def vote(self, post: int, by: str, value: int) -> None:
        found = self._post(post)
        self._try(votes.cast, post=found, by=self._who(by, found), value=value)

    @rule(answer=which, by=st.sampled_from(["regular", "veteran"]), value=st.sampled_from([1, -1, 0]))
    def vote_on_an_answer(self, answer: int, by: str, value: int) -> None:
        self._try(votes.cast, post=self._answer(answer), by=self.people[by], value=value)

    @rule(answer=which, by=st.sampled_from([ASKER, ASKER, "agent"]))
    def accept(self, answer: int, by: str) -> None:
        found = self._answer(answer)
        self._try(answers.accept, answer=found, by=self._who(by, found))

    @precondition(lambda self: self._solved())
    @rule(question=which, by=st.sampled_from([ASKER, ASKER, "agent"]))
    def unaccept(self, question: int, by: str) -> None:
        found = _nth(self._solved(), question)
        self._try(answers.unaccept, question=found, by=self._who(by, found))

    @rule(post=which, by=people, as_spam=st.booleans())
    def remove(self, post: int, by: str, as_spam: bool) -> None:
        found = self._post(post)
        how: dict[str, Any] = {"by": self._who(by, found), "reason": "Advertising.", "as_spam": as_spam}
        if isinstance(found, Question):
            self._try(questions.remove, question=found, **how)
        else:
            self._try(answers.remove, answer=found, **how)

    @precondition(lambda self: self._removed())
    @rule(post=which, by=st.sampled_from(["moderator", "moderator", ASKER]))
    def restore(self, post: int, by: str) -> None:
        found = _nth(self._removed(), post)
        if isinstance(found, Question):
            self._try(questions.restore, question=found, by=self._who(by, found))
        else:
            self._try(answers.restore, answer=found, by=self._who(by, found))

    @rule(comment=which, by=authors, back=st.booleans())
    def remove_or_restore_a_comment(self, comment: int, by: str, back: bool) -> None:
        found = self.db.get_one(Comment, _nth(self.comment_ids, comment))
        self._try(comments.restore if back else comments.remove, comment=found, by=self.people[by])

    @rule(question=which, by=people, reason=st.sampled_from([*CLOSE_REASONS]))
    def close(self, question: int, by: str, reason: str) -> None:
        found = self._question(question)
        self._try(questions.close, question=found, by=self._who(by, found), reason=reason)

    @rule(question=which, steps=st.integers(1, 2), by=st.sampled_from(["moderator", "veteran", ASKER]))
    def close_as_a_duplicate(self, question: int, steps: int, by: str) -> None:
        found, original = self._question(question), self._question(question + steps)
        how: dict[str, Any] = {"by": self._who(by, found), "reason": "duplicate", "original": original}
        self._try(questions.close, question=found, **how)

    @precondition(lambda self: self._closed())
    @rule(question=which, by=st.sampled_from(["moderator", ASKER]))
    def reopen(self, question: int, by: str) -> None:
        found = _nth(self._closed(), question)
        self._try(questions.reopen, question=found, by=self._who(by, found))

    @rule(question=which, post=which)
    def vote_while_it_is_locked(self, question: int, post: int) -> None:
        found, moderator = self._question(question), self.people["moderator"]
        self._try(questions.lock, question=found, by=moderator, reason="Heated.")
        self.vote(post, "veteran", 1)
        self._try(questions.unlock, question=found, by=moderator)

    @rule(question=which, by=people, tags=tag_names, product=st.integers(0, 1))
    def edit_a_question(self, question: int, by: str, tags: str, product: int) -> None:
        found = self._question(question)
        parts = self._parts(tags, product) | {
            "by": self._who(by, found),
            "base": found.revision,
            "summary": "",
        }
        self._try(questions.edit, question=found, **parts)

    @rule(answer=which, by=people)
    def edit_an_answer(self, answer: int, by: str) -> None:
        found = self._answer(answer)
        change: dict[str, Any] = {"base": found.revision, "body": f"{BODY} Again.", "summary": ""}
        self._try(answers.edit, answer=found, by=self._who(by, found), **change)

    @rule(question=which, by=authors, too=st.booleans())
    def say_or_withdraw_me_too(self, question: int, by: str, too: bool) -> None:
        found = self._question(question)
        self._try(me_too.add if too else me_too.withdraw, question=found, by=self.people[by])

    @rule(passed=st.sampled_from([timedelta(minutes=3), timedelta(hours=20), timedelta(days=8)]))
    def wait(self, passed: timedelta) -> None:
        self.clock.now += passed

    @invariant()
    def every_count_equals_a_recount(self) -> None:
        assert disagreements(self.db) == []

    def _try(self, service: Callable[..., Any], **arguments: Any) -> Any:
        self.clock.advance(seconds=1)
        try:
            return service(self.db, now=self.clock.now, **arguments)
        except DomainError:
            return None

    def _parts(self, tags: str, product: int) -> dict[str, Any]:
        where: dict[str, Any] = {"product_id": self.products[product].id, "environment": {}}
        return {"title": "No sound after the update", "body": BODY, "tags": tags, **where}

    def _who(self, name: str, post: Question | Answer) -> User:
        if name != ASKER:
            return self.people[name]
        return self.db.get_one(User, self.db.get_one(Question, post.question_id).author_id)

    def _question(self, index: int) -> Question:
        return self.db.get_one(Question, _nth(self.question_ids, index))

    def _answer(self, index: int) -> Answer:
        return self.db.get_one(Answer, _nth(self.answer_ids, index))

    def _post(self, index: int) -> Question | Answer:
        return _nth(self._posts(), index)

    def _posts(self) -> list[Question | Answer]:
        found = [self.db.get_one(Answer, answer_id) for answer_id in self.answer_ids]
        return [*found, *(self.db.get_one(Question, question_id) for question_id in self.question_ids)]

    def _removed(self) -> list[Question | Answer]:
        return [post for post in self._posts() if post.is_removed]

    def _solved(self) -> list[Question]:
        return [post for post in self._posts() if isinstance(post, Question) and post.is_solved]

    def _closed(self) -> list[Question]:
        return [post for post in self._posts() if isinstance(post, Question) and post.is_closed]


@pytest.mark.slow
def test_every_count_equals_a_recount_whatever_happens(engine: Engine) -> None:
    class ForumHere(Forum):
        pass

    ForumHere.engine = engine
    run_state_machine_as_test(ForumHere, settings=SUITE)


def _nth(rows: Sequence[Row], index: int) -> Row:
    return rows[index % len(rows)]
