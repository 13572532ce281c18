"""What all steps of an import share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, select

from app.domain.importing.taking.ids import Ids
from app.domain.importing.taking.scratch import Scratch
from app.models import ImportCount

LEFT_OUT = "left_out"
ADAPTED = "adapted"
TAKEN = "taken"
MOST_REASONS = 100
"""A dump may be made to have a million: attributes, say, that nobody knows."""
OTHER = "other reasons: only the first hundred are named"


@dataclass
class Run:
    """One run of the import of `source`; `counted` is what the present transaction adds to the report."""

    source: str
    now: datetime
    scratch: Scratch
    product_id: int | None = None
    counted: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.users = Ids(self.source, "user")
        self.names = Ids(self.source, "name")
        self.posts = Ids(self.source, "post")
        self.excerpts = Ids(self.source, "excerpt")
        self.accepted = Ids(self.source, "accepted")  # see accepting.expectation
        self.comments = Ids(self.source, "comment")

    def count(self, file: str, outcome: str, reason: str = "", number: int = 1) -> None:
        """Add to a line of the report."""
        self.counted[file, outcome, reason[:120]] += number

    def count_all(self, file: str, outcome: str, reasons: Counter[str]) -> None:
        """Add to several lines of one outcome."""
        for reason, number in reasons.items():
            self.count(file, outcome, reason, number)

    def write_counts(self, db: Session) -> None:
        """Write the present transaction's counts; of a file's reasons only so many are told apart."""
        lines = {(line.file, line.outcome, line.reason): line for line in self.counts(db)}
        told = Counter((file, outcome) for file, outcome, _ in lines)
        for (file, outcome, reason), number in sorted(self.counted.items()):
            shown = (
                reason if (file, outcome, reason) in lines or told[file, outcome] < MOST_REASONS else OTHER
            )
            line = lines.get((file, outcome, shown))
            if line is None:
                told[file, outcome] += 1
                line = ImportCount(source=self.source, file=file, outcome=outcome, reason=shown, number=0)
                lines[file, outcome, shown] = line
                db.add(line)
            line.number += number
        db.flush()
        self.counted.clear()

    def forget(self) -> None:
        """Forget what a transaction that is rolled back has counted and kept."""
        self.counted.clear()
        for kind in (self.users, self.names, self.posts, self.excerpts, self.accepted, self.comments):
            kind.forget()

    def counts(self, db: Session) -> list[ImportCount]:
        """Return all lines of the report so far."""
        statement = select(ImportCount).where(ImportCount.source == self.source)
        return list(db.exec(statement.order_by(ImportCount.file, ImportCount.outcome, ImportCount.reason)))
