"""What an import took, adapted and left out, by file and reason: for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.domain.importing.source.dump import FILES
from app.domain.importing.taking.run import ADAPTED, LEFT_OUT, TAKEN
from app.models import ImportCount


@dataclass
class FileReport:
    """One file: every row that was read was either taken or left out.

    `adapted` counts what was changed or not kept, most of it while the rows were read: also on rows
    that were left out in the end, such as an answer that the dump has twice.
    """

    read: int = 0
    taken: int = 0
    adapted: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)


@dataclass
class Report:
    """A whole import. `is_new` is False when it had been finished before, and nothing was left to take."""

    source: str
    files: dict[str, FileReport]
    is_new: bool = True
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the report for programs."""
        return {
            "source": self.source,
            "nothing_new": not self.is_new,
            "tables": {
                name: {
                    "read": file.read,
                    "taken": file.taken,
                    "left_out": sum(file.left_out.values()),
                    "left_out_by_reason": file.left_out,
                    "adapted_by_reason": file.adapted,
                }
                for name, file in self.files.items()
            },
            "notes": self.notes,
        }

    def as_text(self) -> str:
        """Return the report as a table, with the reasons below."""
        lines = [f"{'':<12}{'read':>12}{'taken':>12}{'left out':>12}"]
        for name, file in self.files.items():
            lines.append(f"{name:<12}{file.read:>12,}{file.taken:>12,}{sum(file.left_out.values()):>12,}")
        for title, reasons in (
            ("Left out", "left_out"),
            ("Changed or not kept, also on rows left out", "adapted"),
        ):
            found = [
                (name, reason, number)
                for name, file in self.files.items()
                for reason, number in sorted(getattr(file, reasons).items(), key=lambda item: -item[1])
            ]
            if found:
                lines += ["", f"{title}:"]
                lines += [f"  {name:<12}{number:>9,}  {reason}" for name, reason, number in found]
        return "\n".join([*lines, *(["", *self.notes] if self.notes else [])])


def report_of(source: str, counts: Iterable[ImportCount], *, is_new: bool) -> Report:
    """Add up the counted lines."""
    files: dict[str, FileReport] = {}
    for line in sorted(counts, key=lambda item: FILES.index(item.file)):
        file = files.setdefault(line.file, FileReport())
        if line.outcome == ADAPTED:
            file.adapted[line.reason] = line.number
            continue
        file.read += line.number
        if line.outcome == TAKEN:
            file.taken += line.number
        elif line.outcome == LEFT_OUT:
            file.left_out[line.reason] = line.number
    return Report(source, files, is_new=is_new)
