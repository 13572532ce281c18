"""Entry rules: what brings a question to staff, and from which day on.

Owns the rules as set for all products or for one and those below it, and the starting days. Promises:
the nearest product upwards decides, then what is set for all, then the table of defaults; every change
is in the audit log and tells EntryRulesChanged, so that what is being watched is planned anew.
"""

from app.domain.entry_rules.defaults import KINDS, Kind, kind_of
from app.domain.entry_rules.events import EntryRulesChanged
from app.domain.entry_rules.queries import (
    Own,
    Rule,
    Start,
    own_of,
    products_with_their_own,
    rules_for,
    start_for,
)
from app.domain.entry_rules.service import inherit, inherit_start, set_rule, set_start

__all__ = [
    "KINDS",
    "EntryRulesChanged",
    "Kind",
    "Own",
    "Rule",
    "Start",
    "inherit",
    "inherit_start",
    "kind_of",
    "own_of",
    "products_with_their_own",
    "rules_for",
    "set_rule",
    "set_start",
    "start_for",
]
