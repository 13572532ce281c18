"""Macros."""

from __future__ import annotations

import itertools
from typing import Any

from sqlmodel import Session

from app.models import Macro
from tests.support.clock import MONDAY_MORNING

_numbers = itertools.count(1)


def make_macro(db: Session, *actions: dict[str, str], **facts: Any) -> Macro:
    """Save a macro with these actions, as they are stored."""
    defaults: dict[str, Any] = {
        "name": f"Macro {next(_numbers)}",
        "actions": list(actions) or [{"do": "note", "text": "Looked at it."}],
        "created_at": MONDAY_MORNING,
        "changed_at": MONDAY_MORNING,
    }
    macro = Macro(**{**defaults, **facts})
    db.add(macro)
    db.commit()
    return macro
