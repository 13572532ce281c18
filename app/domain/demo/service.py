"""Loading the sample community."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from random import Random

from sqlmodel import Session

from app.core.db import atomic
from app.core.errors import Conflict
from app.core.i18n import gettext as _
from app.core.passwords import hash_password
from app.domain import outbox, questions
from app.domain.demo import desk_script, script, shelf
from app.domain.demo.crowd import Crowd
from app.domain.demo.desk_script import Move
from app.domain.demo.desk_stage import Consumers, Desk
from app.domain.demo.queries import DemoSummary, is_empty, summary
from app.domain.demo.schedule import BeAway, OpenDesk, acts
from app.domain.demo.script import QuestionText
from app.domain.demo.stage import Stage

OPENED = timedelta(days=427)
"""How long ago the community opened: before the first of its people joined."""

SEED = 20
"""Who votes when is drawn by lot, and this makes every draw the same."""


@atomic
def load(db: Session, *, now: datetime, password: str, consumers: Consumers) -> DemoSummary:
    """Fill an empty database with the sample community; everybody has the same password.

    Each act runs through the real services as of its own past instant, in the order of time, so
    every rule, counter, ledger line and event is as it would have become. Nobody is told of any
    of it: its events are skipped, but for the change feed, from which the index is built, and for
    `consumers`: those by which the cases of staff come about.
    """
    if not is_empty(db):
        raise Conflict(_("There is a community already; the sample goes into an empty database only."))
    written = script.read()
    chance = Random(SEED)  # noqa: S311 (who votes in a sample is no secret)
    product_ids = shelf.fill(db, brands=written.brands, now=now - OPENED)
    shelf.describe_tags(db, descriptions=written.tags, now=now - OPENED)
    # One hash for all: argon2id takes its time, and the password is printed on the screen anyway.
    crowd = Crowd(db, password_hash=hash_password(password), chance=chance)
    stage = Stage(db, crowd=crowd, product_ids=product_ids)
    support = desk_script.read()
    desk = Desk(db, script=support, named=crowd.named, consumers=consumers)
    for act in acts(written, now=now, chance=chance, desk=support):
        desk.pass_time(act.at)
        if isinstance(act.deed, Move | OpenDesk | BeAway):
            desk.perform(act, stage)
        else:
            stage.perform(act)
        desk.react()
    desk.pass_time(now)
    views = {stage.question_id(text.key): _views(text, chance) for text in written.questions}
    questions.count_views(db, views=views)
    outbox.skip_unrelayed(db, now=now)
    return summary(db)


def _views(text: QuestionText, chance: Random) -> int:
    """Return how often a question was opened: what many have voted for, many more have read."""
    interest = 3 + 9 * sum(text.votes) + 14 * text.me_too + 20 * len(text.answer)
    weeks = min(20, max(1, text.ago.days / 7))
    return round(interest * chance.uniform(0.7, 1.3) * math.sqrt(weeks))
