"""What happens to cases. For staff only, but for the promise: whatever names an escalation never leaves the desk."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outbox import Event


@dataclass(frozen=True, kw_only=True)
class EscalationOpened(Event, inside=True):
    """A question came to staff."""

    escalation_id: int
    code: str


@dataclass(frozen=True, kw_only=True)
class EscalationReasonAdded(Event, inside=True):
    """It would have come again, for another reason."""

    escalation_id: int
    code: str


@dataclass(frozen=True, kw_only=True)
class EscalationAssigned(Event, inside=True):
    """It has an owner: claimed by them, or given to them."""

    escalation_id: int
    owner_id: int


@dataclass(frozen=True, kw_only=True)
class EscalationReturned(Event, inside=True):
    """It is back in the queue: released, left untouched, or its owner is away."""

    escalation_id: int
    was_owner_id: int | None


@dataclass(frozen=True, kw_only=True)
class EscalationHandedOver(Event, inside=True):
    """Somebody else inside is to go on with it: a person, or anybody of a team."""

    escalation_id: int
    owner_id: int | None
    team_id: int | None


@dataclass(frozen=True, kw_only=True)
class EscalationSnoozed(Event, inside=True):
    """It sleeps for a while."""

    escalation_id: int


@dataclass(frozen=True, kw_only=True)
class EscalationWoken(Event, inside=True):
    """It is awake again."""

    escalation_id: int


@dataclass(frozen=True, kw_only=True)
class EscalationReplied(Event, inside=True):
    """Staff said something in public."""

    escalation_id: int
    post_id: int
    comment_id: int | None


@dataclass(frozen=True, kw_only=True)
class EscalationHeard(Event, inside=True):
    """The customer said something."""

    escalation_id: int
    post_id: int
    comment_id: int | None


@dataclass(frozen=True, kw_only=True)
class EscalationWaiting(Event, inside=True):
    """The customer was asked; staff wait."""

    escalation_id: int


@dataclass(frozen=True, kw_only=True)
class EscalationNoted(Event, inside=True):
    """Staff wrote an internal note."""

    escalation_id: int
    note_id: int


@dataclass(frozen=True, kw_only=True)
class EscalationChanged(Event, inside=True):
    """Its priority, team, references or a note changed; `what` says which."""

    escalation_id: int
    what: str


@dataclass(frozen=True, kw_only=True)
class EscalationWarned(Event, inside=True):
    """A clock runs low."""

    escalation_id: int
    clock_id: int
    step: str


@dataclass(frozen=True, kw_only=True)
class EscalationBreached(Event, inside=True):
    """A clock has run out (level 1), or is over by so much that it goes further up (2 and 3)."""

    escalation_id: int
    clock_id: int
    step: str
    level: int


@dataclass(frozen=True, kw_only=True)
class EscalationResolved(Event, inside=True):
    """Nothing is owed any more: by staff, by the community, or because the customer fell silent."""

    escalation_id: int
    resolved_by: str


@dataclass(frozen=True, kw_only=True)
class EscalationReopened(Event, inside=True):
    """It is not solved after all."""

    escalation_id: int


@dataclass(frozen=True, kw_only=True)
class EscalationClosed(Event, inside=True):
    """It was resolved for long enough."""

    escalation_id: int


@dataclass(frozen=True, kw_only=True)
class EscalationCancelled(Event, inside=True):
    """It was a mistake, or its question is gone."""

    escalation_id: int


@dataclass(frozen=True, kw_only=True)
class PlanInterrupted(Event, inside=True):
    """When questions come to staff was planned for a batch; those behind `after_id` up to `until_id` are to do."""

    after_id: int
    until_id: int


@dataclass(frozen=True, kw_only=True)
class BacklogWanted(Event, inside=True):
    """Questions of before are to be taken in: of a product, or of all, asked before an instant."""

    product_id: int | None
    before: str


@dataclass(frozen=True, kw_only=True)
class PromiseChanged(Event):
    """What the public is told about when staff look at a question is something else now, or nothing."""
