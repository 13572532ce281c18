"""Writes the reference of all settings into `.env.example` and `docs/operations.md`.

Run `python -m tests.support.settings_reference` after changing app/settings.py; a test compares.
"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

from pydantic.fields import FieldInfo

from app.settings import PREFIX, Settings
from tests.support.source import ROOT

ENV_EXAMPLE = ROOT / ".env.example"
OPERATIONS = ROOT / "docs" / "operations.md"
BEGIN, END = "<!-- settings: begin -->\n", "<!-- settings: end -->\n"
_HEAD = """\
# Every setting of Peerdesk with its default. Copy the lines you need to `.env` in the folder where
# `peerdesk` runs, or set them in the environment. A wrong value stops the start with a sentence.
"""


def env_example() -> str:
    """Return `.env.example` as it should be."""
    blocks = [_HEAD]
    for name, field in Settings.model_fields.items():
        described = textwrap.fill(field.description or "", 98, initial_indent="# ", subsequent_indent="# ")
        blocks.append(f"{described}\n# {_variable(name)}={_default(field)}\n")
    return "\n".join(blocks)


def table() -> str:
    """Return the table of settings as it should stand in `docs/operations.md`."""
    rows = [
        f"| `{_variable(name)}` | {f'`{_default(field)}`' if _default(field) else 'empty'} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| setting | default | meaning |", "|---|---|---|", *rows, ""])


def with_table(page: str) -> str:
    """Return the page with the table between its marks brought up to date."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


def _variable(name: str) -> str:
    return f"{PREFIX}{name}".upper()


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, tuple):
        return ",".join(value)
    return value if isinstance(value, str) else str(value) if isinstance(value, Path) else json.dumps(value)


if __name__ == "__main__":
    ENV_EXAMPLE.write_text(env_example())
    OPERATIONS.write_text(with_table(OPERATIONS.read_text()))
