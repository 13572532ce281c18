"""The lead's tables: one form for the page, its pictures, and CSV files."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from app.core.i18n import gettext as _
from app.domain import reports, sla
from app.web.desk import zones

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet read a text as a formula (OWASP, CSV injection)."""

BARS_AT_MOST = 30


@dataclass(frozen=True)
class Cell:
    """A cell: as people read it, and (where that differs) as a program does."""

    text: str
    value: str | int | float | None = None
    href: str = ""
    is_number: bool = False


@dataclass(frozen=True)
class Bar:
    """A bar of a picture: `percent` of the whole width."""

    label: str
    percent: int
    words: str
    tone: str = ""


@dataclass(frozen=True)
class Table:
    """A table with its address, its words, and a picture of it if there is one."""

    name: str
    title: str
    hint: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    bars: Sequence[Bar] = field(default=())
    picture: str = ""  # what the picture shows
    shown: int | None = None  # how many rows the page shows; files have all

    @property
    def rows_shown(self) -> Sequence[Sequence[Cell]]:
        """The rows on the page."""
        return self.rows[: self.shown]

    @property
    def numeric(self) -> Sequence[bool]:
        """Which columns hold numbers."""
        return [any(row[place].is_number for row in self.rows) for place in range(len(self.columns))]


def cause_words() -> dict[str, str]:
    """Return why deadlines are missed."""
    return {
        "unclaimed": _("Nobody had claimed it"),
        "returned": _("It had gone back to the queue"),
        "late_claim": _("It was claimed when little time was left"),
        "snoozed": _("It was snoozed"),
        "inside": _("It had been handed over inside"),
        "owner": _("Its owner did not get to it"),
    }


def tables(found: reports.Report, loads: Sequence[reports.Load], *, zone: str) -> dict[str, Table]:
    """Return all tables by their names, in the order of the page."""
    made = [
        _numbers(found),
        _attainment("weeks", _("By week"), _("Week of"), found.weeks, _("Cases by the week they came in.")),
        _attainment("policies", _("By policy"), _("Policy"), found.policies, ""),
        _attainment("products", _("By product"), _("Product"), found.products, "", unnamed=_("no product")),
        _outcomes(found.outcomes),
        _causes(found),
        _breaches(found, zone),
        _loads(loads),
    ]
    return {table.name: table for table in made}


