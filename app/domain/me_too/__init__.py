"""Me too: members who have the problem of a question.

Owns me-toos and the count of them on questions. Not a vote: it makes the member a follower and
counts for the staff queue. Emits MeTooAdded, MeTooWithdrawn.
"""

from app.domain.me_too.events import MeTooAdded, MeTooWithdrawn
from app.domain.me_too.policy import may_say
from app.domain.me_too.queries import said_by
from app.domain.me_too.service import add, withdraw

__all__ = ["MeTooAdded", "MeTooWithdrawn", "add", "may_say", "said_by", "withdraw"]
