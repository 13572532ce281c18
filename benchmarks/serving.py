"""What the benchmarks of pages share: a server in its own process group, wrk against it, and what it takes."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CLIENTS = 16
_SCRIPT = """
local cookies, paths = { %s }, { %s }
local turn = 0
request = function()
  turn = turn + 1
  if #cookies > 0 then wrk.headers["Cookie"] = cookies[turn %% #cookies + 1] end
  return wrk.format("GET", paths[turn %% #paths + 1])
end
"""


@dataclass(frozen=True)
class Measured:
    """Requests a second, latencies and processor time for each request, in ms."""

    rate: float
    p50: float
    p99: float
    processor: float


@dataclass(frozen=True)
class Server:
    """A running server: where, and the process group it is."""

    port: int
    group: int
    started_in: float

    def processor_seconds(self) -> float:
        """Return the processor time that its processes have taken so far."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                if os.getpgid(int(stat.parent.name)) == self.group:
                    ticks += sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13]))
            except (FileNotFoundError, ProcessLookupError):
                continue
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Return the memory of its processes in bytes, what they share counted once."""
        total = 0
        for rollup in Path("/proc").glob("[0-9]*/smaps_rollup"):
            try:
                if os.getpgid(int(rollup.parent.name)) == self.group:
                    found = re.search(r"^Pss:\s+(\d+) kB", rollup.read_text(), re.MULTILINE)
                    total += int(found[1]) * 1024 if found else 0
            except (FileNotFoundError, ProcessLookupError):
                continue
        return total


def wrk(
    server: Server, *paths: str, seconds: int, cookies: Sequence[str] = (), headers: Sequence[str] = ()
) -> Measured:
    """Ask for a page again and again, or for one of several after the other; with cookies by each in turn."""
    if len(paths) == 1:
        paths = (final_address(server.port, paths[0], cookies[0] if cookies else ""),)
    command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds}", "--latency"]
    for header in headers:
        command += ["-H", header]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        if cookies or len(paths) > 1:
            script.write(_SCRIPT % (_lua(cookies), _lua(paths)))
            script.flush()
            command += ["-s", script.name]
        before = server.processor_seconds()
        address = f"http://127.0.0.1:{server.port}{paths[0]}"
        printed = subprocess.run([*command, address], check=True, capture_output=True, text=True).stdout
    used = server.processor_seconds() - before
    if "Non-2xx" in printed and not headers:
        raise RuntimeError(printed)
    rate, count = re.search(r"Requests/sec:\s+([\d.]+)", printed), re.search(r"(\d+) requests in", printed)
    percentiles = dict(re.findall(r"(50|99)%\s+([\d.]+(?:us|ms|s))", printed))
    if rate is None or count is None:
        raise RuntimeError(printed)
    took = [_milliseconds(percentiles[name]) for name in ("50", "99")]
    return Measured(float(rate[1]), *took, used * 1000 / int(count[1]))


def fetch(port: int, path: str, cookie: str = "") -> http.client.HTTPResponse:
    """Return the answer for a page, redirects followed; its body is still to be read."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", final_address(port, path, cookie), headers={"Cookie": cookie} if cookie else {})
    return connection.getresponse()


def final_address(port: int, path: str, cookie: str) -> str:
    """Follow redirects, so that pages and not redirects are measured."""
    for _ in range(3):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        if answer.status not in (301, 302):
            return path
        path = (answer.getheader("Location") or "").split("#")[0]
    return path


@contextmanager
def forum(data: Path, workers: int) -> Iterator[Server]:
    """Serve the forum with its worker, as an operator would."""
    port = free_port()
    environment = {
        **os.environ,
        "PEERDESK_DATA_DIR": str(data),
        "PEERDESK_LOG_LEVEL": "error",
        "PEERDESK_CONNECTIONS_PER_ADDRESS": "1000",
    }
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--workers", str(workers)]
    with running(command, environment, port, HERE.parent) as server:
        yield server


@contextmanager
def baseline(database: Path, size: int, workers: int) -> Iterator[Server]:
    """Serve the baselines with so many processes."""
    port = free_port()
    environment = {**os.environ, "BASELINE_BYTES": str(size), "BASELINE_DATABASE": str(database)}
    command = [sys.executable, "-m", "uvicorn", "baselines:app", "--port", str(port), "--no-access-log"]
    command += ["--log-level", "error", "--workers", str(workers), "--http", "at_once:AtOnce"]
    command += ["--loop", "app.web.loop:SharingLoop"]  # else one process has all connections, see there
    with running(command, environment, port, HERE, ready="/constant") as server:
        yield server


@contextmanager
def running(
    command: list[str], environment: dict[str, str], port: int, folder: Path, *, ready: str = "/healthz"
) -> Iterator[Server]:
    """Run a server in a process group of its own until the block ends; it is ready when a path answers."""
    began = time.monotonic()
    process = subprocess.Popen(
        command, env=environment, cwd=folder, start_new_session=True, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(port, process, ready)
        yield Server(port, process.pid, time.monotonic() - began)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], path: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError("the server did not start")
        try:
            if fetch(port, path).status == 200:
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the server does not answer")


def _lua(texts: Sequence[str]) -> str:
    return ", ".join(f'"{text}"' for text in texts)


def _milliseconds(text: str) -> float:
    number = float(re.sub(r"[a-z]+", "", text))
    return number / 1000 if text.endswith("us") else number if text.endswith("ms") else number * 1000
