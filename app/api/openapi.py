"""The description of the API: FastAPI's, completed with everything that holds for all operations.

Statuses and headers follow from what an operation takes (a path, a body, a key), so they are added
here by rule and not by hand at each route.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api.problems import KINDS, MEDIA_TYPE, Problem

VERSION = "1.0.0"
Json = dict[str, Any]

INTRODUCTION = """\
Questions, answers and everything around them, by the same rules as on the pages.

**Sign-in.** Strangers may read what everybody may see. Everything else needs an API key
(`Authorization: Bearer pd_…`, made under Settings, API keys) or the session of a browser with its
form token. A key may do what its owner may, within its scopes.

**Lists** come in pages: pass `page.next` as `cursor` until it is null, or follow the `Link` header.
Walking the pages neither repeats nor skips a row that was there at the start.

**Doing something once.** Send an `Idempotency-Key` with every POST. Sent again within 24 hours, the
same request gives the first answer and changes nothing.

**Editing** needs `If-Match` with the ETag of what was read.

**Refusals** are problem documents (RFC 9457). **Limits** are told in `RateLimit` and `RateLimit-Policy`.

**Changes.** Within version 1 members, parameters and routes are added, never taken away or given
another meaning; clients must ignore members they do not know. What is to go is marked deprecated here
and in the changelog, and answers with `Deprecation` and `Sunset` headers for at least a year before.
"""

TAGS = {
    "Search": "Find what was answered before.",
    "Questions": "Ask, read, edit.",
    "Answers": "Answer, and accept what solves the question.",
    "Comments": "Short remarks under questions and answers.",
    "Votes": "What is useful, and what is not.",
    "Marks": "“I have this problem too”, and follow.",
    "Catalog": "Products and tags.",
    "People": "Members, and you.",
    "Escalations": "Questions in the hands of staff, for agents; reports, for leads.",
    "Webhooks": "Tell other systems what happens.",
    "events": "What happens, as it happens.",
}

_SIGNED_IN: list[Json] = [{"key": []}, {"session": [], "formToken": []}]
_SIGNED_IN_TO_READ: list[Json] = [{"key": []}, {"session": []}]
_FOR = {
    "/escalations": ("agents", "staff"),
    "/reports": ("leads", "staff"),
    "/webhooks": ("administrators", "webhooks"),
    "/me": ("members", ""),
    "/users/{handle}/reputation": ("members", ""),
}
"""How paths begin that are not for strangers: for whom, and which scope a key needs beside `read` or `write`."""

_NO_CACHE = {"/events"}

_HEADERS: Json = {
    "X-Request-Id": {"description": "Names this request in our log.", "schema": {"type": "string"}},
    "RateLimit": {
        "description": "What is left of each quota (r) and in how many seconds it is full again (t).",
        "schema": {"type": "string", "examples": ['"address";r=599;t=60']},
    },
    "RateLimit-Policy": {
        "description": "Each quota (q) and its window in seconds (w).",
        "schema": {"type": "string", "examples": ['"address";q=600;w=60']},
    },
    "ETag": {"description": "Names exactly these bytes.", "schema": {"type": "string"}},
    "Link": {"description": 'The address of the next page, with rel="next".', "schema": {"type": "string"}},
    "Location": {"description": "Where what was made can be read.", "schema": {"type": "string"}},
    "Idempotency-Replayed": {
        "description": "`true` when the answer is that of an earlier request.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    "WWW-Authenticate": {"description": "What is missing.", "schema": {"type": "string"}},
}


def methods_of(api: FastAPI, path: str) -> list[str]:
    """Return the methods that a path knows; a path that is written out goes before one with parameters."""
    paths: Mapping[str, Any] = document(api)["paths"]
    found = next(
        (one for one in sorted(paths, key=lambda one: "{" in one) if _pattern(one).fullmatch(path)), None
    )
    return sorted(method.upper() for method in paths[found]) if found else []


def document(api: FastAPI) -> Json:
    """Return the whole description (OpenAPI 3.1), made once."""
    if api.openapi_schema is None:
        api.openapi_schema = _made(api)
    return api.openapi_schema


def _made(api: FastAPI) -> Json:
    base: str = api.state.settings.base_url
    found: Json = get_openapi(
        title=api.title,
        version=VERSION,
        openapi_version="3.1.0",
        description=INTRODUCTION,
        routes=api.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
        servers=[{"url": f"{base}/api/v1"}],
    )
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    components["headers"] = _HEADERS
    components["responses"] = {_name(status): _refusal(status) for status in KINDS}
    components["securitySchemes"] = _schemes(is_https=api.state.settings.is_https)
    found["x-problems"] = [
        {"name": name, "status": status, "title": title} for status, (name, title) in KINDS.items()
    ]
    for path, method, operation in _operations(found):
        _complete(path, method, operation)
    return found


@functools.cache
def _pattern(template: str) -> re.Pattern[str]:
    pieces = re.split(r"\{[^}]*\}", template)
    return re.compile("[^/]+".join(re.escape(piece) for piece in pieces))


def _operations(found: Mapping[str, Any]) -> Iterator[tuple[str, str, Json]]:
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _complete(path: str, method: str, operation: Json) -> None:
    operation["security"] = _security(path, method)
    operation["x-access"] = _access(path, method)
    responses = operation["responses"]
    responses.pop("422", None)
    for status in list(responses):
        responses[status]["headers"] = _headers_of(path, method, status, operation)
        if status.startswith("2"):
            responses[status]["description"] = _DONE.get(status, "Done.")
    if method == "get" and path not in _NO_CACHE:
        responses["304"] = {
            "description": "You have it already: `If-None-Match` names it.",
            "headers": _refs("X-Request-Id", "RateLimit", "RateLimit-Policy", "ETag"),
        }
        operation.setdefault("parameters", []).append(_IF_NONE_MATCH)
    for status in _refusals_of(method, operation):
        responses[str(status)] = {"$ref": f"#/components/responses/{_name(status)}"}
    operation["responses"] = dict(sorted(responses.items()))


_DONE = {"200": "Here it is.", "201": "Made.", "204": "Done; there is nothing to show."}
_IF_NONE_MATCH: Json = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of what you have; 304 when it is still the same.",
    "schema": {"type": "string"},
}


def _security(path: str, method: str) -> list[Json]:
    if method != "get":
        return _SIGNED_IN
    return _SIGNED_IN_TO_READ if path.startswith(tuple(_FOR)) else [{}, *_SIGNED_IN_TO_READ]


def _access(path: str, method: str) -> Json:
    """Return for whom an operation is, and which scopes a key needs."""
    usual, scope = ("everybody", "read") if method == "get" else ("members", "write")
    who, more = next((each for start, each in _FOR.items() if path.startswith(start)), (usual, ""))
    return {"who": who, "scopes": [scope, more] if more else [scope]}


def _headers_of(path: str, method: str, status: str, operation: Mapping[str, Any]) -> Json:
    names = ["X-Request-Id", "RateLimit", "RateLimit-Policy"]
    if status in ("200", "201") and path not in _NO_CACHE:
        names.append("ETag")
    if status == "201":
        names.append("Location")
    if method == "post":
        names.append("Idempotency-Replayed")
    if any(each["name"] == "cursor" for each in operation.get("parameters", [])):
        names.append("Link")
    return _refs(*names)


def _refusals_of(method: str, operation: Mapping[str, Any]) -> list[int]:
    statuses = {400, 401, 403, 404, 422, 429, 500, 503}
    if method != "get":
        statuses |= {409}
    if method == "patch":
        statuses |= {412, 428}
    if "requestBody" in operation or method != "get":
        statuses |= {413, 415}
    return sorted(statuses)


def _refs(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _name(status: int) -> str:
    return "".join(part.title() for part in KINDS[status][0].split("-"))


def _refusal(status: int) -> Json:
    names = ["X-Request-Id", "RateLimit", "RateLimit-Policy"]
    if status in (429, 503):
        names.append("Retry-After")
    if status == 401:
        names.append("WWW-Authenticate")
    return {
        "description": KINDS[status][1] + ".",
        "headers": _refs(*names),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _schemes(*, is_https: bool) -> Json:
    cookie = "__Host-pd_session" if is_https else "pd_session"
    return {
        "key": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "pd_ and 36 letters and digits",
            "description": "An API key, made under Settings, API keys or by `peerdesk apikey create`.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": cookie,
            "description": "The session of somebody who is signed in on the pages.",
        },
        "formToken": {
            "type": "apiKey",
            "in": "header",
            "name": "X-CSRF-Token",
            "description": "`csrf_token` of GET /me; with a session, for everything but GET.",
        },
    }
