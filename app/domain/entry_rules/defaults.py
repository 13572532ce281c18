"""What the rules are where nobody has set them: one table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A rule as it is to begin with. `unit` says what its amount counts, "" where it has none."""

    code: str
    unit: str = ""
    amount: int | None = None
    least: int = 0
    most: int = 0
    is_enabled: bool = True


_MONTH = 60 * 24 * 31

KINDS = (
    Kind("unanswered", "minutes", 480, least=1, most=_MONTH),
    Kind("asker_waiting", "minutes", 960, least=1, most=_MONTH),
    Kind("not_helpful"),
    Kind("acceptance_withdrawn"),
    Kind("many_affected", "people", 5, least=2, most=10_000),
    Kind("trusted_request", "requests", 3, least=1, most=100),
    Kind("by_staff"),
    Kind("by_api"),
)

_BY_CODE = {kind.code: kind for kind in KINDS}


def kind_of(code: str) -> Kind | None:
    """Return the kind of rule with this code, if there is one."""
    return _BY_CODE.get(code)
