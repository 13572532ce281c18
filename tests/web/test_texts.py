from __future__ import annotations

import pytest
from jinja2 import Environment

from app.web import texts

MARKUP = "<b>&"
ESCAPED = "&lt;b&gt;&amp;"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("{{ _('<i>safe</i>') }}", "<i>safe</i>"),
        ("{{ _('By %(who)s', who=name) }}", f"By {ESCAPED}"),
        ("{{ _('100 %% of %%s') }}", "100 % of %s"),
        ("{{ ngettext('%(num)s answer', '%(num)s answers', 1) }}", "1 answer"),
        ("{{ ngettext('%(num)s of %(who)s', '%(num)s by %(who)s', 2, who=name) }}", f"2 by {ESCAPED}"),
        ("{% trans who=name %}By <i>{{ who }}</i> at 5 %{% endtrans %}", f"By <i>{ESCAPED}</i> at 5 %"),
        ("{% trans num=3 %}One.{% pluralize %}<i>{{ num }}</i> times.{% endtrans %}", "<i>3</i> times."),
        ("{% trans count=1 %}One.{% pluralize %}{{ count }} times.{% endtrans %}", "One."),
    ],
)
def test_a_text_is_safe_and_its_values_are_escaped(written: str, shown: str) -> None:
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    texts.install(environment)
    assert environment.from_string(written).render(name=MARKUP) == shown


def test_a_text_without_a_value_that_it_names_is_an_error() -> None:
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    texts.install(environment)
    with pytest.raises(TypeError):
        environment.from_string("{{ _('%s new answers') }}").render()
