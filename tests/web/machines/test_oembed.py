from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlencode
from xml.etree import ElementTree as ET

import html5lib
import pytest
from sqlmodel import Session

from app.models import Question, User
from tests.factories.answers import make_answer
from tests.factories.questions import make_question
from tests.support.browser import ORIGIN, Browser

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


@pytest.fixture
def question(db: Session, asker: User) -> Question:
    return make_question(db, title=HOSTILE, author=asker, body_html="<p>It &lt;b&gt; sleeps.</p>")


def card(client: Browser, url: str, **options: Any) -> Any:
    return client.get(f"/oembed?{urlencode({'url': url, **options})}")


def test_a_link_to_a_question_becomes_a_card(client: Browser, db: Session, question: Question) -> None:
    answer = make_answer(db, question=question)
    for path in (f"/questions/{question.id}", f"/questions/{question.id}/any-words", f"/posts/{answer.id}"):
        document = card(client, ORIGIN + path, maxwidth=320).json()
        assert (document["version"], document["type"]) == ("1.0", "rich")
        assert (document["title"], document["author_url"]) == (HOSTILE, f"{ORIGIN}/users/asker")
        assert (document["width"], document["height"]) == (320, 200)
        assert "1 answer" in document["html"]


def test_the_card_can_do_no_harm(client: Browser, question: Question) -> None:
    html = card(client, f"{ORIGIN}/questions/{question.id}").json()["html"]
    tree = html5lib.parseFragment(html, namespaceHTMLElements=False)
    elements = [element for element in tree.iter() if isinstance(element.tag, str)]
    assert {element.tag for element in elements} <= {
        "DOCUMENT_FRAGMENT",
        "blockquote",
        "p",
        "a",
        "strong",
        "small",
    }
    assert {name for element in elements for name in element.attrib} == {"class", "href"}
    assert HOSTILE in "".join(tree.itertext())


def test_xml_says_the_same(client: Browser, question: Question) -> None:
    url = f"{ORIGIN}/questions/{question.id}"
    answer = card(client, url, format="xml")
    assert answer.headers["content-type"].startswith("text/xml")
    written = {element.tag: element.text for element in ET.fromstring(answer.content)}
    assert written == {name: str(value) for name, value in card(client, url).json().items()}


def test_the_page_of_a_question_names_its_cards(client: Browser, question: Question) -> None:
    address = client.get(f"/questions/{question.id}").headers["location"]
    page = html5lib.parse(client.get(address).text, namespaceHTMLElements=False)
    links = {
        link.get("type"): link.get("href")
        for link in page.iter("link")
        if "oembed" in (link.get("type") or "")
    }
    assert links.keys() == {"application/json+oembed", "text/xml+oembed"}
    assert unquote(links["application/json+oembed"].rpartition("url=")[2]) == ORIGIN + address
    for link in links.values():
        assert client.get(link.removeprefix(ORIGIN)).status_code == 200


@pytest.mark.usefixtures("question")
def test_other_addresses_have_no_card(client: Browser, db: Session, now: datetime, moderator: User) -> None:
    hidden = make_question(db, removed_at=now, removed_by_id=moderator.id, removal="hidden")
    client.sign_in(moderator)  # who could see it, but is nobody here
    for url in (
        f"{ORIGIN}/questions/{hidden.id}",
        f"{ORIGIN}/questions/99999999999999",
        f"{ORIGIN}/desk",
        f"https://elsewhere.example/questions/{hidden.id}",
        "http://[::1/questions/1",
        "javascript:alert(1)",
    ):
        assert card(client, url).status_code == 404, url
    assert client.get("/oembed").status_code == 404
    assert card(client, f"{ORIGIN}/questions/1", format="yaml").status_code == 501


def test_the_title_is_text_in_json(client: Browser, question: Question) -> None:
    answer = card(client, f"{ORIGIN}/questions/{question.id}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert json.loads(answer.content)["title"] == HOSTILE
