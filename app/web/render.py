"""Pages: a typed context for each, and the one place that renders them."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup

from app.core.resources import resource
from app.core.signing import sign, unsign
from app.settings import Settings
from app.web import cookies, filters, holes, icons, notices, structured, texts
from app.web.assets import Assets
from app.web.compiled import CompiledTemplates
from app.web.csrf import PRE_SESSION_COOKIE, pre_session, token_for
from app.web.header import Headers
from app.web.identity import SignedInAs

FLASH_COOKIE = "pd_flash"
FLASH_SECONDS = 300
THEME_COOKIE = "pd_theme"  # theme.js writes it, too; members have their choice with their account
THEMES = ("light", "dark")
GLOBALS = frozenset(
    {
        "viewer",
        "csrf_token",
        "url_for",
        "asset",
        "draw_icon",
        "flash",
        "header",
        "now",
        "path",
        "settings_public",
        "theme",
        "_",
        "gettext",
        "ngettext",
    }
)
"""What every template may use beside its page's own fields."""


@dataclass(frozen=True)
class Page:
    """A page's context: a subclass names its template and has one field for each name the template uses."""

    template: ClassVar[str] = ""
    has_anonymous_form: ClassVar[bool] = False  # gives visitors a cookie that their form's token is bound to


class _Environment(Environment):
    """Gives templates their globals as a dict.

    Jinja2 compares them at each import of a macro, some sixty a page, and its ChainMap takes long to compare.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


def make_environment(assets: Assets, *, compiled: Path) -> Environment:
    """Return the jinja2 environment: escaping on, a missing name is an error. `compiled` is a folder for its use."""
    extensions: list[str | type[Extension]] = ["jinja2.ext.i18n"]
    environment = _Environment(
        loader=FileSystemLoader(resource("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=extensions,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=CompiledTemplates(compiled, kind="i18n escaped trimmed"),
    )
    texts.install(environment)
    environment.globals.update(
        asset=assets.url,
        draw_icon=icons.drawing_from(assets.url("icons.svg")),
        qa_page=structured.qa_page,
        image_of=structured.image_of,
    )
    environment.filters.update(filters.ALL)
    return environment


def render(request: Request, page: Page, *, status: int = 200) -> HTMLResponse:
    """Return the page as a response, with the flash messages that were waiting for it."""
    if page.has_anonymous_form and viewer_of(request) is None:
        pre_session(request)
    flash = _waiting_flash(request)
    outage = request.app.state.writing.outage if viewer_of(request) else ""  # visitors have nothing to save
    shown = [*notices.of_outage(outage), *flash]
    response = HTMLResponse(_html(request, page, shown, status), status_code=status)
    response.headers["Cache-Control"] = "private, no-cache"
    settings = request.app.state.settings
    if flash:
        cookies.remove(response, settings, FLASH_COOKIE)
    if getattr(request.state, "pre_session", ""):
        cookies.write(response, settings, PRE_SESSION_COOKIE, request.state.pre_session)
    return response


def fragment(request: Request, page: Page, *, status: int = 200) -> HTMLResponse:
    """Return a piece of a page for a script that asked for it; flash messages keep waiting."""
    html = environment_of(request).get_template(page.template).render(**_context(request, page, []))
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "private, no-store"})


def wants_fragment(request: Request) -> bool:
    """Return whether a script asks for the changed piece only."""
    return request.headers.get("x-fragment") == "1"


def redirect(request: Request, to: str, *, flash: str = "", kind: str = "done") -> RedirectResponse:
    """Return a redirect after a POST; `flash` is shown on the next page (`kind`: done, note or problem)."""
    response = RedirectResponse(to, status_code=303)
    if flash:
        payload = json.dumps([[kind, flash[:600]]])
        signed = sign(payload, purpose="flash", key=request.app.state.secret, seconds=FLASH_SECONDS)
        cookies.write(response, request.app.state.settings, FLASH_COOKIE, signed, max_age=FLASH_SECONDS)
    return response


def viewer_of(request: Request) -> SignedInAs | None:
    """Return who is signed in, as pages show them."""
    viewer: SignedInAs | None = getattr(request.state, "viewer", None)
    return viewer


def theme_of(request: Request) -> str:
    """Return the colours that were chosen: light, dark, or "" for the device's own. Pages differ by it."""
    viewer = viewer_of(request)
    chosen = viewer.theme if viewer else cookies.read(request, THEME_COOKIE)
    return chosen if chosen in THEMES else ""


def settings_shown(settings: Settings) -> dict[str, str]:
    """Return what pages show of the settings."""
    return {
        "site_name": settings.site_name,
        "accent": settings.accent_color,
        "base_url": settings.base_url,
        "sign_up": settings.sign_up,
    }


def environment_of(request: Request) -> Environment:
    """Return the application's jinja2 environment."""
    environment: Environment = request.app.state.environment
    return environment


def _html(request: Request, page: Page, flash: list[tuple[str, str]], status: int) -> str | bytes:
    template = environment_of(request).get_template(page.template)
    context = _context(request, page, flash)
    shared, viewer = holes.wanted(request), viewer_of(request)
    if shared is None or viewer is None or flash or status != 200:
        return template.render(context)
    own = {"viewer": holes.Somebody.like(viewer), "csrf_token": holes.TOKEN, "header": lambda: holes.HEADER}
    shared.text = template.render({**context, **own}).encode()
    header = request.app.state.headers.for_member(viewer, request.url.path)
    return holes.filled(shared.text, header=header, token=token_for(request))


def _header(request: Request) -> Markup:
    headers: Headers = request.app.state.headers
    viewer, path = viewer_of(request), request.url.path
    if viewer is None:
        return headers.for_stranger(f"{path}?{request.url.query}" if request.url.query else path)
    return Markup(headers.for_member(viewer, path).replace(holes.TOKEN, token_for(request)))  # noqa: S704


def _context(request: Request, page: Page, flash: list[tuple[str, str]]) -> dict[str, Any]:
    own = {item.name: getattr(page, item.name) for item in fields(page)}
    query = f"?{request.url.query}" if request.url.query else ""
    return {
        "viewer": viewer_of(request),
        "csrf_token": token_for(request),
        "url_for": request.app.url_path_for,
        "flash": flash,
        "header": lambda: _header(request),
        "now": request.app.state.now(),
        "path": request.url.path + query,
        "theme": theme_of(request),
        "settings_public": settings_shown(request.app.state.settings),
        **own,
    }


def _waiting_flash(request: Request) -> list[tuple[str, str]]:
    signed = cookies.read(request, FLASH_COOKIE)
    payload = unsign(signed, purpose="flash", key=request.app.state.secret) if signed else None
    return [(kind, text) for kind, text in json.loads(payload)] if payload else []
