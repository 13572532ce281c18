"""Reading macros, and what one would do to a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, or_, select

from app.core import markdown
from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.core.slugs import slug
from app.domain import queue
from app.domain.macros.actions import TEMPLATES, Action
from app.domain.macros.policy import may_change, may_use
from app.domain.macros.variables import filled_in
from app.models import Escalation, Macro, TeamMember, User


@dataclass(frozen=True)
class Step:
    """An action as it would be done to one case: templates are filled in."""

    action: Action
    text: str

    @property
    def html(self) -> str:
        """The text of a reply or note as it will be read."""
        return markdown.render(self.text)


def listing(db: Session, *, viewer: User | None) -> Sequence[Macro]:
    """Return the macros for all and those of the viewer's teams, by name; a lead sees those of every team."""
    if viewer is None or not may_use(viewer):
        raise NotFound
    statement = select(Macro).where(col(Macro.retired_at).is_(None)).order_by(col(Macro.name))
    if viewer.support_role != "lead":
        mine = select(TeamMember.team_id).where(TeamMember.user_id == viewer.id)
        statement = statement.where(or_(col(Macro.team_id).is_(None), col(Macro.team_id).in_(mine)))
    return db.exec(statement).all()


def macro(db: Session, *, viewer: User | None, macro_id: int) -> Macro:
    """Return a macro that is in use; raise NotFound."""
    found = db.get(Macro, macro_id)
    if found is None or found.retired_at is not None or not may_use(viewer):
        raise NotFound
    return found


def changeable(db: Session, *, viewer: User | None, macro_id: int) -> Macro:
    """Return a macro that the viewer may change; raise NotFound."""
    found = macro(db, viewer=viewer, macro_id=macro_id)
    if not may_change(viewer, found):
        raise NotFound
    return found


def as_written(macro: Macro) -> list[Step]:
    """Return what a macro does with its variables as they are written."""
    return [Step(action, action.text) for action in actions_of(macro)]


def actions_of(macro: Macro) -> list[Action]:
    """Return what a macro does, in order."""
    return [Action.of(stored) for stored in macro.actions]


def preview(db: Session, *, macro: Macro, escalation: Escalation, by: User, site: str) -> list[Step]:
    """Return what the macro would do to the case, in order; nothing is done.

    The case comes with its question, and that with author and product. `site` is our own address.
    """
    values = _values(db, escalation, by, site)
    return [
        Step(action, filled_in(action.text, values) if action.do in TEMPLATES else action.text)
        for action in actions_of(macro)
    ]


def _values(db: Session, escalation: Escalation, by: User, site: str) -> dict[str, str]:
    question = escalation.question
    return {
        "asker_name": question.author.display_name,
        "agent_name": by.display_name,
        "product": question.product.name if question.product else _("the product"),
        "question_title": question.title,
        "link": f"{site}/questions/{question.id}/{slug(question.title)}",
        "due_time": _due_time(db, escalation.next_due_at),
    }


def _due_time(db: Session, due_at: datetime | None) -> str:
    if due_at is None:
        return _("soon")
    zone = queue.usual_hours(db).zone
    local = due_at.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M} ({zone})"
