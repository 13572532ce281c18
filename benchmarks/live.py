"""Measure what many idle listeners to live events cost.

    PYTHONPATH=. python benchmarks/live.py [LISTENERS] [SECONDS]

Serves an empty forum with one process, opens LISTENERS streams (1,000), and watches its memory and
processor time: before, while they are idle for SECONDS (30), and while a question is asked and each
of them hears of it.
"""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from app.core import schema
from app.core.db import make_engine, new_session
from app.domain import questions
from tests.factories.users import make_user

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
TICK = os.sysconf("SC_CLK_TCK")


def main(listeners: int, seconds: int) -> None:
    """Measure, and print."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(4096, 2 * listeners),) * 2)
    with tempfile.TemporaryDirectory() as folder:
        schema.migrate(make_engine(f"sqlite:///{folder}/peerdesk.db"))
        process, port = _serve(Path(folder), listeners)
        try:
            asyncio.run(_measure(Path(folder), process.pid, port, listeners, seconds))
        finally:
            started = time.monotonic()
            process.terminate()
            process.wait()
            print(f"stopped after {time.monotonic() - started:.1f} s")


async def _measure(folder: Path, pid: int, port: int, listeners: int, seconds: int) -> None:
    before = _memory(pid)
    cpu = _processor(pid)
    await asyncio.sleep(seconds)
    alone = _processor(pid) - cpu
    streams = [await _listen(port) for _ in range(listeners)]
    cpu = _processor(pid)
    await asyncio.sleep(seconds)
    idle = _processor(pid) - cpu
    with_them = _memory(pid)
    cpu, started = _processor(pid), time.monotonic()
    heard = asyncio.gather(*(_hear(stream) for stream in streams))
    await asyncio.to_thread(_happen, folder)
    await heard
    print(f"memory: {before / 1e6:.0f} MB alone, {with_them / 1e6:.0f} MB with {listeners} listeners")
    print(f"        {(with_them - before) / listeners / 1e3:.0f} kB each")
    print(f"idle:   {alone / seconds:.2%} of a core alone, {idle / seconds:.2%} with them")
    print(
        f"event:  {time.monotonic() - started:.2f} s until all heard, {_processor(pid) - cpu:.2f} s of processor"
    )


async def _listen(port: int) -> Stream:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2048)
    writer.write(b"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    while b": listening" not in await reader.readline():
        pass
    return reader, writer


async def _hear(stream: Stream) -> None:
    reader, _writer = stream
    while b"event: " not in await reader.readline():
        pass


def _happen(folder: Path) -> None:
    with new_session(make_engine(f"sqlite:///{folder}/peerdesk.db")) as db:
        questions.ask(
            db,
            author=make_user(db),
            title="Printer prints blank pages",
            body="It shows error 49 since the update, whatever I print.",
            tags="printing",
            product_id=None,
            environment={},
            now=datetime.now(UTC),
        )


def _serve(folder: Path, listeners: int) -> tuple[subprocess.Popen[bytes], int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        **os.environ,
        "PEERDESK_DATA_DIR": str(folder),
        "PEERDESK_LIVE_PER_ADDRESS": str(listeners + 1),
        "PEERDESK_LOG_LEVEL": "warning",
    }
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--no-worker"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return process, port


def _memory(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def _processor(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


if __name__ == "__main__":
    main(*(int(given) for given in [*sys.argv[1:], "1000", "30"][:2]))
