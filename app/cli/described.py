"""The settings as they are written beside a backup or an export."""

from __future__ import annotations

from app.settings import PREFIX, Settings

_SECRET = frozenset({"secret_key", "database_url", "smtp_url", "metrics_token"})


def described(settings: Settings) -> str:
    """Return the settings as lines for `.env`; what may hold a password is only named."""
    lines = ["# How the forum was set up. Put these lines into .env where you need them."]
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if name in _SECRET:
            lines.append(f"# {PREFIX}{name.upper()} is left out: it may hold a password")
        else:
            written = ",".join(value) if isinstance(value, tuple) else value
            lines.append(f"{PREFIX}{name.upper()}={written}")
    return "\n".join(lines) + "\n"
