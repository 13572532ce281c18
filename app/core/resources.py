"""Where templates, migrations and alembic.ini lie: beside `app/` in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

_APP = Path(__file__).resolve().parent.parent


def resource(name: str) -> Path:
    """Return the path of a top-level resource: "templates", "migrations" or "alembic.ini"."""
    bundled = _APP / "bundled" / name
    return bundled if bundled.exists() else _APP.parent / name


STATIC = _APP / "web" / "static"
