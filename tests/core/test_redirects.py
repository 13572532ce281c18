"""Attack case 9."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.redirects import safe_next


@pytest.mark.parametrize(
    "target",
    ["/", "/ask", "/questions/1/a-b?sort=new#answer-2", "/x@evil", "/search?q=a%0Ab%5C", "/users/%D0%9E"],
)
def test_own_paths_are_kept(target: str) -> None:
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    [
        "", "ask", "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example", "\\\\evil.example", "\\/\\/evil",
        "/\t/evil.example", "/\n/evil.example", "/\r/evil", "/%09/evil.example", "/%0d%0aSet-Cookie:x", "/%2Fevil.example",
        "/%5Cevil.example", "https:evil.example", "https://evil.example", "http:/evil", "javascript:alert(1)", "data:text/html,x",
        " //evil.example", "/a\x00b", "/a\x7f", "/a\\..\\evil", "@evil.example", "?next=//evil", "#x", "/" + "a" * 3000, "/\ud800",
    ],
)  # fmt: skip
def test_everything_else_leads_home(target: str) -> None:
    assert safe_next(target) == "/"
    assert safe_next(target, default="/questions") == "/questions"


@given(st.text(alphabet="/\\:@?#.%x09dADa5cCfFjs\t\n\r e", max_size=20))
def test_whatever_is_kept_stays_on_this_host(target: str) -> None:
    # Browsers drop tabs and line ends and read "\" as "/".
    as_browsers_read = safe_next(target).replace("\\", "/").translate(dict.fromkeys(map(ord, "\t\n\r")))
    assert urlsplit(urljoin("https://forum.example/signin", as_browsers_read)).netloc == "forum.example"
