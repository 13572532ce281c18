"""What members can hear of: one table, shown on their settings page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.core.i18n import gettext as _


@dataclass(frozen=True)
class Kind:
    """A kind of news: what the settings call it, how it reads, and whether it is mailed by default."""

    key: str
    choice: str
    sentence: str
    by_email: bool = True

    def text(self, actor: str) -> str:
        """Return the line of the inbox and the subject of the e-mail."""
        return _(self.sentence) % {"name": actor}


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.key: kind
        for kind in (
            Kind("answer", "Someone answers a question I follow", "%(name)s answered a question you follow"),
            Kind("accepted", "My answer is accepted", "%(name)s accepted your answer"),
            Kind("comment", "Someone comments on my post", "%(name)s commented on your post"),
            Kind("mention", "Someone mentions me", "%(name)s mentioned you"),
            Kind(
                "official",
                "A question I follow gets an official answer",
                "%(name)s marked an answer as official",
            ),
            Kind(
                "duplicate", "My question was asked before", "%(name)s found an earlier question like yours"
            ),
            Kind("closed", "My question is closed", "%(name)s closed your question"),
            Kind("removed", "Staff hide my post", "%(name)s hid your post"),
            Kind(
                "question",
                "A new question on what I follow",
                "%(name)s asked about something you follow",
                by_email=False,
            ),
        )
    }
)
