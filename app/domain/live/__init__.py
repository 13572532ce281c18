"""Live events: what open pages are told at once, read from the outbox by position.

Owns nothing. Promises: a message goes to strangers only about what every stranger may see at the
moment it is read, and carries ids, counts and states, never a text; messages about cases go to
staff only. `table.py` says which event becomes which message; `Changes` is the source that
`app.core.hub.Hub` reads.
"""

from app.domain.live.policy import CASE, QUEUE, TopicUnknown, may_listen, staff_topic
from app.domain.live.source import Changes
from app.domain.live.table import PUBLIC

__all__ = ["CASE", "PUBLIC", "QUEUE", "Changes", "TopicUnknown", "may_listen", "staff_topic"]
