from __future__ import annotations

from app.settings import Settings
from tests.support import settings_reference

REPAIR = "run: .venv/bin/python -m tests.support.settings_reference"


def test_every_setting_is_described() -> None:
    silent = [name for name, field in Settings.model_fields.items() if not field.description]
    assert not silent


def test_env_example_agrees_with_the_settings() -> None:
    assert settings_reference.ENV_EXAMPLE.read_text() == settings_reference.env_example(), REPAIR


def test_the_operators_page_agrees_with_the_settings() -> None:
    page = settings_reference.OPERATIONS.read_text()
    assert settings_reference.BEGIN in page
    assert page == settings_reference.with_table(page), REPAIR
