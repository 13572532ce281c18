"""Reputation: an append-only ledger for each member, and what it brings: ranks and privileges.

Owns ledger entries and `User.reputation`. Promises: the total is always the sum of the ledger,
and never below 1. Written by the services of other features within their own transactions.
"""

from app.domain.reputation.points import DAILY_CAP, POINTS
from app.domain.reputation.privileges import (
    PRIVILEGES,
    Privilege,
    Suspended,
    Unverified,
    may,
    privilege,
    require,
    require_active,
)
from app.domain.reputation.queries import Expertise, LedgerLine, accepted_on, expertise, ledger, ledger_before
from app.domain.reputation.ranks import RANKS, Rank, next_rank, rank_of
from app.domain.reputation.service import return_post, settle, take_back_post, welcome

__all__ = [
    "DAILY_CAP",
    "POINTS",
    "PRIVILEGES",
    "RANKS",
    "Expertise",
    "LedgerLine",
    "Privilege",
    "Rank",
    "Suspended",
    "Unverified",
    "accepted_on",
    "expertise",
    "ledger",
    "ledger_before",
    "may",
    "next_rank",
    "privilege",
    "rank_of",
    "require",
    "require_active",
    "return_post",
    "settle",
    "take_back_post",
    "welcome",
]
