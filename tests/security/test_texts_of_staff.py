"""Attack cases 2, 3 and 5 on whole pages: texts that only staff read or write, and markup that mimics ours."""

from __future__ import annotations

import json
from pathlib import Path

import html5lib
import pytest
from sqlmodel import Session

from app.models import User
from tests.factories.flags import make_flag
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.factories.users import make_user
from tests.support.allowlist import offences, reserialised
from tests.support.browser import Browser

VECTORS: list[str] = json.loads((Path(__file__).parents[1] / "core" / "xss_vectors.json").read_text())
EVIL = '<script>alert(1)</script><img src=x onerror=alert(2)>"\' onfocus=alert(3) x="</textarea>{{7*7}}'
# What our scripts, styles and forms go by: ids and names that pages use, hooks, classes.
MIMICRY = """
<form action="https://evil.example"><input name=csrf_token id=csrf></form>
<a id="viewer" name="body" class="button danger" href="/signout" hx-get="/signout" data-hx-post="/x">press</a>
<p id="main" class="flash" data-behaviour="swap" aria-live="assertive" role="alert" style="position:fixed">saved</p>
<img name="cookie" src="/uploads/x.png" data-behaviour="editor" usemap="#m"><base href="//evil.example">

[link](/x){#csrf .button hx-get=/x} ![i](/x.png){: id=main data-behaviour=swap}

# heading {#viewer}

```python {.button #main}
print(1)
```

| a {#x} | b |
|---|---|
| <b id=main>c</b> | d |
"""


def preview(client: Browser, body: str) -> str:
    answer = client.post_form("/preview", {"body": body})
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # nothing is kept
def test_case_2_what_the_forum_answers_means_the_same_after_a_browser_wrote_it_again(
    client: Browser, asker: User
) -> None:
    client.sign_in(asker)
    for start in range(0, len(VECTORS), 60):
        html = preview(client, "\n\n".join(VECTORS[start : start + 60])[:29_000])
        assert offences(html) == []
        assert offences(reserialised(html)) == []


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_case_5_nothing_that_our_scripts_and_styles_go_by_can_be_written(
    client: Browser, db: Session, asker: User
) -> None:
    client.sign_in(asker)
    assert offences(preview(client, MIMICRY)) == []
    html = preview(client, MIMICRY)
    tree = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
    written = {(str(element.tag), name) for element in tree.iter() for name in getattr(element, "attrib", {})}
    assert {name for _tag, name in written} & {
        "id",
        "name",
        "style",
        "role",
        "hx-get",
        "data-behaviour",
    } == set()
    classes = {name for element in tree.iter() for name in element.attrib.get("class", "").split()}
    assert classes & {"button", "danger", "flash"} == set()


def test_case_3_what_staff_write_and_read_about_others_stays_text(
    client: Browser, db: Session, asker: User, moderator: User, admin: User
) -> None:
    question = make_question(db, author=asker)
    make_tag(db, name="wifi", question_count=1)
    flag = make_flag(db, post=question, author=make_user(db, display_name=EVIL[:60]), note=EVIL)
    client.sign_in(admin)
    done = [
        client.post_form("/desk/tags/wifi", {"description": EVIL}),
        client.post_form("/desk/people/asker/suspend", {"days": "7", "reason": EVIL}),
        client.post_form(f"/desk/people/{moderator.handle}/roles", {"support_role": "agent", "reason": EVIL}),
        client.post_form(f"/questions/{question.id}/close", {"reason": "unclear", "note": EVIL}),
    ]
    pages = [
        "/desk/flags",
        "/desk/log",
        "/desk/tags",
        "/desk/tags/wifi",
        "/desk/people",
        "/desk/people/asker",
    ]
    staff = [client.get(path) for path in (*pages, "/tags", "/tags/wifi", f"/questions/{question.id}")]
    hidden = client.post_form(f"/desk/flags/{flag.id}", {"outcome": "hide", "reason": EVIL})
    seen = [
        *staff,
        client.get(f"/questions/{question.id}", follow_redirects=True),
        client.get("/desk/removed"),
    ]
    client.sign_in(asker)
    seen += [client.get(path) for path in ("/inbox", "/settings", f"/questions/{question.id}/x")]
    seen.append(
        client.post_form(f"/questions/{question.id}/answers", {"body": "Does this still work for me?"})
    )
    assert [answer.status_code for answer in (*done, hidden)] == [303] * 5
    assert sum("alert(1)" in answer.text for answer in seen) >= 5
    for answer in seen:
        assert _that_run(answer.text) == []


def _that_run(page: str) -> list[str]:
    """Return the elements and attributes of a page by which a text would run."""
    tree = html5lib.parse(page, treebuilder="etree", namespaceHTMLElements=False)
    scripts = [
        element.text or ""
        for element in tree.iter("script")
        if not element.attrib.get("src", "").startswith("/static/") and element.attrib.get("type") is None
    ]
    handlers = [
        f"{element.tag} {name}"
        for element in tree.iter()
        for name in getattr(element, "attrib", {})
        if str(name).startswith("on")
    ]
    return scripts + handlers
