"""The pulse: what waits, how long it has been waiting, and how the queue of staff stands.

Owns nothing; reads by indexes only, so that monitoring may ask every few seconds. Emits nothing.
"""

from app.domain.pulse.queries import Pulse, Waiting, feel

__all__ = ["Pulse", "Waiting", "feel"]
