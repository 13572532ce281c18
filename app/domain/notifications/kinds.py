"""What members can hear of: one table, shown on their settings page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.core.i18n import gettext as _
from app.models import User


@dataclass(frozen=True)
class Kind:
    """A kind of news: what the settings call it, how it reads (`own`: about one's own question), and its default.

    What is `for_staff` is told of, shown and mailed to those who work on cases only. What `repeats` is
    mailed each time, also to who has not read the one before.
    """

    key: str
    choice: str
    sentence: str
    own: str = ""
    by_email: bool = True
    for_staff: bool = False
    repeats: bool = False

    def text(self, actor: str, *, is_own: bool = False) -> str:
        """Return the line of the inbox and the subject of the e-mail."""
        return _(self.own if is_own and self.own else self.sentence) % {"name": actor}


REMOVED = "removed"
"""The one kind that tells of something that nobody but its author and staff can see any more."""

_ALL = (
    Kind(
        "answer",
        "Someone answers my question, or one I follow",
        "%(name)s answered a question you follow",
        own="%(name)s answered your question",
    ),
    Kind("reminder", "I have not said whether an answer helped", "Did an answer solve your problem?"),
    Kind("accepted", "My answer is accepted", "%(name)s accepted your answer"),
    Kind(
        "solved",
        "A question I follow is solved",
        "%(name)s accepted an answer to a question you follow",
        own="%(name)s accepted an answer to your question",
    ),
    Kind(
        "official",
        "A question I follow gets an official answer",
        "%(name)s marked an answer as official",
        own="%(name)s marked an answer to your question as official",
    ),
    Kind("comment", "Someone comments on my post", "%(name)s commented on your post"),
    Kind("mention", "Someone mentions me", "%(name)s mentioned you"),
    Kind(
        "duplicate",
        "My question was asked before",
        "%(name)s found an earlier question like yours. Does it solve your problem?",
    ),
    Kind("closed", "My question is closed", "%(name)s closed your question"),
    Kind(REMOVED, "Staff hide my post", "%(name)s hid your post"),
    Kind("restored", "Staff bring my post back", "%(name)s brought your post back", by_email=False),
    Kind("suggested", "Someone suggests an edit of my post", "%(name)s suggested an edit of your post"),
    Kind("edit_approved", "My suggested edit is published", "%(name)s approved your edit", by_email=False),
    Kind("edit_rejected", "My suggested edit is rejected", "%(name)s rejected your edit", by_email=False),
    Kind(
        "edit_outdated",
        "My suggested edit is out of date",
        "Your suggested edit was closed: the post changed first",
        by_email=False,
    ),
    Kind(
        "question",
        "A new question on what I follow",
        "%(name)s asked about something you follow",
        by_email=False,
    ),
    Kind("case_assigned", "A case is given to me", "%(name)s gave you a case", for_staff=True),
    Kind(
        "case_handed_over", "A case is handed over to my team", "%(name)s handed a case over", for_staff=True
    ),
    Kind(
        "case_returned", "A case of mine goes back", "A case of yours went back to the queue", for_staff=True
    ),
    Kind("case_mention", "A note mentions me", "%(name)s mentioned you in a note", for_staff=True),
    Kind("case_heard", "The customer replies in my case", "%(name)s replied in your case", for_staff=True),
    Kind("case_reopened", "A case of mine is reopened", "A case of yours is open again", for_staff=True),
    Kind(
        "case_warning", "A deadline of my case is near", "A deadline is near", for_staff=True, by_email=False
    ),
    Kind("case_breach", "A deadline was missed", "A deadline was missed", for_staff=True, repeats=True),
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.key: kind for kind in _ALL})


def kinds_for(member: User) -> list[Kind]:
    """Return the kinds that the member can hear of."""
    return [kind for kind in KINDS.values() if member.is_agent or not kind.for_staff]
