"""docs/security.md says which test shows what: each of them exists, and no attack case is left out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
CASES = 46
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
FOUND = re.compile(r"def test_cases?_(\d+)(?:_and_(\d+))?_")
REQUIREMENT = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| (yes|no|part|operator) \|", re.MULTILINE)


def test_every_test_that_the_page_names_exists() -> None:
    named = {(path, name) for path, name in NAMED.findall(PAGE)}
    assert len(named) > 80
    missing = {f"{path}::{name}" for path, name in named if name not in _tests_in(ROOT / path)}
    assert missing == set()


def test_every_attack_case_has_its_line_with_a_test() -> None:
    lines = {int(number): line for number, line in re.findall(r"^\| (\d+) \|(.+)$", PAGE, re.MULTILINE)}
    assert sorted(lines) == list(range(1, CASES + 1))
    assert [number for number, line in lines.items() if not NAMED.search(line)] == []


def test_every_test_that_names_a_case_names_one_of_them() -> None:
    numbers = [
        int(number)
        for path in (ROOT / "tests").rglob("test_*.py")
        for groups in FOUND.findall(path.read_text())
        for number in groups
        if number
    ]
    assert numbers
    assert [number for number in numbers if not 1 <= number <= CASES] == []


def test_the_totals_of_the_page_are_those_of_its_tables() -> None:
    rows = REQUIREMENT.findall(PAGE)
    assert len({number for number, _level, _met in rows}) == len(rows)
    for level in ("1", "2"):
        states = [met for _number, at, met in rows if at == level]
        tally = ", ".join(f"{states.count(state)} {state}" for state in ("yes", "operator", "part", "no"))
        assert f"Level {level}: {len(states)} apply: {tally}." in PAGE


def _tests_in(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text())
    return {"", *(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))}
