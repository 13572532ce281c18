"""Writing macros, and running them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from app.core.db import atomic
from app.core.errors import Invalid, NotFound
from app.core.i18n import gettext as _
from app.core.text import clean_text
from app.domain import audit
from app.domain.macros.actions import Action, checked
from app.domain.macros.policy import may_change, may_use
from app.models import Macro, Team, User

LONGEST_NAME = 80


@atomic
def create(
    db: Session, *, by: User, name: str, actions: Sequence[Action], team: Team | None = None, now: datetime
) -> Macro:
    """Make a macro. Raises Invalid with a sentence for what can't be: unknown variables are named."""
    if not may_use(by):
        raise NotFound
    macro = Macro(
        name=_free_name(db, name, None),
        team_id=team.id if team else None,
        actions=_stored(db, actions),
        created_at=now,
        created_by_id=by.id,
        changed_at=now,
    )
    db.add(macro)
    db.flush()
    audit.record(db, by=by, action="macro.create", subject=macro, after=_facts(macro), now=now)
    return macro


@atomic
def change(
    db: Session,
    *,
    macro: Macro,
    by: User,
    name: str,
    actions: Sequence[Action],
    team: Team | None = None,
    now: datetime,
) -> Macro:
    """Change a macro; its version grows. Leads and who made it may; for others it does not exist."""
    if not may_change(by, macro):
        raise NotFound
    before = _facts(macro)
    macro.name = _free_name(db, name, macro)
    macro.team_id = team.id if team else None
    macro.actions = _stored(db, actions)
    macro.version += 1
    macro.changed_at = now
    db.add(macro)
    db.flush()
    audit.record(db, by=by, action="macro.change", subject=macro, before=before, after=_facts(macro), now=now)
    return macro


@atomic
def retire(db: Session, *, macro: Macro, by: User, now: datetime) -> None:
    """Take a macro out of use; what it did stays in the timelines."""
    if not may_change(by, macro):
        raise NotFound
    macro.retired_at = now
    macro.name = f"{macro.name[:60]} #{macro.id}"  # the name is free again
    db.add(macro)
    db.flush()
    audit.record(db, by=by, action="macro.retire", subject=macro, before=_facts(macro), now=now)


def _free_name(db: Session, name: str, macro: Macro | None) -> str:
    name = " ".join(clean_text(name).split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid("name", _("Give the macro a name of at most 80 characters."))
    other = db.exec(select(Macro.id).where(Macro.name == name)).first()
    if other is not None and (macro is None or other != macro.id):
        raise Invalid("name", _("Another macro has this name."))
    return name


def _stored(db: Session, actions: Sequence[Action]) -> list[dict[str, str]]:
    for action in checked(actions):
        if (action.do, action.to) == ("assign", "person"):
            _check_person(db, action.text)
    return [action.stored() for action in actions]


def _check_person(db: Session, handle: str) -> None:
    person = db.exec(select(User).where(col(User.handle) == handle.strip().lstrip("@"))).first()
    if person is None or not person.is_agent:
        raise Invalid("actions", _("%(name)s is no agent's handle.") % {"name": handle.strip()[:40]})


def _facts(macro: Macro) -> dict[str, object]:
    return {"name": macro.name, "team": macro.team_id, "actions": macro.actions, "version": macro.version}
