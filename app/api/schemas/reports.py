"""What leads look at."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from app.api.schemas.base import Out
from app.api.schemas.escalations import seconds
from app.domain import reports


class Attained(Out):
    """How many deadlines were met, of those that are decided."""

    met: int
    missed: int
    percent: int | None = Field(description="Rounded down, so that 100 means all. Null: nothing is decided.")

    @classmethod
    def of(cls, counts: reports.Attainment) -> Attained:
        """Write down an attainment."""
        return cls(met=counts.met, missed=counts.missed, percent=counts.percent)


class Metric(Out):
    """One of the clocks over a period: whether deadlines were met, and how long it took."""

    metric: str = Field(description="first_response, next_reply or resolution")
    attainment: Attained
    count: int = Field(description="How many clocks were met: what the times below are of.")
    median_seconds: int | None = Field(description="In working time, as clocks run.")
    p90_seconds: int | None = Field(description="What nine of ten did not exceed.")


class Part(Out):
    """The attainment of a part of the cases."""

    name: str = Field(description="Empty: questions about no product.")
    attainment: dict[str, Attained] = Field(description="By metric.")

    @classmethod
    def of(cls, group: reports.Group) -> Part:
        """Write down a group."""
        return cls(
            name=group.name, attainment={name: Attained.of(each) for name, each in group.by_metric.items()}
        )


class Endings(Out):
    """How the cases of a period ended."""

    opened: int
    resolved: int
    by_staff: int
    by_community: int
    by_silence: int
    reopened: int
    community_percent: int | None = Field(
        description="Of the resolved ones, those that the community resolved."
    )

    @classmethod
    def of(cls, outcomes: reports.Outcomes) -> Endings:
        """Write down the outcomes."""
        share = 100 * outcomes.by_community // outcomes.resolved if outcomes.resolved else None
        return cls(
            opened=outcomes.opened,
            resolved=outcomes.resolved,
            by_staff=outcomes.by_staff,
            by_community=outcomes.by_community,
            by_silence=outcomes.by_silence,
            reopened=outcomes.reopened,
            community_percent=share,
        )


class Cause(Out):
    """Why deadlines were missed."""

    code: str
    count: int


class SupportReport(Out):
    """The cases that came to staff in a period."""

    since: datetime
    until: datetime
    team: str | None = Field(description="The slug of the team; null: all.")
    is_cut: bool = Field(description="There were more than can be looked at: these are the newest.")
    metrics: list[Metric]
    endings: Endings
    causes: list[Cause]
    policies: list[Part]
    products: list[Part]
    weeks: list[Part] = Field(description="By the date of their Monday.")

    @classmethod
    def of(cls, found: reports.Report, scope: reports.Scope, *, team: str | None) -> SupportReport:
        """Write down a report."""
        return cls(
            since=scope.since,
            until=scope.until,
            team=team,
            is_cut=found.is_cut,
            metrics=[_metric(name, times, found.total[name]) for name, times in found.times.items()],
            endings=Endings.of(found.outcomes),
            causes=[Cause(code=code, count=count) for code, count in found.causes],
            policies=[Part.of(group) for group in found.policies],
            products=[Part.of(group) for group in found.products],
            weeks=[Part.of(group) for group in found.weeks],
        )


def _metric(name: str, times: reports.Spread, attainment: reports.Attainment) -> Metric:
    return Metric(
        metric=name,
        attainment=Attained.of(attainment),
        count=times.count,
        median_seconds=seconds(times.median) if times.median is not None else None,
        p90_seconds=seconds(times.p90) if times.p90 is not None else None,
    )
