"""Idempotency: a request that is sent twice is carried out once.

Owns stored answers. Promises: an answer is written in the transaction of its effect, so that after a
crash either both are there or neither; two requests with one key at once have one effect.
"""

from app.domain.idempotency.service import KEPT_FOR, Answered, Attempt, InProgress, forget_old, once

__all__ = ["KEPT_FOR", "Answered", "Attempt", "InProgress", "forget_old", "once"]
