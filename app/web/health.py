"""For whoever runs it: is the process alive, and can it serve."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.web.deps import Db

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz() -> JSONResponse:
    """Answer 200 while the process runs."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
def readyz(db: Db) -> JSONResponse:
    """Answer 200 while the database answers, 503 otherwise."""
    try:
        db.execute(text("SELECT 1 FROM users LIMIT 1"))
    except DBAPIError:
        return JSONResponse({"status": "database unreachable"}, status_code=503)
    return JSONResponse({"status": "ready"})
