"""SLA: how fast questions must be answered, and the clocks that measure it.

Owns the pure arithmetic of clocks (`clock`). Promises: a clock is the replay of its events; a change of
policy, calendar or priority keeps what was consumed.
"""

from app.domain.sla import clock

__all__ = ["clock"]
