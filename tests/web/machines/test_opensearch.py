from __future__ import annotations

from datetime import datetime
from xml.etree import ElementTree as ET

from sqlmodel import Session

from app.domain import questions
from app.models import User
from app.settings import Settings
from tests.support import indexing
from tests.support.browser import ORIGIN, Browser

NS = "{http://a9.com/-/spec/opensearch/1.1/}"


def test_every_page_names_the_description_of_the_search(client: Browser) -> None:
    page = client.get("/").text
    assert 'rel="search" type="application/opensearchdescription+xml"' in page
    assert 'href="/opensearch.xml"' in page


def test_the_description_is_what_the_specification_wants(client: Browser) -> None:
    answer = client.get("/opensearch.xml")
    assert answer.headers["content-type"].startswith("application/opensearchdescription+xml")
    root = ET.fromstring(answer.content)
    assert root.tag == f"{NS}OpenSearchDescription"
    assert 0 < len(root.findtext(f"{NS}ShortName") or "") <= 16
    assert 0 < len(root.findtext(f"{NS}Description") or "") <= 1024
    templates = {url.get("type"): url.get("template") or "" for url in root.findall(f"{NS}Url")}
    assert templates["text/html"] == f"{ORIGIN}/search?q={{searchTerms}}"
    for template in templates.values():
        assert client.get(template.replace("{searchTerms}", "wifi").removeprefix(ORIGIN)).status_code in {
            200,
            503,
        }


def test_suggestions_have_the_form_that_browsers_take(
    client: Browser, db: Session, asker: User, settings: Settings, now: datetime
) -> None:
    asked = questions.ask(
        db,
        author=asker,
        title="Quill prints blank pages",
        body="Since the update each second page stays blank.",
        tags="printing",
        product_id=None,
        environment={},
        now=now,
    )
    indexing.catch_up(db, settings, now=now)
    answer = client.get("/opensearch/suggestions", params={"q": "quill bla"})
    assert answer.headers["content-type"] == "application/x-suggestions+json"
    address = f"{ORIGIN}/questions/{asked.id}/quill-prints-blank-pages"
    assert answer.json() == ["quill bla", ["Quill prints blank pages"], [""], [address]]
