"""The published formula. The help page shows this very table."""

from __future__ import annotations

from types import MappingProxyType

POINTS = MappingProxyType(
    {
        "question_voted_up": 5,
        "answer_voted_up": 10,
        "voted_down": -2,
        "voting_down": -1,  # for casting a down vote on an answer
        "answer_accepted": 15,
        "answer_accepted_by_staff": 10,
        "accepting": 2,
        "edit_approved": 2,
        "removed_as_spam": -100,
    }
)

DAILY_CAP = 200
"""The most that votes can bring for one UTC day, counted on the day they were cast."""

LOWEST = 1
