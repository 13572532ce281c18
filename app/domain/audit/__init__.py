"""The audit log: every staff act, with who, what, before, after, why and when.

Owns audit entries; written within the transaction of the act, so there is no act without its entry.
"""

from app.domain.audit.queries import actions, entries, reason_of, reasons_of
from app.domain.audit.service import Subject, record

__all__ = ["Subject", "actions", "entries", "reason_of", "reasons_of", "record"]
