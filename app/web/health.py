"""For whoever runs it: is the process alive, and can it serve."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.core import schema
from app.core.db import new_session

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz() -> JSONResponse:
    """Answer 200 while the process runs."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """Answer 200 while the process can serve, 503 otherwise, with what each check found ("ok", or why not)."""
    checks = {name: check(request) or "ok" for name, check in CHECKS.items()}
    is_ready = all(found == "ok" for found in checks.values())
    told = {"status": "ready" if is_ready else "not ready", "checks": checks}
    headers = {} if is_ready else {"Retry-After": "5"}
    return JSONResponse(told, status_code=200 if is_ready else 503, headers=headers)


def _database(request: Request) -> str:
    try:
        with new_session(request.app.state.bind) as db:
            db.execute(text("SELECT 1"))
    except DBAPIError:
        return "it does not answer"
    return ""


def _writing(request: Request) -> str:
    outage: str = request.app.state.writing.look()
    return f"it can't be written: {outage}" if outage else ""


def _uploads(request: Request) -> str:
    folder: Path = request.app.state.settings.uploads_dir
    is_lost = folder.exists() and not os.access(folder, os.W_OK | os.X_OK)
    return "the folder can't be written" if is_lost else ""


def _schema(request: Request) -> str:
    """Tell of a schema that is too old; one of a newer version is fine, for machines are updated one by one."""
    state = request.app.state
    if getattr(state, "schema_was_current", False) or not isinstance(state.bind, Engine):
        return ""
    try:
        if schema.is_behind(state.bind):
            return "it is older than this version: peerdesk migrate"
    except DBAPIError:
        return "the database does not answer"
    state.schema_was_current = True
    return ""


CHECKS: dict[str, Callable[[Request], str]] = {
    "database": _database,
    "writing": _writing,
    "uploads": _uploads,
    "schema": _schema,
}
"""Each returns "" when all is well, or what is wrong in a few words without a secret: everybody may read it."""
