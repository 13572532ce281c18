"""The two baselines every speed is a ratio to, served by uvicorn like the forum itself.

constant  a FastAPI endpoint that returns a finished page of a given size
select    a FastAPI endpoint (`def`, in the thread pool) that renders a jinja2 page from one SQLite select
"""

from __future__ import annotations

import os
import sqlite3
import threading

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment

SIZE = int(os.environ.get("BASELINE_BYTES", "20000"))
DATABASE = os.environ.get("BASELINE_DATABASE", "")

app = FastAPI(openapi_url=None)
page = "<!doctype html><title>constant</title>" + "x" * SIZE
template = Environment(autoescape=True).from_string(
    "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1>"
    "{% for word in words %}<p>{{ loop.index }} {{ word }}</p>{% endfor %}"
)
connections = threading.local()


@app.get("/constant")
async def constant() -> HTMLResponse:
    """Return the same bytes each time."""
    return HTMLResponse(page)


@app.get("/select")
def select() -> HTMLResponse:
    """Render one row."""
    if not hasattr(connections, "db"):
        connections.db = sqlite3.connect(DATABASE, check_same_thread=False)
    title, body = connections.db.execute(
        "SELECT title, body FROM question ORDER BY id DESC LIMIT 1 OFFSET 5"
    ).fetchone()
    return HTMLResponse(template.render(title=title, words=body.split()[:200]))
