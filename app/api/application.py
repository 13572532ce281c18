"""The API's application: apart from the pages', so that its errors, checks and document are its own."""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.datastructures import State
from starlette.routing import Mount

from app.api import live, openapi, problems, respond
from app.api.boundary import Boundary
from app.api.finished import Answers
from app.api.routers import operation_id
from app.api.routes import routes


class Mounted(Mount):
    """The API in its place, for every address below it but its reference, which is a page."""

    def __init__(self, state: State, *, finished: Answers | None = None) -> None:
        super().__init__("/api/v1", make_api(state, finished=finished))
        pattern = self.path_regex.pattern.replace("^/api/v1", "^/api/v1(?!/docs$)", 1)
        self.path_regex = re.compile(pattern, re.DOTALL)


def make_api(state: State, *, finished: Answers | None = None) -> FastAPI:
    """Return the API; it shares the forum's state. `finished` keeps what strangers are told."""
    api = FastAPI(
        title=f"{state.settings.site_name} API",
        version=openapi.VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
    )
    api.state = state
    api.router.routes.extend(routes)
    api.include_router(live.router)
    api.add_api_route("/openapi.json", _document, include_in_schema=False)
    problems.install(api)
    api.add_middleware(Boundary, finished=finished)
    state.api_document = lambda: openapi.document(api)
    state.api_methods = lambda path: openapi.methods_of(api, path)
    return api


def _document(request: Request) -> Response:
    """Return the API's description (OpenAPI 3.1)."""
    document: dict[str, Any] = request.app.state.api_document()
    return respond.show_json(request, document)
