"""What the sweep looks for: each statement is served by an index, and finds nothing but rows that are due."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, literal_column, text
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.domain.escalations.policy import REOPENS_WITHIN, SILENT_AFTER
from app.models import Absence, EntryWatch, Escalation, SlaClock

# Partial indexes are used only where the condition stands as in their definition, so these are written out.
_WAITING = text("state IN ('waiting_customer', 'waiting_internal')")


def entries_due(now: datetime) -> SelectOfScalar[Any]:
    """Select the questions that a rule of time brings to staff."""
    return select(EntryWatch.question_id).where(EntryWatch.due_at <= now).order_by(col(EntryWatch.due_at))


def steps_due(now: datetime) -> SelectOfScalar[Any]:
    """Select the clocks that have a step to take."""
    due = col(SlaClock.next_step_at)
    return select(SlaClock.id).where(due.is_not(None), due <= now).order_by(due, col(SlaClock.id))


def naps_over(now: datetime) -> SelectOfScalar[Any]:
    """Select the cases that wake."""
    until = col(Escalation.snoozed_until)
    return select(Escalation.id).where(_in_state("snoozed"), until <= now).order_by(until)


def silences(now: datetime) -> SelectOfScalar[Any]:
    """Select the cases whose customer was asked long ago."""
    since = col(Escalation.state_since)
    return (
        select(Escalation.id)
        .where(_WAITING, _in_state("waiting_customer"), since <= now - SILENT_AFTER)
        .order_by(since)
    )


def untouched_since(team_id: int | None, instant: datetime) -> SelectOfScalar[Any]:
    """Select a team's claimed cases whose owner has not touched them since an instant."""
    touched = col(Escalation.touched_at)
    return (
        select(Escalation.id)
        .where(_in_state("claimed"), touched <= instant, Escalation.team_id == team_id)
        .order_by(touched)
    )


def closings_due(now: datetime) -> SelectOfScalar[Any]:
    """Select the cases that were resolved for long enough."""
    resolved = col(Escalation.resolved_at)
    return (
        select(Escalation.id)
        .where(_in_state("resolved"), resolved <= now - REOPENS_WITHIN)
        .order_by(resolved, col(Escalation.id))
    )


def absences_begun(now: datetime) -> SelectOfScalar[Any]:
    """Select the absences that have begun and whose cases have not gone back."""
    starts = col(Absence.starts_at)
    return select(Absence.id).where(col(Absence.returned_at).is_(None), starts <= now).order_by(starts)


def _in_state(state: str) -> ColumnElement[bool]:
    return col(Escalation.state) == literal_column(f"'{state}'")
