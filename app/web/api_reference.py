"""The reference of the JSON API, made from its own description, and how to begin with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from app.core import markdown
from app.core.i18n import gettext as _
from app.core.resources import resource
from app.web.render import Page, render
from app.web.routers import PageRouter

router = PageRouter()

Json = Mapping[str, Any]
EXAMPLES = ("curl", "Python", "JavaScript")


@dataclass(frozen=True)
class Row:
    """A parameter, or a member of a document."""

    name: str
    kind: str
    place: str
    is_required: bool
    text: str


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked of the API."""

    anchor: str
    method: str
    path: str
    title: str
    text_html: str
    access: str
    parameters: Sequence[Row]
    body: str
    example: str
    answers: Sequence[tuple[str, str, str]]  # status, words, name of the document


@dataclass(frozen=True)
class Group:
    """Operations about one noun."""

    name: str
    text: str
    operations: Sequence[Operation]


@dataclass(frozen=True)
class Document:
    """A document that is sent or answered."""

    name: str
    text: str
    members: Sequence[Row]


@dataclass(frozen=True)
class ReferencePage(Page):
    """Every operation of the API, its documents, and its refusals."""

    template = "api/reference.html"
    introduction_html: str
    groups: Sequence[Group]
    documents: Sequence[Document]
    problems: Sequence[Json]


@dataclass(frozen=True)
class ApiHelpPage(Page):
    """How to begin with the API: `examples` are titles and programs."""

    template = "help/api.html"
    examples: Sequence[tuple[str, str]]


@router.get("/api/v1/docs")
def reference(request: Request) -> Response:
    """Show the reference."""
    found: Json = request.app.state.api_document()
    operations = list(_operations(found))
    groups = [
        Group(tag["name"], tag["description"], [one for name, one in operations if name == tag["name"]])
        for tag in found["tags"]
    ]
    schemas: Json = found["components"]["schemas"]
    page = ReferencePage(
        introduction_html=_rendered(found["info"]["description"]),
        groups=[group for group in groups if group.operations],
        documents=[_document(name, schema) for name, schema in sorted(schemas.items())],
        problems=found["x-problems"],
    )
    return render(request, page)


@router.get("/help/api")
def beginning(request: Request) -> Response:
    """Explain how to begin with the API."""
    folder = resource("templates") / "help"
    examples = [(title, (folder / f"_api_{title.lower()}.txt").read_text("utf-8")) for title in EXAMPLES]
    return render(request, ApiHelpPage(examples=examples))


def _operations(found: Json) -> Iterator[tuple[str, Operation]]:
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            yield operation["tags"][0], _operation(found, method, path, operation)


def _operation(found: Json, method: str, path: str, operation: Json) -> Operation:
    title, _space, text = operation.get("description", operation.get("summary", "")).partition("\n\n")
    content: Json = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema: Json = content.get("schema", {})
    return Operation(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        title=title,
        text_html=_rendered(text) if text else "",
        access=_access(operation),
        parameters=[_parameter(one) for one in operation.get("parameters", [])],
        body=_name(schema),
        example=_example(found, schema),
        answers=[_answer(found, status, one) for status, one in operation["responses"].items()],
    )


def _rendered(text: str) -> str:
    """Render a text whose lines were wrapped by hand: here a line break in a post is one."""
    return markdown.render(re.sub(r"(?<!\n)\n(?!\n)", " ", text))


def _access(operation: Json) -> str:
    access: Json = operation["x-access"]
    who = {
        "everybody": _("Everybody"),
        "members": _("Members"),
        "agents": _("Agents"),
        "leads": _("Leads"),
        "administrators": _("Administrators"),
    }[access["who"]]
    scopes = access["scopes"]
    if len(scopes) == 1:
        return _("%(who)s; a key needs the scope %(scope)s.") % {"who": who, "scope": scopes[0]}
    given = {"who": who, "scope": scopes[0], "other": scopes[1]}
    return _("%(who)s; a key needs the scopes %(scope)s and %(other)s.") % given


def _parameter(one: Json) -> Row:
    schema: Json = one.get("schema", {})
    return Row(one["name"], _kind(schema), one["in"], one.get("required", False), one.get("description", ""))


def _answer(found: Json, status: str, one: Json) -> tuple[str, str, str]:
    if "$ref" in one:
        one = found["components"]["responses"][one["$ref"].rsplit("/", 1)[-1]]
    contents: Json = one.get("content", {})
    schema: Json = next((content.get("schema", {}) for content in contents.values()), {})
    return status, one["description"], _name(schema)


def _document(name: str, schema: Json) -> Document:
    required = set(schema.get("required", []))
    members = [
        Row(member, _kind(about), "", member in required, about.get("description", ""))
        for member, about in schema.get("properties", {}).items()
    ]
    return Document(name, schema.get("description", ""), members)


def _name(schema: Json) -> str:
    return str(schema.get("$ref", "")).rsplit("/", 1)[-1]


def _kind(schema: Json) -> str:
    """Return a schema in a few words: "integer 1 to 100", "list of Author", "text or null"."""
    if "$ref" in schema:
        return _name(schema)
    if "anyOf" in schema:
        return _(" or ").join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return ", ".join(str(value) for value in schema.get("enum", [schema.get("const")]))
    kind = str(schema.get("type", "anything"))
    if kind == "array":
        return _("list of %(kind)s") % {"kind": _kind(schema.get("items", {}))}
    if kind == "integer" and "minimum" in schema and "maximum" in schema:
        return _("integer %(low)s to %(high)s") % {"low": schema["minimum"], "high": schema["maximum"]}
    if schema.get("format") == "date-time":
        return _("instant (RFC 3339, UTC)")
    return {"string": _("text"), "null": _("null")}.get(kind, kind)


def _example(found: Json, schema: Json) -> str:
    if "$ref" not in schema:
        return ""
    members: Json = found["components"]["schemas"][_name(schema)].get("properties", {})
    values = {name: about["examples"][0] for name, about in members.items() if about.get("examples")}
    return re.sub(r"\[\s+([^\[\]]*?)\s+\]", r"[\1]", json.dumps(values, indent=2)) if values else ""
