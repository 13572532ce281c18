"""What a policy may say. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.models import METRICS, PRIORITIES, SlaPolicyVersion

MINUTES_AT_MOST = 366 * 24 * 60
PAUSING = ("waiting_customer", "waiting_internal", "snoozed")
"""The states of a case that may pause a clock."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a policy says; see `SlaPolicyVersion` for the form of each part."""

    matches: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    calendar_id: int | None = None
    targets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    pauses: Mapping[str, Sequence[str]] = field(default_factory=dict)
    warnings: Mapping[str, Sequence[int]] = field(default_factory=dict)
    breach_percents: Sequence[int] = (50, 100)

    @classmethod
    def of(cls, version: SlaPolicyVersion) -> Terms:
        """Return what a version says."""
        return cls(
            matches=version.matches,
            calendar_id=version.calendar_id,
            targets=version.targets,
            pauses=version.pauses,
            warnings=version.warnings,
            breach_percents=version.breach_percents,
        )

    def stored(self) -> dict[str, Any]:
        """Return it as the columns of a version, in one order, so that the same is equal."""
        return {
            "matches": {name: sorted(wanted) for name, wanted in sorted(self.matches.items()) if wanted},
            "calendar_id": self.calendar_id,
            "targets": {
                priority: {
                    metric: self.targets[priority][metric]
                    for metric in METRICS
                    if metric in self.targets[priority]
                }
                for priority in PRIORITIES
                if self.targets.get(priority)
            },
            "pauses": {name: sorted(states) for name, states in sorted(self.pauses.items()) if states},
            "warnings": {name: sorted(set(steps)) for name, steps in sorted(self.warnings.items()) if steps},
            "breach_percents": list(self.breach_percents),
        }

    def check(self) -> None:
        """Raise Invalid, with a sentence for each part at fault, for what makes no sense by itself."""
        found = {
            "matches": _wrong_matches(self.matches),
            "targets": _wrong_targets(self.targets),
            "pauses": _wrong_pauses(self.pauses),
            "warnings": _wrong_warnings(self.warnings),
            "breach_percents": _wrong_levels(self.breach_percents),
        }
        Invalid.raise_if({name: text for name, text in found.items() if text})


def metric_names() -> dict[str, str]:
    """Return the metrics in words."""
    return {
        "first_response": _("First response"),
        "next_reply": _("Next reply"),
        "resolution": _("Resolution"),
    }


def priority_names() -> dict[str, str]:
    """Return the priorities in words, the least urgent first."""
    return {"low": _("Low"), "normal": _("Normal"), "high": _("High"), "urgent": _("Urgent")}


def _wrong_matches(matches: Mapping[str, Sequence[Any]]) -> str:
    if set(matches.get("priorities") or ()) - set(PRIORITIES):
        return _("There is no such priority.")
    return ""


def _wrong_targets(targets: Mapping[str, Mapping[str, int]]) -> str:
    if set(targets) - set(PRIORITIES) or any(set(of) - set(METRICS) for of in targets.values()):
        return _("There is no such priority or clock.")
    if any(not of for of in targets.values()) or set(targets) != set(PRIORITIES):
        return _("Give each priority at least one target, or its questions would wait without any deadline.")
    if any(not 1 <= minutes <= MINUTES_AT_MOST for of in targets.values() for minutes in of.values()):
        return _("A target is at least a minute and at most a year.")
    names = priority_names()
    for priority, of in targets.items():
        if of.get("resolution", MINUTES_AT_MOST) < max(of.get("first_response", 0), of.get("next_reply", 0)):
            text = _("%(priority)s: the resolution would be due before the reply.")
            return text % {"priority": names[priority]}
    return _wrong_order(targets)


def _wrong_order(targets: Mapping[str, Mapping[str, int]]) -> str:
    names, metrics = priority_names(), metric_names()
    for metric in METRICS:
        for lower, higher in pairwise(PRIORITIES):
            slow, quick = targets[lower].get(metric), targets[higher].get(metric)
            if slow is not None and (quick is None or quick > slow):
                text = _("%(metric)s: %(higher)s would have more time than %(lower)s.")
                return text % {"metric": metrics[metric], "higher": names[higher], "lower": names[lower]}
    return ""


def _wrong_pauses(pauses: Mapping[str, Sequence[str]]) -> str:
    if pauses.get("first_response"):
        return _("The first response never pauses: nobody has answered yet.")
    if set(pauses) - set(METRICS) or any(set(states) - set(PAUSING) for states in pauses.values()):
        return _("There is no such clock or state.")
    return ""


def _wrong_warnings(warnings: Mapping[str, Sequence[int]]) -> str:
    percents, minutes = warnings.get("percent") or (), warnings.get("minutes_before") or ()
    if set(warnings) - {"percent", "minutes_before"} or len(percents) > 5 or len(minutes) > 5:
        return _("Warn at most five times by percent and five times by minutes.")
    if any(not 1 <= percent <= 99 for percent in percents):
        return _("Warn between 1 and 99 percent of the target.")
    if any(not 1 <= minute <= MINUTES_AT_MOST for minute in minutes):
        return _("Warn at least a minute before the deadline.")
    return ""


def _wrong_levels(percents: Sequence[int]) -> str:
    if len(percents) != 2 or not 1 <= percents[0] < percents[1] <= 1_000:
        return _("Levels 2 and 3 come at two rising percentages over the target, such as 50 and 100.")
    return ""
