"""Speed of pages, search and posting, as ratios to two baselines measured in the same run.

    python benchmarks/pages.py DATA_DIR [--seconds 8] [--workers 1]

DATA_DIR is the data folder of a forum on SQLite with content, such as the one `peerdesk demo` or
`peerdesk import` filled; it is copied, so nothing in it changes. Needs `wrk` (in Debian: wrk).
Baselines are described in benchmarks/baselines.py.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode

from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.core.signing import hash_token
from app.models import LoginSession, User

HERE = Path(__file__).resolve().parent
CLIENTS = 16
POSTING_CLIENTS = 8


def main() -> int:
    """Run every measurement and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--seconds", type=int, default=8, help="for each measurement (default: %(default)s)")
    parser.add_argument(
        "--workers", type=int, default=1, help="web processes of the forum (default: %(default)s)"
    )
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
    """Measure the baselines and the forum on a copy of the data."""
    database = data / "peerdesk.db"
    question, words, sessions = prepare(database)
    with forum(data, workers) as port:
        size = len(fetch(port, question))
        paths = {
            "question page, anonymous": (question, ""),
            "list page, anonymous": ("/questions", ""),
            "question page, signed in": (question, sessions[0]),
            "search, two words": (f"/search?q={quote(words)}", ""),
        }
        rows = {name: wrk(port, path, seconds, cookie) for name, (path, cookie) in paths.items()}
        posted, latencies = post_answers(port, question, sessions, seconds)
        memory = resident(port)
    with baseline(database, size) as port:
        constant = wrk(port, "/constant", seconds)
        select = wrk(port, "/select", seconds)
    print(
        f"\n{database.stat().st_size / 1e6:.0f} MB database, page of {size} bytes, {workers} web process(es),"
    )
    print(f"wrk -t1 -c{CLIENTS} for {seconds} s each, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n")
    print(f"{'what':32}{'req/s':>8}{'p50 ms':>8}{'p99 ms':>8}{'/ constant':>12}{'/ select':>10}")
    for name, row in {"(i) constant page": constant, "(ii) one select, jinja2": select, **rows}.items():
        rate, p50, p99 = row
        print(f"{name:32}{rate:8.0f}{p50:8.1f}{p99:8.1f}{rate / constant[0]:12.2f}{rate / select[0]:10.2f}")
    p50, p99 = statistics.quantiles(latencies, n=100)[49], statistics.quantiles(latencies, n=100)[98]
    print(f"{'answers posted, 8 clients':32}{posted:8.0f}{p50:8.1f}{p99:8.1f}")
    print(f"resident memory of the forum's processes: {memory / 1e6:.0f} MB")


def prepare(database: Path) -> tuple[str, str, list[str]]:
    """Return the address of a question with about ten answers, two words to search, and signed-in cookies."""
    plain = sqlite3.connect(database)
    found = plain.execute(
        "SELECT id, title FROM question WHERE removed_at IS NULL AND closed_at IS NULL "
        "ORDER BY abs(answer_count - 10), id LIMIT 1"
    ).fetchone()
    titles = plain.execute(
        "SELECT title FROM question WHERE removed_at IS NULL ORDER BY id LIMIT 50"
    ).fetchall()
    plain.close()
    words = [word for title in titles for word in re.findall(r"[A-Za-z]{5,}", title[0])]
    engine = make_engine(f"sqlite:///{database}")
    cookies = []
    now = utc_now()
    with new_session(engine) as db:
        for number in range(POSTING_CLIENTS):
            user = User(
                handle=f"bench{number}",
                handle_key=f"bench{number}",
                display_name=f"Bench {number}",
                email_verified_at=now,
                reputation=1,
                support_role="agent",  # not limited in what they post in a day
                created_at=now,
            )
            db.add(user)
            db.flush()
            token = f"benchmark-session-{number}"
            db.add(
                LoginSession(
                    token_hash=hash_token(token),
                    user_id=user.id or 0,
                    created_at=now,
                    last_seen_at=now,
                    expires_at=now.replace(year=now.year + 1),
                )
            )
            cookies.append(f"pd_session={token}")
        db.commit()
    engine.dispose()
    return f"/posts/{found[0]}", " ".join(words[:2]), cookies


