from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from app.core import hub
from app.core.errors import TooMany
from app.core.hub import Hub, Listener, Message, Place

NEWS = frozenset({"news"})


@dataclass
class Changes:
    """A source in memory: what is added is read once."""

    waiting: list[Message] = field(default_factory=list)

    def end(self) -> Place:
        return (0, 0)

    def read(self, after: Place) -> tuple[Sequence[Message], Place]:
        new = [message for message in self.waiting if message.place and message.place > after]
        return new, (new[-1].place or after) if new else after

    def watch(self, topics: Collection[str]) -> Sequence[Message]:  # noqa: ARG002
        return []

    def catch_up(self, topics: frozenset[str], after: Place | None) -> Sequence[Message]:  # noqa: ARG002
        return []


def news(number: int) -> Message:
    return Message("news", {"n": number}, NEWS, (0, number))


def hub_of(changes: Changes) -> Hub:
    return Hub(changes, per_address=2, poll_seconds=0.001, heartbeat_seconds=0.001)


def tell(story: Coroutine[None, None, None]) -> None:
    """Run it in a thread of its own: a browser of other tests may hold this one's loop."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, story).result()


async def listening(stream: object) -> None:
    assert await anext(stream) == b"retry: 3000\n: listening\n\n"  # type: ignore[call-overload]


def test_a_listener_who_does_not_keep_up_is_told_to_begin_anew_from_there() -> None:
    async def story() -> None:
        changes = Changes()
        live = hub_of(changes)
        slow, quick = (live.stream(Listener(NEWS, "a")) for _ in range(2))
        await listening(slow)
        await listening(quick)
        changes.waiting = [news(number) for number in range(1, hub.QUEUE_LENGTH + 2)]
        texts = [text async for text in slow]
        assert b"".join(texts).endswith(b"id: 0:101\nevent: reset\ndata: {}\n\n")
        assert b"event: news" not in b"".join(texts)
        await quick.aclose()

    tell(story())


def test_every_stream_ends_when_the_process_does() -> None:
    async def story() -> None:
        live = hub_of(Changes())
        stream = live.stream(Listener(NEWS, "a"))
        await listening(stream)
        live.close()
        assert all(text == b": still here\n\n" for text in [text async for text in stream])
        assert [text async for text in live.stream(Listener(NEWS, "a"))] == []

    tell(story())


def test_the_place_of_who_leaves_is_free_again() -> None:
    async def story() -> None:
        live = hub_of(Changes())
        streams = [live.stream(Listener(NEWS, "a")) for _ in range(2)]
        for stream in streams:
            await listening(stream)
        with pytest.raises(TooMany):
            live.check_room("a")
        live.check_room("b")
        await streams[0].aclose()
        live.check_room("a")
        await streams[1].aclose()
        assert not live.topics

    tell(story())


def test_an_idle_stream_says_that_it_is_alive() -> None:
    async def story() -> None:
        live = hub_of(Changes())
        stream = live.stream(Listener(NEWS, "a"))
        await listening(stream)
        assert await anext(stream) == b": still here\n\n"
        await stream.aclose()

    tell(story())


@pytest.mark.parametrize("written", ["", "7", "a:b", "-1:2", "1:2:3", f"{10**19}:1", "\uff11:2"])
def test_what_is_no_place_of_ours_is_taken_for_a_new_listener(written: str) -> None:
    assert hub.place_of(written) is None


def test_a_place_is_read_as_it_is_written() -> None:
    assert hub.place_of("12:345") == (12, 345)
