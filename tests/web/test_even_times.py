"""Answers that tell nothing by their time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest
from starlette.types import Message, Receive, Scope, Send

from app.web.even_times import DOORS, EvenTimes


@pytest.mark.parametrize(("took", "waits"), [(0.013, 0.037), (0.049, 0.001), (0.051, 0.049), (0.12, 0.03)])
@pytest.mark.parametrize("door", sorted(DOORS))
def test_case_21_an_answer_at_a_door_leaves_at_a_whole_step(door: str, took: float, waits: float) -> None:
    assert _waits("POST", door, took=took) == pytest.approx([waits])


@pytest.mark.parametrize(("method", "path"), [("GET", "/signin"), ("POST", "/questions/1/answers")])
def test_other_answers_wait_for_nothing(method: str, path: str) -> None:
    assert _waits(method, path, took=0.013) == []


def _waits(method: str, path: str, *, took: float) -> list[float]:
    """Return what an answer waited for that was ready after so many seconds; it must be sent whole."""
    now, waited = [100.0], list[float]()
    sent: list[str] = []

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        now[0] += took
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x"})

    async def sleep(seconds: float) -> None:
        assert not sent
        waited.append(seconds)

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message["type"])

    even = EvenTimes(answer, clock=lambda: now[0], sleep=sleep)
    with ThreadPoolExecutor(
        1
    ) as thread:  # beside the event loop of a browser that tests before may have left open
        thread.submit(
            anyio.run, even, {"type": "http", "method": method, "path": path}, receive, send
        ).result()
    assert sent == ["http.response.start", "http.response.body"]
    return waited