def as_csv(table: Table) -> str:
    """Return the table as CSV; no text of it is read as a formula by a spreadsheet."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([_harmless(column) for column in table.columns])
    for row in table.rows:
        writer.writerow([_harmless(cell.text if cell.value is None else cell.value) for cell in row])
    return written.getvalue()


def length(span: timedelta | None) -> Cell:
    """Return a length of the calendar's time: "5 h 10 m"; for programs in minutes."""
    if span is None:
        return Cell("\u2013", "")
    minutes = int(span.total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    words = f"{hours} h {rest} m" if hours and rest else f"{hours} h" if hours else f"{rest} m"
    return Cell(words, minutes, is_number=True)


def _harmless(value: str | float) -> str | float:
    return f"'{value}" if isinstance(value, str) and value.startswith(_RISKY) else value


def _number(value: int) -> Cell:
    return Cell(f"{value:,}", value, is_number=True)


def _percent(value: int | None) -> Cell:
    return Cell("\u2013", "") if value is None else Cell(f"{value} %", value, is_number=True)


def _share(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None


def _numbers(found: reports.Report) -> Table:
    rows = []
    for metric, name in sla.metric_names().items():
        total, times = found.total[metric], found.times[metric]
        counts = [_number(total.met), _number(total.missed), _percent(total.percent)]
        rows.append([Cell(name), *counts, length(times.median), length(times.p90)])
    return Table(
        "numbers",
        _("In short"),
        _(
            "Lengths are in the time of the calendars; nine of ten were done within the p90. Minutes in the file."
        ),
        [_("Clock"), _("Met"), _("Missed"), _("In time"), _("Median"), _("p90")],
        rows,
    )


def _attainment(
    name: str, title: str, first: str, groups: Sequence[reports.Group], hint: str, *, unnamed: str = ""
) -> Table:
    columns = [first]
    metrics = sla.metric_names()
    for words in metrics.values():
        columns += [words, _("Missed")]
    rows = [
        [
            Cell(group.name or unnamed),
            *(cell for metric in metrics for cell in _pair(group.by_metric[metric])),
        ]
        for group in groups
    ]
    bars = [
        Bar(group.name or unnamed, share, f"{share} %", "" if share >= 90 else "low")
        for group in groups[-BARS_AT_MOST:]
        if (share := group.by_metric["first_response"].percent) is not None
    ]
    return Table(name, title, hint, columns, rows, bars, _("First responses in time"))


def _pair(attainment: reports.Attainment) -> tuple[Cell, Cell]:
    return _percent(attainment.percent), _number(attainment.missed)


def _outcomes(found: reports.Outcomes) -> Table:
    of_resolved = [
        (_("Resolved by staff"), found.by_staff),
        (_("Resolved by the community"), found.by_community),
        (_("Resolved because the customer fell silent"), found.by_silence),
        (_("Reopened by the customer"), found.reopened),
    ]
    rows = [
        [Cell(_("Came in")), _number(found.opened), Cell("", "")],
        [Cell(_("Resolved")), _number(found.resolved), _percent(_share(found.resolved, found.opened))],
        *(
            [Cell(words), _number(count), _percent(_share(count, found.resolved))]
            for words, count in of_resolved
        ),
    ]
    bars = [
        Bar(words, share, f"{share} %")
        for words, count in of_resolved
        if (share := _share(count, found.resolved)) is not None
    ]
    return Table(
        "outcomes",
        _("How cases ended"),
        _("Shares are of what was resolved. What the community resolved, the crowd saved staff."),
        [_("What"), _("Cases"), _("Share")],
        rows,
        bars,
        _("Share of the resolved cases"),
    )


def _causes(found: reports.Report) -> Table:
    words = cause_words()
    whole = sum(count for _cause, count in found.causes)
    rows = [
        [Cell(words[cause]), _number(count), _percent(_share(count, whole))] for cause, count in found.causes
    ]
    bars = [Bar(words[cause], round(100 * count / whole), str(count), "low") for cause, count in found.causes]
    return Table(
        "causes",
        _("Why deadlines were missed"),
        _("Judged by what had happened to the case until then."),
        [_("Cause"), _("Missed"), _("Share")],
        rows,
        bars,
        _("Missed deadlines by cause"),
    )


def _breaches(found: reports.Report, zone: str) -> Table:
    words, metrics = cause_words(), sla.metric_names()
    rows = [
        [
            Cell(each.title, href=f"/desk/cases/{each.escalation_id}"),
            Cell(metrics[each.metric]),
            Cell(zones.shown(each.missed_at, zone=zone), f"{each.missed_at:%Y-%m-%dT%H:%M:%SZ}"),
            Cell(_("not done yet"), "") if each.over is None else length(each.over),
            Cell(words[each.cause]),
        ]
        for each in found.breaches
    ]
    return Table(
        "breaches",
        _("Missed deadlines"),
        _("The newest first; the file has up to %(n)s.") % {"n": reports.BREACHES_LISTED},
        [_("Case"), _("Clock"), _("Was due"), _("Over"), _("Cause")],
        rows,
        shown=25,
    )


def _loads(loads: Sequence[reports.Load]) -> Table:
    rows: list[list[Cell]] = []
    bars: list[Bar] = []
    for each in loads:
        name = each.user.display_name if each.user else _("Nobody yet")
        full = _share(each.points, each.capacity)
        counts = [_number(each.cases), _number(each.overdue), _number(each.points), _number(each.capacity)]
        rows.append([Cell(name), *counts, _percent(full)])
        if full is not None:
            bars.append(Bar(name, min(full, 100), f"{full} %", "low" if full > 100 else ""))
    return Table(
        "load",
        _("Load"),
        _("Open cases now, whenever they came in."),
        [_("Who"), _("Cases"), _("Overdue"), _("Points"), _("Capacity"), _("Full")],
        rows,
        bars[:BARS_AT_MOST],
        _("How full people are"),
    )


def what_if_rows(found: reports.WhatIf) -> list[Mapping[str, str | int]]:
    """Return the lines of a what-if: a metric with its counts, and a sentence."""
    nouns = {
        "first_response": _("missed first responses"),
        "next_reply": _("missed next replies"),
        "resolution": _("missed resolutions"),
    }
    text = _("The last %(days)s days would have had %(would_be)s %(what)s instead of %(missed)s.")
    return [
        {
            "name": sla.metric_names()[metric],
            "clocks": outcome.clocks,
            "missed": outcome.missed,
            "would_be": outcome.would_be,
            "sentence": text
            % {
                "days": found.days,
                "would_be": f"{outcome.would_be:,}",
                "what": nouns[metric],
                "missed": f"{outcome.missed:,}",
            },
        }
        for metric, outcome in found.by_metric.items()
        if outcome.clocks
    ]
