"""The actions of a macro: what can be done, and what is wrong with a list of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.domain.macros import variables
from app.domain.queue import SNOOZES
from app.models import PRIORITIES

MOST = 10
LONGEST = 30_000

CHOICES: Mapping[str, Sequence[str]] = {
    "reply": (),
    "note": (),
    "tags": (),
    "priority": PRIORITIES,
    "assign": ("me", "nobody", "person"),
    "snooze": SNOOZES,
    "state": ("wait", "resolve"),
}
"""What each kind of action can be set to; those without choices carry a text."""

WITH_TEXT = ("reply", "note", "tags")
TEMPLATES = ("reply", "note")


@dataclass(frozen=True)
class Action:
    """One thing that a macro does: `to` is the choice, `text` the template, the tags, or a handle."""

    do: str
    to: str = ""
    text: str = ""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Action:
        """Read an action as it is stored."""
        return cls(str(stored.get("do", "")), str(stored.get("to", "")), str(stored.get("text", "")))

    def stored(self) -> dict[str, str]:
        """Return it as it is stored."""
        parts = {"do": self.do, "to": self.to, "text": self.text}
        return {name: value for name, value in parts.items() if value}

    @property
    def needs_text(self) -> bool:
        """Whether it says nothing without a text."""
        return self.do in WITH_TEXT or (self.do, self.to) == ("assign", "person")


def checked(actions: Sequence[Action]) -> list[Action]:
    """Return the actions, or raise Invalid with a sentence about the first that can't be."""
    if not actions:
        raise Invalid("actions", _("Say at least one thing that the macro does."))
    if len(actions) > MOST:
        raise Invalid("actions", _("A macro has at most 10 actions."))
    for action in actions:
        _check_one(action)
    _check_variables(actions)
    _check_together(actions)
    return list(actions)


def _check_one(action: Action) -> None:
    choices = CHOICES.get(action.do)
    if choices is None or (choices and action.to not in choices):
        raise Invalid("actions", _("Choose what to do from the list."))
    if action.needs_text and not action.text.strip():
        raise Invalid("actions", _("A reply, a note, tags and a person need their text."))
    if len(action.text) > LONGEST:
        raise Invalid("actions", _("A text has at most 30,000 characters."))


def _check_variables(actions: Sequence[Action]) -> None:
    odd = variables.unknown(action.text for action in actions if action.do in TEMPLATES)
    if not odd:
        return
    named = _listed(odd)
    known = _listed(variables.names())
    message = _("There is no variable %(odd)s. These can be used: %(known)s.")
    raise Invalid("actions", message % {"odd": named, "known": known})


def _check_together(actions: Sequence[Action]) -> None:
    kinds = [action.do for action in actions]
    for once in ("reply", "state", "snooze", "assign", "priority"):
        if kinds.count(once) > 1:
            raise Invalid("actions", _("A macro replies, assigns, snoozes and sets a state at most once."))
    if "state" in kinds and "snooze" in kinds:
        raise Invalid("actions", _("A case can't be snoozed and change its state at once."))
    waits = [place for place, action in enumerate(actions) if (action.do, action.to) == ("state", "wait")]
    if waits and "reply" not in kinds[: waits[0]]:
        raise Invalid("actions", _("To wait for the customer, reply to them first."))


def _listed(names: Iterable[str]) -> str:
    return ", ".join("{{" + name + "}}" for name in names)
