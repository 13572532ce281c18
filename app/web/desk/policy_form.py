"""A policy as it is typed: "8 h" for targets, names for products and tags."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlmodel import Session

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.domain import catalog, sla
from app.models import METRICS, PRIORITIES
from app.web.forms import Form, Submission

_SPAN = re.compile(r"(?:(\d{1,5})\s*h(?:ours?)?)?\s*(?:(\d{1,6})\s*(?:m(?:in(?:utes?)?)?)?)?", re.IGNORECASE)


class PolicyForm(Form):
    """What a policy says, as typed; lists with commas."""

    name: str = ""
    products: str = ""
    tags: str = ""
    priorities: str = ""
    ranks: str = ""
    calendar: str = ""
    low_first_response: str = ""
    low_next_reply: str = ""
    low_resolution: str = ""
    normal_first_response: str = ""
    normal_next_reply: str = ""
    normal_resolution: str = ""
    high_first_response: str = ""
    high_next_reply: str = ""
    high_resolution: str = ""
    urgent_first_response: str = ""
    urgent_next_reply: str = ""
    urgent_resolution: str = ""
    pauses_next_reply: str = ""
    pauses_resolution: str = ""
    warn_percent: str = ""
    warn_minutes: str = ""
    breach_percents: str = ""
    days: str = ""  # of a what-if


AnyForm = Submission[PolicyForm] | Submission[Form]


def terms_of(db: Session, data: PolicyForm) -> sla.Terms:
    """Return what was typed as terms; raise Invalid for what can't be read."""
    return sla.Terms(
        matches={
            "products": _products(db, data.products),
            "tags": [name.casefold().lstrip("#") for name in _listed(data.tags)],
            "priorities": _listed(data.priorities),
            "ranks": _listed(data.ranks),
        },
        calendar_id=int(data.calendar) if data.calendar.isdecimal() else None,
        targets=_targets(data),
        pauses={
            "next_reply": _listed(data.pauses_next_reply),
            "resolution": _listed(data.pauses_resolution),
        },
        warnings={
            "percent": _numbers(data.warn_percent, "warn_percent"),
            "minutes_before": _numbers(data.warn_minutes, "warn_minutes"),
        },
        breach_percents=_numbers(data.breach_percents, "breach_percents"),
    )


def typed_of(name: str, terms: sla.Terms, slugs: Mapping[int | None, str]) -> dict[str, str]:
    """Return terms as one types them."""
    typed = {
        "name": name,
        "products": ",".join(slugs.get(number, "") for number in terms.matches.get("products", ())),
        "tags": ", ".join(terms.matches.get("tags", ())),
        "priorities": ",".join(terms.matches.get("priorities", ())),
        "ranks": ",".join(terms.matches.get("ranks", ())),
        "calendar": str(terms.calendar_id or ""),
        "pauses_next_reply": ",".join(terms.pauses.get("next_reply", ())),
        "pauses_resolution": ",".join(terms.pauses.get("resolution", ())),
        "warn_percent": ", ".join(map(str, terms.warnings.get("percent", ()))),
        "warn_minutes": ", ".join(map(str, terms.warnings.get("minutes_before", ()))),
        "breach_percents": ", ".join(map(str, terms.breach_percents)),
    }
    for priority in PRIORITIES:
        for metric in METRICS:
            typed[f"{priority}_{metric}"] = span_words(terms.targets.get(priority, {}).get(metric))
    return typed


def span_words(minutes: int | None) -> str:
    """Return "8 h", "1 h 30 m" or "45 m"; nothing for no target."""
    if minutes is None:
        return ""
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} m" if rest or not hours else "") if part
    )


def _targets(data: PolicyForm) -> dict[str, dict[str, int]]:
    targets: dict[str, dict[str, int]] = {}
    errors: dict[str, str] = {}
    for priority in PRIORITIES:
        for metric in METRICS:
            name = f"{priority}_{metric}"
            typed = getattr(data, name).strip()
            found = _SPAN.fullmatch(typed)
            if not typed:
                continue
            if found is None:
                errors[name] = _("“%(text)s” is no length of time; write 8 h, 1 h 30 m or 45 m.") % {
                    "text": typed[:20]
                }
            else:
                minutes = int(found[1] or 0) * 60 + int(found[2] or 0)
                targets.setdefault(priority, {})[metric] = minutes
    Invalid.raise_if(errors)
    return targets


def _products(db: Session, typed: str) -> list[int]:
    known = {product.slug: product.id or 0 for product in catalog.all_products(db)}
    wanted = _listed(typed)
    if not set(wanted) <= known.keys():
        raise Invalid("matches", _("One of these products is gone; choose again."))
    return [known[slug] for slug in wanted]


def _listed(typed: str) -> list[str]:
    return [part.strip() for part in typed.split(",") if part.strip()]


def _numbers(typed: str, field: str) -> list[int]:
    parts = _listed(typed.replace("%", ""))
    if not all(part.isascii() and part.isdecimal() and len(part) < 9 for part in parts):
        raise Invalid(field, _("Write whole numbers with commas between them."))
    return [int(part) for part in parts]
