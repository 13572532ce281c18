"""Live events: one reader for all open streams of a process.

A reader thread asks its source for what is new, twice a second and only while somebody listens; the
event loop hands each message to the listeners of its topics. A listener's queue is bounded: who
does not keep up is told to begin anew ("reset"), and holds nothing up.

    Hub ──starts──> _Reader (thread) ──reads──> Source (the database)
     │<─────────────── messages ────────────────┘
     └──> Listener (bounded queue) ──> stream(): text/event-stream

https://html.spec.whatwg.org/multipage/server-sent-events.html is the format.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import threading
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import anyio.to_thread

from app.core.errors import TooMany
from app.core.i18n import gettext as _

POLL_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0
AFTER_FAILURE_SECONDS = 2.0
QUEUE_LENGTH = 100
RETRY_AFTER = 30

Place = tuple[int, int]
"""Where in the source's order of changes something stands; listeners come back with the last one they saw."""

MEDIA_TYPE = "text/event-stream"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""The last one asks nginx not to hold back what comes in small pieces."""

log = logging.getLogger(__name__)

_HELLO = b"retry: 3000\n: listening\n\n"
_HEARTBEAT = b": still here\n\n"
_PLACE = re.compile(r"([0-9]{1,18}):([0-9]{1,18})")


@dataclass(frozen=True)
class Message:
    """Something to tell the listeners of `topics`. Without a place it says how things are, and is not resumed from."""

    name: str
    data: Mapping[str, Any]
    topics: frozenset[str] = frozenset()
    place: Place | None = None

    @cached_property
    def text(self) -> bytes:
        """The message as it is sent; made once for all listeners."""
        place = f"id: {self.place[0]}:{self.place[1]}\n" if self.place else ""
        data = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        return f"{place}event: {self.name}\ndata: {data}\n\n".encode()


def place_of(last_event_id: str) -> Place | None:
    """Read the Last-Event-ID with which a listener comes back; None for a new one, or what is not ours."""
    found = _PLACE.fullmatch(last_event_id)
    return (int(found[1]), int(found[2])) if found else None


def reset(place: Place | None) -> Message:
    """Return the message that says: too much happened, load anew what you show and go on from here."""
    return Message("reset", {}, place=place)


class Source(Protocol):
    """Where messages come from. The reader thread calls `read` and `watch`; others call `catch_up` at any time."""

    def end(self) -> Place:
        """Return the place of the newest change."""

    def read(self, after: Place) -> tuple[Sequence[Message], Place]:
        """Return what changed since, and the place up to which that is; the same place when there is no more."""

    def watch(self, topics: Collection[str]) -> Sequence[Message]:
        """Return what is different in states that leave no trail, as far as these topics tell of them."""

    def catch_up(self, topics: frozenset[str], after: Place | None) -> Sequence[Message]:
        """Return what a new listener needs first: what it missed since `after`, and how things are now."""


@dataclass(eq=False)
class Listener:
    """An open stream. `is_allowed` is asked again at every heartbeat; when it says no, the stream ends."""

    topics: frozenset[str]
    address: str
    after: Place | None = None
    is_allowed: Callable[[], bool] | None = None
    queue: asyncio.Queue[Message | bytes | None] = field(
        default_factory=lambda: asyncio.Queue(QUEUE_LENGTH + 2)
    )
    is_ending: bool = False


class Hub:
    """The open streams of this process. All but `check_room` and `close` belongs to the event loop."""

    def __init__(
        self,
        source: Source,
        *,
        per_address: int,
        poll_seconds: float = POLL_SECONDS,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self.poll_seconds = poll_seconds
        self.heartbeat_seconds = heartbeat_seconds
        self._source = source
        self._per_address = per_address
        self._listeners: set[Listener] = set()
        self._by_topic: dict[str, set[Listener]] = {}
        self._open = Counter[str]()
        self._reader: _Reader | None = None
        self._is_closed = False

    def check_room(self, address: str) -> None:
        """Raise TooMany when this address has as many open streams as it may."""
        if self._open[address] >= self._per_address:
            raise TooMany(_("Too many live connections from your network."), retry_after=RETRY_AFTER)

    async def stream(self, listener: Listener) -> AsyncGenerator[bytes]:
        """Yield the text of a stream until the listener leaves, is dropped, or this process ends."""
        if self._is_closed:
            return
        reader = self._enter(listener)
        try:
            await reader.is_reading.wait()
            yield _HELLO
            seen = listener.after
            missed = await anyio.to_thread.run_sync(self._source.catch_up, listener.topics, listener.after)
            for message in missed:
                seen = message.place or seen
                yield message.text
            while (chunk := await _next_chunk(listener.queue, seen)) is not None:
                if chunk:
                    yield chunk
        finally:
            self._leave(listener)

    def close(self) -> None:
        """End every stream and take no more: the process is about to end. To be called on the event loop."""
        self._is_closed = True
        for listener in self._listeners:
            _end(listener)

    def deliver(self, reader: _Reader, messages: Iterable[Message]) -> None:
        """Put messages into the queues of those who listen for them."""
        if reader is not self._reader:
            return
        for message in messages:
            wanted = {one for topic in message.topics for one in self._by_topic.get(topic, ())}
            for listener in wanted:
                _put(listener, message)

    def beat(self, reader: _Reader) -> None:
        """Let every idle stream say that it is alive, so that proxies keep it and the dead are noticed."""
        if reader is not self._reader:
            return
        for listener in self._listeners:
            if listener.queue.empty():
                listener.queue.put_nowait(_HEARTBEAT)

    def end(self, listener: Listener) -> None:
        """End one stream."""
        _end(listener)

    @property
    def topics(self) -> Collection[str]:
        """What is listened for now."""
        return tuple(self._by_topic)

    @property
    def guarded(self) -> Sequence[Listener]:
        """The listeners whose permission may end."""
        return [one for one in tuple(self._listeners) if one.is_allowed is not None]

    def _enter(self, listener: Listener) -> _Reader:
        self._listeners.add(listener)
        self._open[listener.address] += 1
        for topic in listener.topics:
            self._by_topic.setdefault(topic, set()).add(listener)
        if self._reader is None:
            self._reader = _Reader(self, self._source, asyncio.get_running_loop())
            self._reader.start()
        return self._reader

    def _leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        self._open[listener.address] -= 1
        if not self._open[listener.address]:
            del self._open[listener.address]
        for topic in listener.topics:
            self._by_topic[topic].discard(listener)
            if not self._by_topic[topic]:
                del self._by_topic[topic]
        if not self._listeners and self._reader is not None:
            self._reader.stop()
            self._reader = None


class _Reader:
    """The thread that reads, from the first listener to the last."""

    def __init__(self, hub: Hub, source: Source, loop: asyncio.AbstractEventLoop) -> None:
        self.is_reading = asyncio.Event()
        self._hub = hub
        self._source = source
        self._loop = loop
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live-reader", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        place: Place | None = None
        beat_at = time.monotonic() + self._hub.heartbeat_seconds
        while not self._stopping.is_set():
            try:
                place = self._begin() if place is None else self._round(place)
                if time.monotonic() >= beat_at:
                    beat_at = time.monotonic() + self._hub.heartbeat_seconds
                    self._beat()
            except Exception:  # a database that is away must not end the reading for good
                log.exception("live events can't be read; trying again")
                self._stopping.wait(AFTER_FAILURE_SECONDS)
            else:
                self._stopping.wait(self._hub.poll_seconds)

    def _begin(self) -> Place:
        place = self._source.end()
        self._call(self.is_reading.set)
        return place

    def _round(self, place: Place) -> Place:
        messages, reached = self._source.read(place)
        watched = self._source.watch(self._hub.topics)
        if messages or watched:
            self._call(self._hub.deliver, self, [*messages, *watched])
        return reached

    def _beat(self) -> None:
        for listener in self._hub.guarded:
            if listener.is_allowed is not None and not listener.is_allowed():
                self._call(self._hub.end, listener)
        self._call(self._hub.beat, self)

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:  # the loop has ended, and with it every stream
            self._stopping.set()


async def _next_chunk(queue: asyncio.Queue[Message | bytes | None], seen: Place | None) -> bytes | None:
    """Return the text of all that waits, without what was seen already; None at the end of the stream."""
    waiting = [await queue.get()]
    while waiting[-1] is not None and not queue.empty():
        waiting.append(queue.get_nowait())
    if waiting == [None]:
        return None
    if waiting[-1] is None:
        queue.put_nowait(None)
    return b"".join(_text(item) for item in waiting if item is not None and _is_new(item, seen))


def _is_new(item: Message | bytes, seen: Place | None) -> bool:
    return isinstance(item, bytes) or item.place is None or seen is None or item.place > seen


def _text(item: Message | bytes) -> bytes:
    return item if isinstance(item, bytes) else item.text


def _put(listener: Listener, message: Message) -> None:
    if listener.is_ending:
        return
    if listener.queue.qsize() < QUEUE_LENGTH:
        listener.queue.put_nowait(message)
    else:
        _end(listener, reset(message.place))


def _end(listener: Listener, *last: Message) -> None:
    """Let the stream end after its last messages; what still waits is not sent."""
    listener.is_ending = True
    while not listener.queue.empty():
        listener.queue.get_nowait()
    for item in (*last, None):
        listener.queue.put_nowait(item)
