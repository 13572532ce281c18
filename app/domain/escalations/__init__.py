"""Escalations: questions that the crowd left to staff, from their entry to their end, with their clocks.

Owns cases, their reasons, timelines, notes and clocks, what is being watched for entry, and the public
answer promise. Promises: one case a question that has not ended; a stored clock is the replay of its
events; every step of a clock is taken once, whatever crashes; all but the promise is for staff only.
Emits the events of `events.py`.
"""

from app.domain.escalations.events import (
    BacklogWanted,
    DeadlinesChanged,
    EscalationAssigned,
    EscalationBreached,
    EscalationCancelled,
    EscalationChanged,
    EscalationClosed,
    EscalationHandedOver,
    EscalationHeard,
    EscalationNoted,
    EscalationOpened,
    EscalationReasonAdded,
    EscalationReopened,
    EscalationReplied,
    EscalationResolved,
    EscalationReturned,
    EscalationSnoozed,
    EscalationWaiting,
    EscalationWarned,
    EscalationWoken,
)
from app.domain.escalations.policy import (
    REOPENS_WITHIN,
    SILENT_AFTER,
    may_assign,
    may_change_note,
    may_lead,
    may_report_unhelpful,
    may_request_staff,
    may_work,
)
from app.domain.escalations.queries import (
    News,
    Promise,
    case,
    clocks,
    note,
    notes,
    of_question,
    promise_of,
    promises_of,
    reasons,
    timeline,
    token,
)
from app.domain.escalations.service.changing import (
    add_reference,
    remove_reference,
    set_priority,
    set_team,
)
from app.domain.escalations.service.ending import cancel, reopen, resolve
from app.domain.escalations.service.noting import add_note, edit_note, remove_note
from app.domain.escalations.service.opening import open_case
from app.domain.escalations.service.owning import AlreadyClaimed, assign, claim, hand_over, release
from app.domain.escalations.service.pausing import snooze, wake
from app.domain.escalations.service.replying import StaleThread, ask_customer, reply
from app.domain.escalations.states import Impossible, is_allowed

__all__ = [
    "REOPENS_WITHIN",
    "SILENT_AFTER",
    "AlreadyClaimed",
    "BacklogWanted",
    "DeadlinesChanged",
    "EscalationAssigned",
    "EscalationBreached",
    "EscalationCancelled",
    "EscalationChanged",
    "EscalationClosed",
    "EscalationHandedOver",
    "EscalationHeard",
    "EscalationNoted",
    "EscalationOpened",
    "EscalationReasonAdded",
    "EscalationReopened",
    "EscalationReplied",
    "EscalationResolved",
    "EscalationReturned",
    "EscalationSnoozed",
    "EscalationWaiting",
    "EscalationWarned",
    "EscalationWoken",
    "Impossible",
    "News",
    "Promise",
    "StaleThread",
    "add_note",
    "add_reference",
    "ask_customer",
    "assign",
    "cancel",
    "case",
    "claim",
    "clocks",
    "edit_note",
    "hand_over",
    "is_allowed",
    "may_assign",
    "may_change_note",
    "may_lead",
    "may_report_unhelpful",
    "may_request_staff",
    "may_work",
    "note",
    "notes",
    "of_question",
    "open_case",
    "promise_of",
    "promises_of",
    "reasons",
    "release",
    "remove_note",
    "remove_reference",
    "reopen",
    "reply",
    "resolve",
    "set_priority",
    "set_team",
    "snooze",
    "timeline",
    "token",
    "wake",
]
