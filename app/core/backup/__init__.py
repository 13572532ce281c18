"""Backups: the whole of a forum in one file, made while it is in use, and brought back elsewhere.

The file is a zip. `database/<table>.jsonl` holds each table's rows, one JSON object a line, all read
in one snapshot; `uploads/` the files of members; `secret_key` the key that signs cookies and links;
`settings.env` how the forum was set up, without passwords. `manifest.json`, written last, tells the
schema's revision and, for each table, the number of rows and the SHA-256 of its lines. Nothing in it
is particular to SQLite or PostgreSQL: a backup of one comes back in the other.
"""

from app.core.backup.archive import Damaged, Manifest, check
from app.core.backup.making import LAST_BACKUP, Forum, Made, back_up
from app.core.backup.restoring import NotEmpty, restore

__all__ = ["LAST_BACKUP", "Damaged", "Forum", "Made", "Manifest", "NotEmpty", "back_up", "check", "restore"]
