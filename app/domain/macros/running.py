"""Running a macro: the services that staff use by hand, one after the other, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from app.core.db import atomic
from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.domain import audit, escalations, questions, queue
from app.domain.macros.queries import Step, preview
from app.models import Escalation, Macro, User


@atomic
def run(
    db: Session,
    *,
    macro: Macro,
    escalation: Escalation,
    by: User,
    site: str,
    seen: int,
    send_anyway: bool = False,
    now: datetime,
) -> Sequence[Step]:
    """Do all that the macro says to the case, or nothing; return the steps as they were done.

    `seen` is the thread's token as it was when the macro was looked at: a reply against an older thread
    is held back as StaleThread. Raises what the services raise.
    """
    case = escalations.case(db, by, escalation.id or 0)
    steps = preview(db, macro=macro, escalation=case, by=by, site=site)
    waits = any((step.action.do, step.action.to) == ("state", "wait") for step in steps)
    for step in steps:
        if step.action.do == "reply":
            then = "wait" if waits else ""
            escalations.reply(
                db,
                escalation=case,
                body=step.text,
                by=by,
                seen=seen,
                send_anyway=send_anyway,
                then=then,
                now=now,
            )
        else:
            _do(db, case, step, by=by, now=now)
    done = {"macro": macro.name, "version": macro.version}
    audit.record(db, by=by, action="macro.run", subject=case, after=done, now=now)
    return steps


def _do(db: Session, case: Escalation, step: Step, *, by: User, now: datetime) -> None:
    action = step.action
    if action.do == "note":
        escalations.add_note(db, escalation=case, body=step.text, by=by, now=now)
    elif action.do == "priority":
        escalations.set_priority(db, escalation=case, priority=action.to, by=by, now=now)
    elif action.do == "assign":
        _assign(db, case, step, by=by, now=now)
    elif action.do == "tags":
        _add_tags(db, case, action.text, by=by, now=now)
    elif action.do == "snooze":
        until = queue.snoozed_until(action.to, now=now, zone=queue.usual_hours(db).zone)
        escalations.snooze(db, escalation=case, until=until, by=by, now=now)
    elif (action.do, action.to) == ("state", "resolve"):
        escalations.resolve(db, escalation=case, by=by, now=now)


def _assign(db: Session, case: Escalation, step: Step, *, by: User, now: datetime) -> None:
    to = step.action.to
    if to == "nobody":
        if case.owner_id is not None:
            escalations.release(db, escalation=case, by=by, now=now)
        return
    person = by if to == "me" else _person(db, step.action.text)
    escalations.assign(db, escalation=case, to=person, by=by, now=now)


def _person(db: Session, handle: str) -> User:
    person = db.exec(select(User).where(User.handle == handle.strip().lstrip("@"))).first()
    if person is None:
        raise Invalid("macro", _("%(name)s is no agent's handle any more.") % {"name": handle})
    return person


def _add_tags(db: Session, case: Escalation, tags: str, *, by: User, now: datetime) -> None:
    question = questions.visible(db, viewer=by, question_id=case.question_id)
    present = [tag.name for tag in question.tags]
    wanted = [tag.strip().lower().lstrip("#") for tag in tags.split(",")]
    added = [tag for tag in wanted if tag and tag not in present]
    if not added:
        return
    questions.edit(
        db,
        question=question,
        by=by,
        base=question.revision,
        title=question.title,
        body=question.body,
        tags=", ".join([*present, *added]),
        product_id=question.product_id,
        environment={value.name: value.value for value in question.environment},
        summary=_("Tags"),
        now=now,
    )
