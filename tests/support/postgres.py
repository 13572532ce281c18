"""A throw-away PostgreSQL from the machine's own binaries: one for each test process, on a Unix socket."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

DEBIAN = Path("/usr/lib/postgresql")
USER = "peerdesk"
_SUPERVISE = '"$@" & server=$!; cat >/dev/null; kill -QUIT "$server"; wait "$server"'
"""Standard input is a pipe held by the tests: when they end, however they end, so does the server."""


def binaries() -> Path | None:
    """Return the folder that holds `initdb` and `postgres`, the newest if several; None without PostgreSQL."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    installed = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name))
    return installed[-1].parent if installed else None


@dataclass
class Cluster:
    """A running server."""

    folder: Path
    supervisor: subprocess.Popen[bytes]

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of a database."""
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder}"

    def create(self, database: str, *, template: str = "template1") -> str:
        """Create a database, as a copy of another when one is named, and return its address."""
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(database), sql.Identifier(template)
            )
        )
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def stop(self) -> None:
        """Stop the server and remove its files."""
        if self.supervisor.stdin:
            self.supervisor.stdin.close()
        self.supervisor.wait(timeout=30)
        shutil.rmtree(self.folder)

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(
            host=str(self.folder), user=USER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)


def start(programs: Path) -> Cluster:
    """Start a new, empty server that trades all safety for speed."""
    folder = Path(tempfile.mkdtemp(prefix="peerdesk-pg-", dir="/tmp"))  # short: a socket's path has 107 bytes
    account = _account()
    if account:
        shutil.chown(folder, account)
    data = folder / "data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, "user": account}
    create = ["--auth=trust", f"--username={USER}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run([programs / "initdb", f"--pgdata={data}", *create], check=True, **quiet)  # type: ignore[call-overload]
    server = [
        str(programs / "postgres"),
        f"-D{data}",
        f"-k{folder}",
        *("-c", "listen_addresses="),
        *("-c", "fsync=off"),
        *("-c", "synchronous_commit=off"),
        *("-c", "full_page_writes=off"),
        *("-c", "max_connections=200"),
    ]
    supervisor = subprocess.Popen(  # type: ignore[call-overload]
        ["/bin/sh", "-c", _SUPERVISE, "sh", *server], stdin=subprocess.PIPE, **quiet
    )
    cluster = Cluster(folder, supervisor)
    _await(cluster)
    return cluster


def _account() -> str | None:
    """Return who is to run the server when we are root, which PostgreSQL refuses; None: ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _await(cluster: Cluster) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(host=str(cluster.folder), user=USER, dbname="postgres").close()
        except psycopg.OperationalError:
            if cluster.supervisor.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
