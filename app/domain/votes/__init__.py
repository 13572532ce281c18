"""Votes: up and down, once a member a post.

Owns votes and the scores of posts. Promises: scores equal a recount of the votes, and every
vote's points are in the ledger, in the same transaction. Emits VoteCast.
"""

from app.domain.votes.events import VoteCast
from app.domain.votes.policy import CHANGE_WITHIN, VOTES_A_DAY, may_change, may_vote
from app.domain.votes.queries import mine
from app.domain.votes.service import cast

__all__ = ["CHANGE_WITHIN", "VOTES_A_DAY", "VoteCast", "cast", "may_change", "may_vote", "mine"]
