"""Importing: move a community in from a Stack Exchange data dump.

Owns where imported rows came from (MovedIn), how far an import has come (ImportProgress), its
report (ImportCount) and links between posts (PostLink). Promises: bounded memory; nothing is
written before every file has been checked; stopped anywhere and run again, nothing is doubled or
lost; each row is taken or its reason reported; nobody is notified.
Emits ContentMovedIn, from which the search index gets the threads.
"""

from app.domain.importing.events import ContentMovedIn
from app.domain.importing.progress import Progress
from app.domain.importing.report import FileReport, Report
from app.domain.importing.service import import_dump
from app.domain.importing.source.dump import DumpError, rows_of

__all__ = ["ContentMovedIn", "DumpError", "FileReport", "Progress", "Report", "import_dump", "rows_of"]
