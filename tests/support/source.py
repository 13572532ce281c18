"""The application's own source, parsed, for rules that no linter knows."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A file of `app/`."""

    path: Path
    tree: ast.Module
    line_count: int

    def __str__(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    def functions(self) -> Iterator[Function]:
        """Yield every function and method, nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node

    def place(self, node: ast.stmt | ast.expr) -> str:
        """Return "app/core/db.py:12", to be clicked in an error message."""
        return f"{self}:{node.lineno}"


@functools.cache
def modules() -> tuple[Module, ...]:
    """Return every module of `app/`."""
    found = []
    for path in sorted(APP.rglob("*.py")):
        text = path.read_text()
        found.append(Module(path, ast.parse(text, path), len(text.splitlines())))
    return tuple(found)
