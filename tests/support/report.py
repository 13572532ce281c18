"""What pytest prints at its head and foot: the databases in use, and how large our modules and functions are."""

from __future__ import annotations

import statistics

import pytest

from tests.support import databases
from tests.support.source import modules


def pytest_report_header() -> str:
    """Name the databases."""
    return "databases: " + ", ".join(databases.state_of(kind) for kind in databases.KINDS)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Warn loudly of a missing database, and report sizes (wanted: 95 % of modules < 300 lines, functions < 45)."""
    for kind in databases.KINDS:
        if databases.state_of(kind).startswith("NO "):
            terminalreporter.section(databases.state_of(kind), sep="!", red=True)
    if terminalreporter.verbosity >= 0:
        files = [(module.line_count, str(module)) for module in modules()]
        functions = [
            ((node.end_lineno or node.lineno) - node.lineno + 1, f"{module.place(node)} {node.name}")
            for module in modules()
            for node in module.functions()
        ]
        terminalreporter.section("sizes of app/")
        terminalreporter.line(_sizes("modules", files))
        terminalreporter.line(_sizes("functions", functions))


def _sizes(what: str, sized: list[tuple[int, str]]) -> str:
    lines = sorted(size for size, _ in sized)
    p95 = lines[int(len(lines) * 0.95)]
    most, where = max(sized)
    return (
        f"{len(lines)} {what}: median {statistics.median(lines):.0f} / p95 {p95} / max {most} lines ({where})"
    )
