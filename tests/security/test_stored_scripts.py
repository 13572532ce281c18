"""Attack cases 1, 2, 4, 7 and 8 on whole pages: what members write stays text, in a real browser too."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import html5lib
import pytest
from playwright.sync_api import Browser as ChromeBrowser
from playwright.sync_api import Route
from sqlmodel import Session

from app.core import markdown
from app.models import User
from tests.factories.answers import make_answer
from tests.factories.comments import make_comment
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.browser import Browser

VECTORS: list[str] = json.loads((Path(__file__).parents[1] / "core" / "xss_vectors.json").read_text())
BREAKS_OUT = [
    "</script><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{7*7}}",
    "{% raw %}{{ viewer }}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "%(name)s %s %d",
    "<!--<script>",
    "\u2028alert(1)",
]
HOOKS = """
window.executed = [];
for (const name of ["alert", "confirm", "prompt", "print", "open"]) window[name] = () => window.executed.push(name);
"""


@pytest.mark.browser
@pytest.mark.slow
def test_case_1_no_vector_runs_in_chromium_even_without_a_policy(chrome: ChromeBrowser) -> None:
    pages = {
        f"{name}-{number}": html
        for number, vector in enumerate(VECTORS)
        for name, html in (("markdown", markdown.render(vector)), ("html", markdown.sanitise_html(vector)))
    }
    asked_for: list[str] = []

    def serve(route: Route) -> None:
        if route.request.url == "http://forum.test/":
            route.fulfill(body=_page("".join(pages.values())), content_type="text/html; charset=utf-8")
        else:
            asked_for.append(route.request.url)
            route.abort()

    page = chrome.new_page()
    page.add_init_script(HOOKS)
    page.route("**/*", serve)
    page.goto("http://forum.test/")
    page.evaluate(_TOUCH_EVERYTHING)
    executed = page.evaluate("window.executed")
    url = page.url
    page.close()
    assert executed == []
    assert url == "http://forum.test/"
    assert [address for address in asked_for if "/uploads/" not in address and "favicon" not in address] == []


@pytest.mark.slow
def test_cases_7_and_8_text_stays_text_wherever_it_is_shown(
    client: Browser, db: Session, moderator: User
) -> None:
    paths = ["/", "/questions", "/users", "/search?q=printer"]
    for number, text in enumerate(BREAKS_OUT):
        handle = f"author{number}"
        author = make_user(db, handle=handle, display_name=text[:60], location=text[:100])
        question = make_question(db, author=author, title=f"Printer {text}")
        make_comment(db, post=make_answer(db, question=question, author=author), author=author)
        paths += [f"/questions/{question.id}", f"/users/{handle}", f"/posts/{question.id}/revisions"]
        paths.append(f"/posts/{question.id}/hide")
    client.sign_in(moderator)
    for path in paths:
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        assert _foreign_scripts(answer.text) == [], path


def test_case_8_a_title_is_not_read_as_a_template(client: Browser, db: Session) -> None:
    question = make_question(db, title="Why does {{7*7}} print %(n)s and {% now %}?")
    page = client.get(f"/questions/{question.id}", follow_redirects=True).text
    assert "Why does {{7*7}} print %(n)s and {% now %}?" in _text_of(page)


def test_case_8_a_log_line_is_one_line(client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[logging.LogRecord] = []
    handler = logging.Handler(logging.INFO)
    monkeypatch.setattr(handler, "emit", written.append)
    logger = logging.getLogger("peerdesk.request")
    for name, value in (("handlers", [handler]), ("disabled", False)):
        monkeypatch.setattr(logger, name, value)
    before = logger.level
    logger.setLevel(logging.INFO)
    client.get("/no%0d%0aGET%20/forged%20200%1b[31m")
    logger.setLevel(before)
    lines = [record.getMessage() for record in written if "forged" in record.getMessage()]
    assert lines
    assert all(line.isprintable() for line in lines)


def test_case_8_a_given_request_id_is_a_plain_word(client: Browser) -> None:
    for given in ("x" * 65, "a b", "<script>alert(1)", "short", "ü" * 10):
        assert (
            client.get("/healthz", headers=[(b"X-Request-Id", given.encode())]).headers["x-request-id"]
            != given
        )


def _page(body: str) -> str:
    return f"<!doctype html><html><head><title>x</title></head><body>{body}</body></html>"


# What a visitor could do by pointing, focusing and clicking; links are followed by nobody but scripts.
_TOUCH_EVERYTHING = """
() => {
  for (const element of document.body.querySelectorAll("*")) {
    for (const name of ["focus", "mouseover", "mouseenter", "pointerenter", "wheel", "copy", "animationstart", "toggle", "error", "load"])
      element.dispatchEvent(new Event(name, { bubbles: true }));
    element.focus?.();
  }
  for (const link of document.body.querySelectorAll("a"))
    if (!/^(https?|mailto)?:$/.test(link.protocol)) { window.executed.push(link.protocol); }
}
"""


def _foreign_scripts(page: str) -> list[str]:
    tree = html5lib.parse(page, treebuilder="etree", namespaceHTMLElements=False)
    bad = [
        str(element.attrib)
        for element in tree.iter("script")
        if not element.attrib.get("src", "").startswith("/static/")
        and element.attrib.get("type") != "application/ld+json"
    ]
    handlers = [
        f"{element.tag} {name}"
        for element in tree.iter()
        for name in getattr(element, "attrib", {})
        if str(name).startswith("on") or str(name) in {"style", "srcdoc", "formaction"}
    ]
    foreign = [
        element.attrib["src"]
        for element in tree.iter("img")
        if not element.attrib.get("src", "").startswith("/")
    ]
    return bad + [handler for handler in handlers if not handler.endswith("formaction")] + foreign


def _text_of(page: str) -> str:
    tree = html5lib.parse(page, treebuilder="etree", namespaceHTMLElements=False)
    return " ".join("".join(tree.itertext()).split())
