"""The table of states."""

from __future__ import annotations

import pytest

from app.domain.escalations import Impossible, is_allowed
from app.domain.escalations.states import ACTS, AT_WORK, ENDED, after
from app.models import ESCALATION_STATES


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", ESCALATION_STATES)
@pytest.mark.parametrize("has_owner", [True, False])
def test_every_act_leads_to_a_known_state_or_is_refused(act: str, state: str, has_owner: bool) -> None:
    if is_allowed(act, state):
        assert after(act, state, has_owner=has_owner) in ESCALATION_STATES
    else:
        with pytest.raises(Impossible, match="the case is"):
            after(act, state, has_owner=has_owner)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", ENDED)
def test_nothing_happens_to_what_has_ended(act: str, state: str) -> None:
    assert not is_allowed(act, state)


@pytest.mark.parametrize("state", AT_WORK)
def test_a_case_at_work_can_always_be_resolved_cancelled_and_noted(state: str) -> None:
    assert all(is_allowed(act, state) for act in ("resolve", "cancel", "note", "hand_over"))


@pytest.mark.parametrize(
    ("act", "state", "owned", "unowned"),
    [
        ("claim", "queued", "claimed", "claimed"),
        ("wake", "snoozed", "claimed", "queued"),
        ("hear", "waiting_customer", "claimed", "queued"),
        ("hear", "snoozed", "claimed", "queued"),
        ("reopen", "resolved", "claimed", "queued"),
        ("release", "claimed", "queued", "queued"),
        ("wait", "claimed", "waiting_customer", "waiting_customer"),
        ("hand_over", "claimed", "waiting_internal", "waiting_internal"),
        ("update", "waiting_internal", "claimed", "queued"),
        ("close", "resolved", "closed", "closed"),
    ],
)
def test_acts_lead_where_the_specification_says(act: str, state: str, owned: str, unowned: str) -> None:
    assert after(act, state, has_owner=True) == owned
    assert after(act, state, has_owner=False) == unowned
