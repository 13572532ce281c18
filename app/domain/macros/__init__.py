"""Macros: what staff do at one stroke.

Owns macros. Promises: a macro that was saved can be run (unknown variables, people who are no agents and
actions that exclude one another are refused with a sentence when it is saved); a run is one transaction
of the same services that staff use by hand, so all of it happens or nothing; names and titles that are
filled in stay text. Emits nothing of its own.
"""

from app.domain.macros.actions import CHOICES, Action
from app.domain.macros.policy import may_change, may_use
from app.domain.macros.queries import Step, actions_of, as_written, changeable, listing, macro, preview
from app.domain.macros.running import run
from app.domain.macros.service import change, create, retire
from app.domain.macros.variables import names as variables

__all__ = [
    "CHOICES",
    "Action",
    "Step",
    "actions_of",
    "as_written",
    "change",
    "changeable",
    "create",
    "listing",
    "macro",
    "may_change",
    "may_use",
    "preview",
    "retire",
    "run",
    "variables",
]
