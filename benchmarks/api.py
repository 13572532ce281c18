"""Speed of the JSON API for strangers, as ratios to an endpoint that returns the same bytes from memory.

    python benchmarks/api.py DATA_DIR [--seconds 6] [--workers 2]

DATA_DIR is the data folder of a forum on SQLite with content, such as the one `peerdesk demo` or
`peerdesk import` filled; it is copied. Both are served by uvicorn with the same number of processes, one
after the other in the same run, each path in turns. Needs `wrk` (in Debian: wrk).
"""

from __future__ import annotations

import argparse
import http.client
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI, Response
from serving import CLIENTS, HERE, free_port, running

BASE = "/api/v1"
CONTENT = os.environ.get("BASELINE_CONTENT", "")

app = FastAPI(openapi_url=None)
content = Path(CONTENT).read_bytes() if CONTENT else b""


@app.get("/constant")
async def constant() -> Response:
    """Return the same bytes each time."""
    return Response(content, media_type="application/json")


def main() -> int:
    """Run every measurement and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--seconds", type=int, default=6, help="for each measurement (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes of each (default: %(default)s)")
    args = parser.parse_args()
    if shutil.which("wrk") is None:
        print("This benchmark needs wrk; on Debian: apt-get install wrk", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        shutil.copytree(args.data_dir, data)
        measure(data, seconds=args.seconds, workers=args.workers)
    return 0


def measure(data: Path, *, seconds: int, workers: int) -> None:
    """Measure each path beside its own constant."""
    plain = sqlite3.connect(data / "peerdesk.db")
    (question,) = plain.execute(
        "SELECT id FROM question WHERE removed_at IS NULL ORDER BY abs(answer_count - 10), id LIMIT 1"
    ).fetchone()
    plain.close()
    paths = {
        "a question": f"{BASE}/questions/{question}",
        "its answers": f"{BASE}/questions/{question}/answers",
        "a list of 30": f"{BASE}/questions",
        "a list by votes": f"{BASE}/questions?sort=votes",
    }
    print(
        f"{workers} processes each, wrk -t1 -c{CLIENTS} for {seconds} s, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    )
    print(f"{'what':24}{'bytes':>8}{'req/s':>8}{'constant':>10}{'ratio':>7}{'304 req/s':>11}{'ratio':>7}")
    with forum(data, workers) as port:
        for name, path in paths.items():
            body, etag = fetch(port, path)
            with constants(data, body, workers) as other:
                wanted = wrk(other, "/constant", seconds)
                found = wrk(port, path, seconds)
                unchanged = wrk(port, path, seconds, f"If-None-Match: {etag}")
            print(
                f"{name:24}{len(body):8}{found:8.0f}{wanted:10.0f}{found / wanted:7.2f}"
                f"{unchanged:11.0f}{unchanged / wanted:7.2f}"
            )


@contextmanager
def forum(data: Path, workers: int) -> Iterator[int]:
    """Serve the forum as an operator would, without the limit that one address would soon reach."""
    port = free_port()
    environment = {
        **os.environ,
        "PEERDESK_DATA_DIR": str(data),
        "PEERDESK_LOG_LEVEL": "error",
        "PEERDESK_API_READS_PER_MINUTE": "10000000",
    }
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--workers", str(workers)]
    with running(command, environment, port, HERE.parent):
        yield port


@contextmanager
def constants(data: Path, body: bytes, workers: int) -> Iterator[int]:
    """Serve the same bytes from memory."""
    file = data / "constant.json"
    file.write_bytes(body)
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "api:app", "--port", str(port), "--no-access-log"]
    command += ["--log-level", "error", "--workers", str(workers), "--http", "at_once:AtOnce"]
    with running(command, {**os.environ, "BASELINE_CONTENT": str(file)}, port, HERE, ready="/constant"):
        yield port


def fetch(port: int, path: str) -> tuple[bytes, str]:
    """Return the bytes and the ETag of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}")
    return body, answer.getheader("ETag") or ""


def wrk(port: int, path: str, seconds: int, *headers: str) -> float:
    """Return requests a second."""
    options = [part for header in headers for part in ("-H", header)]
    command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds}", *options, f"http://127.0.0.1:{port}{path}"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in printed:
        raise RuntimeError(printed)
    return float(printed.split("Requests/sec:")[1].split()[0])


if __name__ == "__main__":
    sys.exit(main())
