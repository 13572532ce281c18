from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from itertools import product

import pytest

from app.core.resources import STATIC, resource
from app.web.assets import STYLESHEET, Assets

TEMPLATES = {
    path.relative_to(resource("templates")).as_posix(): path.read_text()
    for path in sorted(resource("templates").rglob("*.html"))
}
MODULES = {path.stem: path.read_text() for path in sorted((STATIC / "js").glob("*.js"))}
STYLES = {path.stem: path.read_text() for path in sorted((STATIC / "css").glob("*.css"))}
DESK_STYLES = {
    path.stem: path.read_text() for path in sorted((STATIC / "desk").glob("*.css"))
}  # for staff only
TEXT_COLORS = ("ink", "ink-2", "accent", "solved", "answered", "open", "danger")
GROUNDS = ("paper", "surface")
TINTED = (
    ("solved", "solved-tint"),
    ("answered", "answered-tint"),
    ("open", "open-tint"),
    ("danger", "danger-tint"),
)


def test_styles_are_light() -> None:
    stylesheet = Assets().get(STYLESHEET)

    assert stylesheet is not None
    assert len(stylesheet.compressed) <= 10_000


def test_all_scripts_together_are_light() -> None:
    assert sum(len(gzip.compress(source.encode())) for source in MODULES.values()) <= 25_000


def test_every_behaviour_that_a_template_names_has_its_module() -> None:
    named = {name for names in _in_templates(r'data-behaviour="([a-z -]+)"') for name in names.split()}

    assert named
    assert named <= MODULES.keys()


def test_every_module_that_attaches_is_listed_by_the_loader() -> None:
    attaching = {name for name, source in MODULES.items() if "export function attach(" in source}
    listed = set(re.findall(r'"([a-z-]+)"', MODULES["app"].split("const attached")[0]))

    assert attaching <= listed


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([a-z-]+)"', (STATIC / "icons.svg").read_text()))
    named = {*_in_templates(r"\bicon\('([a-z-]+)'"), *_in_templates(r"icon_name='([a-z-]+)'")}

    assert named
    assert named <= sprite


def test_templates_hold_no_inline_style_or_script() -> None:
    for name, source in TEMPLATES.items():
        if not name.startswith("emails/"):
            assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|<script(?![^>]*\bsrc=)", source), name


def test_every_style_stands_in_a_layer() -> None:
    for name, source in {**STYLES, **DESK_STYLES}.items():
        without_comments = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL).strip()
        assert without_comments.startswith("@layer"), name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_on_every_ground(scheme: str) -> None:
    colors = _colors(scheme)

    for text, ground in [*product(TEXT_COLORS, GROUNDS), *TINTED, ("accent-ink", "accent"), ("ink", "mark")]:
        contrast = _contrast(colors[text], colors[ground])
        assert contrast >= 4.5, f"--{text} on --{ground} in the {scheme} scheme: {contrast:.2f}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_of_controls_can_be_seen(scheme: str) -> None:
    colors = _colors(scheme)

    assert _contrast(colors["edge"], colors["paper"]) >= 3


def test_both_ways_into_the_dark_give_the_same_colors() -> None:
    by_device, by_choice = re.findall(r"--paper: #15181b;.*?\n\s*}", STYLES["tokens"], flags=re.DOTALL)

    assert re.findall(r"--[\w-]+: [^;]+", by_device) == re.findall(r"--[\w-]+: [^;]+", by_choice)


def _in_templates(pattern: str) -> Iterator[str]:
    for source in TEMPLATES.values():
        yield from re.findall(pattern, source)


def _colors(scheme: str) -> dict[str, str]:
    tokens = STYLES["tokens"]
    colors = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", tokens.split("prefers-color-scheme")[0]))
    colors["accent"] = colors["brand"]
    if scheme == "dark":
        colors |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", tokens.split('data-theme="dark"] {')[-1]))
    return colors


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    """Return the relative luminance of #rgb or #rrggbb (WCAG 2.2)."""
    digits = color[1:] if len(color) == 7 else "".join(digit * 2 for digit in color[1:])
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
