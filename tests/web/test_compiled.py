from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from app.web.compiled import CompiledTemplates

GREETING = {"greeting.html": "Good {{ time }}"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "templates"


def rendered(folder: Path, templates: dict[str, str] = GREETING, *, kind: str = "plain") -> str:
    compiled = CompiledTemplates(folder, kind=kind)
    environment = Environment(loader=DictLoader(templates), bytecode_cache=compiled, autoescape=True)
    return environment.get_template("greeting.html").render(time="morning")


def test_the_next_process_does_not_compile(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rendered(folder) == "Good morning"
    monkeypatch.setattr(Environment, "compile", None)
    assert rendered(folder) == "Good morning"


def test_what_changed_is_compiled_anew(folder: Path) -> None:
    rendered(folder)
    assert rendered(folder, {"greeting.html": "Bad {{ time }}"}) == "Bad morning"


def test_what_was_compiled_in_another_way_is_not_used(folder: Path) -> None:
    rendered(folder)
    rendered(folder, kind="fancy")
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("left", [0, 10, 40, 200])
def test_what_a_power_cut_left_half_written_is_compiled_anew(folder: Path, left: int) -> None:
    rendered(folder)
    [kept] = folder.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:left])
    assert rendered(folder) == "Good morning"
    assert kept.read_bytes() == whole


def test_a_page_is_shown_when_nothing_can_be_kept(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder.write_text("a file where the folder should be")
    assert rendered(folder) == "Good morning"
    assert "not kept" in caplog.text
