"""The application's pages and templates."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from jinja2 import Environment, meta, nodes

import app.web
from app.core.resources import resource
from app.web.render import Page

TEMPLATES = sorted(
    path.relative_to(resource("templates")).as_posix() for path in resource("templates").rglob("*.html")
)


def page_classes() -> list[type[Page]]:
    """Return every page class of the application that names a template."""
    for module in pkgutil.walk_packages(app.web.__path__, "app.web."):
        importlib.import_module(module.name)
    return sorted(_below(Page), key=lambda page: page.__qualname__)


def names_used(
    environment: Environment, template: str, inherited: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Return each name that a template takes from its context, with the file that uses it.

    Files that it extends or includes count; what is included also sees the loop variables,
    assignments and imports around it, imported macros see their arguments only.
    """
    tree = _tree(environment, template)
    own = _outermost_names(tree)
    used = dict.fromkeys(meta.find_undeclared_variables(tree) - own - inherited, template)
    stored = {name.name for name in tree.find_all(nodes.Name) if name.ctx in ("store", "param")}
    for parent in tree.find_all(nodes.Extends):
        used |= _names_of(environment, parent.template, frozenset())
    for part in tree.find_all(nodes.Include):
        used |= _names_of(environment, part.template, inherited | own | stored)
    return used


def _names_of(environment: Environment, named: nodes.Expr, inherited: frozenset[str]) -> dict[str, str]:
    """Follow a file that is named outright; computed names can't be followed."""
    return names_used(environment, named.value, inherited) if isinstance(named, nodes.Const) else {}


def _below(page: type[Page]) -> Iterator[type[Page]]:
    for child in page.__subclasses__():
        if child.template:
            yield child
        yield from _below(child)


def _outermost_names(tree: nodes.Template) -> set[str]:
    """Return what a file imports or defines outside its blocks, which jinja2's finder misses inside them."""
    own: set[str] = set()
    for node in tree.body:
        if isinstance(node, nodes.Import):
            own.add(node.target)
        elif isinstance(node, nodes.FromImport):
            own.update(name if isinstance(name, str) else name[1] for name in node.names)
        elif isinstance(node, nodes.Macro):
            own.add(node.name)
        elif isinstance(node, nodes.Assign | nodes.AssignBlock):
            own.update(
                name.name
                for name in (node.target, *node.target.find_all(nodes.Name))
                if isinstance(name, nodes.Name)
            )
    return own


def _tree(environment: Environment, template: str) -> nodes.Template:
    assert environment.loader is not None
    return environment.parse(environment.loader.get_source(environment, template)[0])
