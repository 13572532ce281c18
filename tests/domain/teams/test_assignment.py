"""Whose turn it is: properties of the pure choice."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.teams import MODES, WEIGHTS, Colleague, choose
from tests.support.clock import MONDAY_MORNING

people = st.builds(
    Colleague,
    user_id=st.integers(1, 12),
    capacity=st.integers(0, 12),
    load=st.integers(0, 14),
    last_assigned_at=st.none() | st.integers(0, 3).map(lambda n: MONDAY_MORNING + timedelta(hours=n)),
    is_skilled=st.booleans(),
    is_away=st.booleans(),
)
teams = st.lists(people, max_size=8, unique_by=lambda each: each.user_id)
modes = st.sampled_from(MODES)
weights = st.sampled_from(sorted(WEIGHTS.values()))
askers = st.none() | st.integers(1, 12)


@given(modes, teams, weights, askers)
def test_who_gets_it_is_there_has_room_and_did_not_ask(
    mode: str, team: list[Colleague], weight: int, asker: int | None
) -> None:
    chosen = choose(mode, team, weight=weight, asker_id=asker)
    able = {
        each.user_id: each
        for each in team
        if not each.is_away and each.load + weight <= each.capacity and each.user_id != asker
    }
    if mode == "manual" or not able:
        assert chosen is None
        return
    assert chosen in able
    assert able[chosen].is_skilled or not any(each.is_skilled for each in able.values())


@given(modes, teams, weights, askers, st.randoms())
def test_the_same_facts_give_the_same_choice_in_any_order(
    mode: str, team: list[Colleague], weight: int, asker: int | None, chance: st.DataObject
) -> None:
    shuffled = list(team)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert choose(mode, team, weight=weight, asker_id=asker) == choose(
        mode, shuffled, weight=weight, asker_id=asker
    )


@given(teams, weights)
def test_least_loaded_takes_nobody_who_is_fuller_than_another_of_the_same_skill(
    team: list[Colleague], weight: int
) -> None:
    chosen = choose("least_loaded", team, weight=weight, asker_id=None)
    taken = next((each for each in team if each.user_id == chosen), None)
    for other in team:
        is_able = not other.is_away and other.load + weight <= other.capacity
        if taken and is_able and other.is_skilled == taken.is_skilled:
            assert Fraction(taken.load, taken.capacity) <= Fraction(other.load, other.capacity)


@pytest.mark.parametrize("mode", ["round_robin", "least_loaded"])
def test_equal_colleagues_take_turns_until_all_are_full(mode: str) -> None:
    team = {number: Colleague(number, capacity=6) for number in (3, 1, 2)}
    turns: list[int | None] = []
    for hour in range(10):
        chosen = choose(mode, list(team.values()), weight=2, asker_id=None)
        turns.append(chosen)
        if chosen is not None:
            at = MONDAY_MORNING + timedelta(hours=hour)
            team[chosen] = Colleague(chosen, capacity=6, load=team[chosen].load + 2, last_assigned_at=at)
    assert turns == [1, 2, 3, 1, 2, 3, 1, 2, 3, None]


def test_twice_the_capacity_gets_twice_the_cases() -> None:
    loads = {1: 0, 2: 0}
    for _ in range(9):
        team = [Colleague(1, capacity=10, load=loads[1]), Colleague(2, capacity=20, load=loads[2])]
        loads[choose("least_loaded", team, weight=2, asker_id=None) or 0] += 2
    assert loads == {1: 6, 2: 12}
