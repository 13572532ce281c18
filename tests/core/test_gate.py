"""The gate: a few work at a time, and nobody who waits or is slow holds up the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import anyio.to_thread
import pytest

from app.core import gate as gates
from app.core.gate import Gate, give_way

ENOUGH_SECONDS = 30


def run(scene: Callable[[], Awaitable[None]]) -> None:
    """Run a scene on a loop of its own: a browser's may stand open in this thread."""
    ThreadPoolExecutor(1).submit(lambda: asyncio.run(asyncio.wait_for(scene(), ENOUGH_SECONDS))).result()


async def enter(gate: Gate, entered: asyncio.Event, leave: asyncio.Event) -> None:
    async with gate.place():
        entered.set()
        await leave.wait()


def test_the_next_works_when_the_one_before_has_ended() -> None:
    async def scene() -> None:
        gate = Gate(8, workers=1, writers=8)
        order: list[int] = []

        async def work(number: int) -> None:
            async with gate.place():
                order.append(number)
                await asyncio.sleep(0)
                order.append(number)

        await asyncio.gather(*(work(number) for number in range(3)))
        assert order == [0, 0, 1, 1, 2, 2]

    run(scene)


def test_several_work_side_by_side_where_there_are_several_workers() -> None:
    async def scene() -> None:
        gate, leave = Gate(8, workers=2, writers=8), asyncio.Event()
        entered = [asyncio.Event(), asyncio.Event()]
        both = [asyncio.create_task(enter(gate, one, leave)) for one in entered]
        await asyncio.gather(*(one.wait() for one in entered))
        leave.set()
        await asyncio.gather(*both)

    run(scene)


def test_who_is_slow_lets_the_next_begin_after_a_while() -> None:
    async def scene() -> None:
        gate, leave = Gate(8, workers=1, writers=8), asyncio.Event()
        slow = asyncio.create_task(enter(gate, asyncio.Event(), leave))
        await asyncio.sleep(0)
        async with gate.place():
            assert not slow.done()
        leave.set()
        await slow

    run(scene)


def test_who_waits_in_a_thread_gives_way_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "TURN_SECONDS", 10 * ENOUGH_SECONDS)

    async def scene() -> None:
        gate, leave, entered = Gate(8, workers=1, writers=8), asyncio.Event(), asyncio.Event()

        async def wait_for_a_lock() -> None:
            async with gate.place():
                entered.set()
                await anyio.to_thread.run_sync(give_way)
                await leave.wait()

        waiting = asyncio.create_task(wait_for_a_lock())
        await entered.wait()
        async with gate.place():
            assert not waiting.done()
        leave.set()
        await waiting

    run(scene)


def test_no_more_hold_a_place_than_there_are_however_many_turns_are_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gates, "TURN_SECONDS", 0)

    async def scene() -> None:
        gate, leave, late = Gate(2, workers=1, writers=2), asyncio.Event(), asyncio.Event()
        inside = [asyncio.create_task(enter(gate, asyncio.Event(), leave)) for _ in range(2)]
        third = asyncio.create_task(enter(gate, late, leave))
        for _ in range(50):
            await asyncio.sleep(0)
        assert sum(not one.done() for one in inside) == 2
        assert not late.is_set()
        leave.set()
        await asyncio.gather(*inside, third)
        assert late.is_set()

    run(scene)


def test_who_reads_passes_those_that_wait_to_write() -> None:
    async def scene() -> None:
        gate, leave = Gate(8, workers=8, writers=1), asyncio.Event()

        async def write(entered: asyncio.Event) -> None:
            async with gate.place(writes=True):
                entered.set()
                await leave.wait()

        first, second = asyncio.Event(), asyncio.Event()
        writing = [asyncio.create_task(write(one)) for one in (first, second)]
        await first.wait()
        async with gate.place():
            assert not second.is_set()
        leave.set()
        await asyncio.gather(*writing)

    run(scene)


def test_giving_way_outside_a_request_does_nothing() -> None:
    give_way()


def test_it_tells_whether_others_wait() -> None:
    async def scene() -> None:
        gate, leave = Gate(8, workers=1, writers=8), asyncio.Event()
        entered = [asyncio.Event(), asyncio.Event()]
        assert not gate.others_wait()
        both = [asyncio.create_task(enter(gate, one, leave)) for one in entered]
        await entered[0].wait()
        assert gate.others_wait()
        leave.set()
        await asyncio.gather(*both)
        assert not gate.others_wait()

    run(scene)
