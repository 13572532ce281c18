"""The header of every page: a member's is made once for as long as nothing in it changes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from app.web import holes
from app.web.identity import SignedInAs

_SECTIONS = ("/questions", "/products")
"""The parts of the site that the header marks as where the reader is."""


class Headers:
    """Renders headers. A member's has holes for the forms' token: it depends on the member and the section alone."""

    def __init__(self, environment: Environment, *, settings: dict[str, Any]) -> None:
        self._environment = environment
        self._settings = settings
        self._kept = lru_cache(maxsize=1_000)(self._for_member)

    def for_member(self, viewer: SignedInAs, path: str) -> str:
        """Return the header of a member's page, with holes for the token."""
        section = next((each for each in _SECTIONS if path.startswith(each)), "/")
        return self._kept(viewer, section)

    def for_stranger(self, path: str) -> Markup:
        """Return the header of a visitor's page."""
        return self._rendered(viewer=None, path=path, csrf_token="")

    def _for_member(self, viewer: SignedInAs, section: str) -> str:
        return str(self._rendered(viewer=viewer, path=section, csrf_token=holes.TOKEN))

    def _rendered(self, **context: Any) -> Markup:
        template = self._environment.get_template("layouts/_header.html")
        return Markup(template.render(settings_public=self._settings, **context))  # noqa: S704 (a template's)
