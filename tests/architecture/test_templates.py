from __future__ import annotations

from dataclasses import fields

import pytest
from jinja2 import Environment

from app.core.resources import resource
from app.web.assets import Assets
from app.web.render import GLOBALS, Page, make_environment
from tests.support.pages import TEMPLATES, names_used, page_classes


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return make_environment(Assets(), compiled=tmp_path_factory.mktemp("compiled"))


def test_there_are_templates_and_pages() -> None:
    assert len(TEMPLATES) > 10
    assert len(page_classes()) > 5


def test_every_template_compiles(environment: Environment) -> None:
    for name in TEMPLATES:
        environment.get_template(name)


@pytest.mark.parametrize("page", page_classes(), ids=lambda page: page.__name__)
def test_every_page_has_each_name_that_its_template_uses(environment: Environment, page: type[Page]) -> None:
    known = {field.name for field in fields(page)} | set(GLOBALS) | set(environment.globals)
    used = names_used(environment, page.template)
    unknown = {name: where for name, where in used.items() if name not in known}
    assert not unknown, f"add a field to {page.__name__}: {unknown}"


def test_only_stored_html_goes_out_as_it_is() -> None:
    odd = [
        f"{name}: {line.strip()}"
        for name in TEMPLATES
        for line in (resource("templates") / name).read_text().splitlines()
        if "|safe" in line.replace(" ", "") and "html" not in line
    ]
    assert not odd, f"only *_html fields, sanitised when written, may be marked safe: {odd}"