def post_answers(port: int, question: str, cookies: list[str], seconds: int) -> tuple[float, list[float]]:
    """Post answers through the form from several clients at once; return answers a second and latencies in ms."""
    number = question.split("/")[2]
    until = time.monotonic() + seconds
    latencies: list[list[float]] = [[] for _ in cookies]

    def client(cookie: str, taken: list[float]) -> None:
        page = fetch(port, question, cookie)
        token = re.search(r'name="csrf" value="([^"]+)"', page)
        if token is None:
            raise RuntimeError("no form on the page")
        connection = http.client.HTTPConnection("127.0.0.1", port)
        headers = {
            "Cookie": cookie,
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://127.0.0.1:{port}",
        }
        while time.monotonic() < until:
            body = urlencode({"csrf": token[1], "body": f"Try this, it helped here. {time.monotonic_ns()}"})
            started = time.perf_counter()
            connection.request("POST", f"/questions/{number}/answers", body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 303:
                raise RuntimeError(f"posting answered {answer.status}")
            taken.append((time.perf_counter() - started) * 1000)

    threads = [threading.Thread(target=client, args=pair) for pair in zip(cookies, latencies, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = [each for taken in latencies for each in taken]
    if not everything:
        raise RuntimeError("no answer was posted")
    return len(everything) / seconds, everything


def wrk(port: int, path: str, seconds: int, cookie: str = "") -> tuple[float, float, float]:
    """Return requests a second, and the 50th and 99th percentile of latency in ms."""
    path = final_address(port, path, cookie)
    headers = ["-H", f"Cookie: {cookie}"] if cookie else []
    command = [
        "wrk",
        "-t1",
        f"-c{CLIENTS}",
        f"-d{seconds}",
        "--latency",
        *headers,
        f"http://127.0.0.1:{port}{path}",
    ]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in printed:
        raise RuntimeError(printed)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    percentiles = dict(re.findall(r"(50|99)%\s+([\d.]+(?:us|ms|s))", printed))
    if rate is None:
        raise RuntimeError(printed)
    return float(rate[1]), milliseconds(percentiles["50"]), milliseconds(percentiles["99"])


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


def fetch(port: int, path: str, cookie: str = "") -> str:
    """Return a page as text."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", final_address(port, path, cookie), headers={"Cookie": cookie} if cookie else {})
    return connection.getresponse().read().decode()


def milliseconds(text: str) -> float:
    """Return what wrk wrote as "812.00us" or "1.20s" in ms."""
    number = float(re.sub(r"[a-z]+", "", text))
    return number / 1000 if text.endswith("us") else number if text.endswith("ms") else number * 1000


@contextmanager
def forum(data: Path, workers: int) -> Iterator[int]:
    """Serve the forum with its worker, as an operator would."""
    port = free_port()
    environment = {**os.environ, "PEERDESK_DATA_DIR": str(data), "PEERDESK_LOG_LEVEL": "error"}
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--workers", str(workers)]
    with running(command, environment, port, HERE.parent):
        yield port


@contextmanager
def baseline(database: Path, size: int) -> Iterator[int]:
    """Serve the baselines with one process."""
    port = free_port()
    environment = {**os.environ, "BASELINE_BYTES": str(size), "BASELINE_DATABASE": str(database)}
    command = [sys.executable, "-m", "uvicorn", "baselines:app", "--port", str(port), "--no-access-log"]
    command += ["--log-level", "error"]
    with running(command, environment, port, HERE):
        yield port


@contextmanager
def running(command: list[str], environment: dict[str, str], port: int, folder: Path) -> Iterator[None]:
    """Run a server in a process group of its own until the block ends."""
    process = subprocess.Popen(
        command, env=environment, cwd=folder, start_new_session=True, stdout=subprocess.DEVNULL
    )
    try:
        wait_for(port, process)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the port answers; raise when the server ended instead."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError("the server did not start")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server does not answer")


def resident(port: int) -> int:
    """Return the resident bytes of the processes in the process group that serves the port."""
    groups = groups_of(port)
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if os.getpgid(int(status.parent.name)) in groups:
                found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text())
                total += int(found[1]) * 1024 if found else 0
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def groups_of(port: int) -> set[int]:
    """Return the process groups of processes started with this port on their command line."""
    groups = set()
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(port).encode() in cmdline.read_bytes().split(b"\0"):
                groups.add(os.getpgid(int(cmdline.parent.name)))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return groups


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
