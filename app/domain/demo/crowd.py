"""The people of the sample community, and who of them votes or has a problem too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from random import Random

from sqlmodel import Session

from app.domain import me_too, reputation, votes
from app.domain.demo.members import enrol
from app.domain.demo.script import Person
from app.models import Answer, Question, User

STAFF_VOTE_SELDOM = 0.1
"""How likely staff are to be the voter, against a customer's 1: the numbers should be the crowd's."""


class Crowd:
    """Who has joined so far, and what each did already."""

    def __init__(self, db: Session, *, password_hash: str, chance: Random) -> None:
        self._db = db
        self._password_hash = password_hash
        self._chance = chance
        self._people: dict[str, User] = {}
        self._did: set[tuple[str, int, int]] = set()

    def join(self, person: Person, *, now: datetime) -> None:
        """Let somebody join."""
        self._people[person.handle] = enrol(
            self._db, person=person, password_hash=self._password_hash, now=now
        )

    def named(self, handle: str) -> User:
        """Return who has this handle."""
        return self._people[handle]

    def voter(self, post: Question | Answer, question: Question, *, up: bool) -> User | None:
        """Return somebody who may vote on the post and has not; None when there is nobody (yet)."""
        privilege = "vote_up" if up else "vote_down"
        return self._pick(
            "vote",
            post.id,
            lambda person: reputation.may(person, privilege) and votes.may_vote(person, post, question),
        )

    def sufferer(self, question: Question) -> User | None:
        """Return a customer who may say that they have the problem and has not."""
        return self._pick(
            "me too", question.id, lambda person: not person.is_staff and me_too.may_say(person, question)
        )

    def _pick(self, deed: str, post_id: int, may: Callable[[User], bool]) -> User | None:
        able = [
            person
            for person in self._people.values()
            if (deed, post_id, person.id or 0) not in self._did and may(person)
        ]
        if not able:
            return None
        chosen = self._chance.choices(able, weights=_likelihood(able))[0]
        self._did.add((deed, post_id, chosen.id or 0))
        return chosen


def _likelihood(people: Iterable[User]) -> list[float]:
    return [STAFF_VOTE_SELDOM if person.is_staff else 1.0 for person in people]
