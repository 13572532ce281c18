"""The doctor: compares what is stored twice, and says what is stuck.

Owns nothing. Promises: looking changes nothing; mending takes the same locks as the services whose
counters it mends, so it may run while people write. Emits Mended.
"""

from app.domain.doctor.checks import Finding, Forum, examine
from app.domain.doctor.events import Mended
from app.domain.doctor.service import mend

__all__ = ["Finding", "Forum", "Mended", "examine", "mend"]
