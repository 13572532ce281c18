"""Exporting: the whole community in a folder that other programs read, and back elsewhere without a loss.

The folder is a data dump in the form of Stack Exchange (`Users.xml`, `Posts.xml` and so on: what
every visitor can see), with `lines/<table>.jsonl` beside it for what that form can't hold, the
uploads, and `peerdesk.json`, which tells versions, rows and checksums. A text that the dump holds
word for word is not written a second time. Nothing in it is particular to SQLite or PostgreSQL.
Promises: one instant of the database, bounded memory, no table forgotten (`plan.py` names what is
not exported, with the reason), and the same files again from wherever it was brought to.
"""

from app.domain.exporting.bringing import Occupied, bring_in, is_export
from app.domain.exporting.folder import Facts, Manifest, NotWhole, read_manifest
from app.domain.exporting.plan import LEFT_OUT, PRIVATE, is_exported
from app.domain.exporting.writing import Forum, export

__all__ = [
    "LEFT_OUT",
    "PRIVATE",
    "Facts",
    "Forum",
    "Manifest",
    "NotWhole",
    "Occupied",
    "bring_in",
    "export",
    "is_export",
    "is_exported",
    "read_manifest",
]
