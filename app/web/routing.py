"""Under which name a request is counted: its route, never its address, of which there are too many."""

from __future__ import annotations

from starlette.types import Scope

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NONE = "(none)"
"""What no route answered: an unknown address, or a request that was refused before."""


def route_of(scope: Scope, status: int) -> str:
    """Return the template of the route that answered: "/questions/{question_id:int}/{words}".

    A kept page is sent without asking the routes: of its address the first word is told, and "…" for
    the rest.
    """
    root: str = scope.get("root_path", "")
    path = scope["path"].removeprefix(root)
    template = getattr(scope.get("route"), "path", None)
    if template is not None and not template.startswith("/api/v1"):
        return f"{root}{_prefix(path, template)}{template}" or "/"
    if status not in (200, 304):  # a redirect to an address that some route has
        return NONE
    words = path.split("/")
    return f"{root}/{words[1]}/…" if len(words) > 2 else f"{root}{path}"


def _prefix(path: str, template: str) -> str:
    """Return what a group of routes has before its templates ("/desk"), which they do not tell."""
    if ":path}" in template:
        return ""
    words = path.rstrip("/").split("/")
    return "/".join(words[: len(words) - template.rstrip("/").count("/")])
