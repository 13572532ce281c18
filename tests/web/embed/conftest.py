from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import Settings
from tests.support.browser import ORIGIN

SHOP = "https://shop.example.com"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A forum that one product site may embed."""
    return Settings(  # type: ignore[call-arg]
        _env_file=None,
        data_dir=tmp_path,
        secret_key="for tests only " * 3,
        base_url=ORIGIN,
        embed_origins=(SHOP,),
    )
