"""Accounts: who people are and how they sign in.

Owns users, login sessions, account tokens and throttles.
"""

from app.domain.accounts.queries import viewer

__all__ = ["viewer"]
