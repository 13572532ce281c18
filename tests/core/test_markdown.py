from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import markdown

HASH = "0123456789abcdef" * 4
REL = 'rel="nofollow ugc noopener"'


def test_ordinary_markdown_renders() -> None:
    html = markdown.render("**Press** *F2*, then:\n\n1. boot\n2. `fsck`\n\n> quoted\n\n~~old~~")
    assert "<strong>Press</strong> <em>F2</em>" in html
    assert "<ol>\n<li>boot</li>" in html
    assert "<code>fsck</code>" in html
    assert "<blockquote>\n<p>quoted</p>" in html
    assert "<s>old</s>" in html


def test_a_line_end_is_a_line_end() -> None:
    assert markdown.render("one\ntwo") == "<p>one<br>\ntwo</p>\n"


def test_html_is_shown_as_text() -> None:
    assert "&lt;div&gt;x&lt;/div&gt;" in markdown.render("<div>x</div>")


def test_a_few_bare_tags_are_taken() -> None:
    assert markdown.render("<kbd>F2</kbd> H<sub>2</sub>O x<sup>2</sup>") == (
        "<p><kbd>F2</kbd> H<sub>2</sub>O x<sup>2</sup></p>\n"
    )


def test_a_comment_on_a_line_of_its_own_is_dropped() -> None:
    assert markdown.render("<!-- language: bash -->\n\n    ls") == (
        '<pre class="highlight" tabindex="0"><code>ls\n</code></pre>\n'
    )


def test_headings_begin_below_those_of_the_page_and_skip_no_level() -> None:
    html = markdown.render("# One\n#### Two\n###### Three")
    assert "<h3>One</h3>" in html
    assert "<h4>Two</h4>" in html
    assert "<h5>Three</h5>" in html


def test_table_cells_are_aligned_by_class() -> None:
    html = markdown.render("| a | b | c |\n|---|:-:|--:|\n| 1 | 2 | 3 |")
    assert '<th>a</th>\n<th class="center">b</th>\n<th class="end">c</th>' in html
    assert "style" not in html


def test_task_items_show_whether_they_are_done() -> None:
    html = markdown.render("- [ ] update\n- [x] restart")
    assert '<li class="task">☐ update</li>\n<li class="task">☑ restart</li>' in html


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ("python", '<span class="k">def </span>'),
        ("lang-python", '<span class="k">def </span>'),
        ("{.python}", '<span class="k">def </span>'),
        ("", "<code>def f(): pass"),
        ("no-such-language", "<code>def f(): pass"),
    ],
)
def test_code_is_coloured_when_its_language_is_known(info: str, expected: str) -> None:
    assert expected in markdown.render(f"```{info}\ndef f(): pass\n```")


@pytest.mark.parametrize("language", sorted(markdown.LANGUAGES))
def test_every_language_gives_the_code_back_unchanged(language: str) -> None:
    code = "  if (x < 1) { return \"a\" & 'b'; } # é\n\nend"
    html = markdown.render(f"```{language}\n{code}\n```")
    assert markdown.plain_text(html) == markdown.plain_text(
        f"<pre>{code.replace('&', '&amp;').replace('<', '&lt;')}</pre>"
    )


def test_long_code_stays_plain() -> None:
    assert "<span" not in markdown.render("```python\n" + "x = 1\n" * 1000 + "```")


@pytest.mark.parametrize(
    ("text", "href", "shown"),
    [
        ("see https://example.com/a_b_c.", "https://example.com/a_b_c", "https://example.com/a_b_c"),
        ("(https://example.com/x_(y))", "https://example.com/x_(y)", "https://example.com/x_(y)"),
        (
            "https://example.com/?a=1&b=2!",
            "https://example.com/?a=1&amp;b=2",
            "https://example.com/?a=1&amp;b=2",
        ),
        ("<https://example.com/x>", "https://example.com/x", "https://example.com/x"),
        ("**https://example.com**", "https://example.com", "https://example.com"),
        ("https://example.com/ümlaut", "https://example.com/%C3%BCmlaut", "https://example.com/ümlaut"),
    ],
)
def test_bare_addresses_become_links(text: str, href: str, shown: str) -> None:
    assert f'<a href="{href}" {REL}>{shown}</a>' in markdown.render(text)


@pytest.mark.parametrize(
    "text", ["`https://a.example`", "    https://a.example", "ftp://a.example", "https://", "xhttps://"]
)
def test_no_link_is_made_of_code_or_of_other_schemes(text: str) -> None:
    assert "<a" not in markdown.render(text)


def test_a_link_has_no_link_inside() -> None:
    html = markdown.render("[see https://a.example and @mara](https://b.example)")
    assert html.count("<a ") == 1


@pytest.mark.parametrize("handle", ["mara", "mara-k", "mara.k", "Mara_K", "Ольга", "user42"])
def test_a_handle_becomes_a_link(handle: str) -> None:
    html = markdown.render(f"Thanks, @{handle}.")
    assert 'class="mention"' in html
    assert f">@{handle}</a>." in html
    assert markdown.mentions(f"Thanks, @{handle}.") == [handle]


@pytest.mark.parametrize(
    "text", ["a@b.de", "`@mara`", "    @mara", "```\n@mara\n```", "x/@mara", "@", "[@mara](/x)"]
)
def test_nobody_is_mentioned_in_code_addresses_or_links(text: str) -> None:
    assert markdown.mentions(text) == []


def test_mentions_come_once_in_order_and_not_without_end() -> None:
    assert markdown.mentions("@b @a @b") == ["b", "a"]
    assert len(markdown.mentions(" ".join(f"@member{n}" for n in range(100)))) == 20


@pytest.mark.parametrize(
    ("text", "path"), [("#wifi", "wifi"), ("#C++", "c%2B%2B"), ("#windows-11", "windows-11")]
)
def test_a_hashtag_becomes_a_link(text: str, path: str) -> None:
    assert f'<a href="/tags/{path}" class="hashtag"' in markdown.render(f"about {text}, please")


@pytest.mark.parametrize(
    "text", ["#1", "C#", "issue#wifi", "# heading", "#ff8800", "&#35;", "`#wifi`", "x/#wifi"]
)
def test_other_uses_of_the_sign_are_no_hashtags(text: str) -> None:
    assert "hashtag" not in markdown.render(text)


def test_an_upload_is_shown_in_its_size() -> None:
    html = markdown.render(f"![The error](/uploads/{HASH}.png#1200x800)")
    assert f'<img src="/uploads/{HASH}.png" alt="The error" width="1200" height="800" loading="lazy"' in html
    assert markdown.upload_hashes(html) == {HASH}


def test_a_log_file_is_a_link() -> None:
    html = markdown.render(f"[boot.log](/uploads/{HASH}.txt)")
    assert f'<a href="/uploads/{HASH}.txt"' in html
    assert markdown.upload_hashes(html) == {HASH}


def test_an_image_from_elsewhere_becomes_a_link() -> None:
    html = markdown.render(
        "![photo](https://a.example/p.png) [![in](https://a.example/q.png)](https://b.example)"
    )
    assert "<img" not in html
    assert f'<a href="https://a.example/p.png" {REL}>photo</a>' in html
    assert f'<a href="https://b.example" {REL}>in</a>' in html


@pytest.mark.parametrize(
    "address",
    [
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3",
        "https://youtu.be/dQw4w9WgXcQ?t=3",
        "https://youtube.com/shorts/dQw4w9WgXcQ",
        "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
    ],
)
def test_a_video_is_a_link_that_contacts_nobody(address: str) -> None:
    html = markdown.render(address)
    assert 'class="video" data-video="dQw4w9WgXcQ"' in html
    assert "<img" not in html
    assert "<iframe" not in html


def test_outside_links_are_counted() -> None:
    html = markdown.render(
        "https://a.example @mara #wifi [x](/questions/1) ![](https://b.example/x.png) <m@c.example>"
    )
    assert markdown.count_links(html) == 3


def test_plain_text_keeps_code_and_the_names_of_images() -> None:
    html = markdown.render(
        f"Error `0x80070057` &amp; <b>\n\n```sh\nls  -l\n```\n![blue screen](/uploads/{HASH}.png)"
    )
    assert markdown.plain_text(html) == "Error 0x80070057 & <b>\nls -l\nblue screen"


@given(st.text(max_size=300), st.integers(min_value=2, max_value=80))
def test_an_excerpt_is_one_line_and_never_longer(text: str, length: int) -> None:
    excerpt = markdown.excerpt(markdown.render(text), length)
    assert len(excerpt) <= length
    assert "\n" not in excerpt


def test_an_excerpt_is_cut_between_words_and_leaves_code_out() -> None:
    html = markdown.render("```\nls\n```\nThe fan, which is loud, never stops.")
    assert markdown.excerpt(html, 24) == "The fan, which is loud…"
    assert markdown.excerpt(markdown.render("```\nls -l\n```")) == "ls -l"


def test_foreign_html_keeps_its_structure() -> None:
    html = markdown.sanitise_html(
        '<h1>Fix</h1><div><p onclick="x()">Hold <kbd>Del</kbd>, '
        'see <a href="https://a.example" target=_blank>this</a>.</p>'
        '<pre class="lang-js prettyprint-override"><code>a &lt; b\n</code></pre></div>'
    )
    assert html == (
        f'<h3>Fix</h3><p>Hold <kbd>Del</kbd>, see <a href="https://a.example" {REL}>this</a>.</p>'
        '<pre tabindex="0"><code>a &lt; b\n</code></pre>'
    )


def test_foreign_images_become_links() -> None:
    html = markdown.sanitise_html(
        '<p><a href="https://i.example/a.png" rel="nofollow noreferrer">'
        '<img src="https://i.example/a.png" alt="a &quot;b&quot;"></a>'
        ' <img src="https://i.example/c.png" alt="c"> <img src="data:x" alt="d"></p>'
    )
    assert "<img" not in html
    assert markdown.plain_text(html) == 'a "b" c d'
    assert html.count("<a ") == 2


def test_a_foreign_image_without_an_address_leaves_its_name_only() -> None:
    assert (
        markdown.sanitise_html('<p>a<img src="data:x" alt="b"><img src="/uploads/x.png"></p>') == "<p>ab</p>"
    )


@pytest.mark.parametrize(
    "source",
    [
        "Hold **F2** and *wait*, see [the manual](https://a.example/m).",
        "one\ntwo",
        "# Title\n\ntext",
        "- a\n- b\n  - c\n- d",
        "3. a\n4. b",
        "- a\n\n  second paragraph\n\n- b",
        "> quoted\n>\n> > deeper",
        "`a``b` and ``` `x` ```",
        "```\nls -l\n\n  indented\n```",
        "````\n```\nfence in fence\n```\n````",
        "| a | b |\n| --- | --- |\n| 1 \\| 2 | `x` |",
        f"![shot](/uploads/{HASH}.png) text",
        "[a](https://a.example/x_(y))",
        "<https://a.example/x>",
        "~~old~~ <kbd>F2</kbd> H<sub>2</sub>O",
        "a\\*b\\* snake_case \\_x\\_ \\[no\\](link) \\<b> \\&amp;",
        "1\\. no list\n\n\\# no heading\n\n\\- no item\n\n\\> no quote",
        "---",
        "@mara #wifi",
    ],
)
def test_reversed_html_renders_to_the_same(source: str) -> None:
    html = markdown.render(source)
    assert markdown.render(markdown.html_to_markdown(html)) == html


def test_reversed_stack_exchange_html_reads_well() -> None:
    assert markdown.html_to_markdown(
        "<p>Open <code>regedit</code> as\nadmin:</p>\n\n<ol>\n<li>one</li>\n<li>two</li>\n</ol>\n\n"
        '<blockquote>\n  <p>Error 5</p>\n</blockquote>\n\n<p><a href="http://x.example/q" rel="nofollow">here</a> '
        '<img src="https://i.stack.imgur.com/a.png" alt="enter image description here"></p>\n'
        "<pre><code>reg add\n</code></pre>"
    ) == (
        "Open `regedit` as admin:\n\n1. one\n2. two\n\n> Error 5\n\n[here](http://x.example/q) "
        "![enter image description here](https://i.stack.imgur.com/a.png)\n\n```\nreg add\n```"
    )


# Without * _ ~: emphasis that touches other emphasis has no spelling of its own in Markdown.
@given(st.text(alphabet="ab `[]()<>#-+.1!&;\\|\n", max_size=60))
def test_any_text_survives_the_way_through_html_and_back(text: str) -> None:
    first = markdown.render(text)
    again = markdown.render(markdown.html_to_markdown(first))
    assert "".join(markdown.plain_text(again).split()) == "".join(markdown.plain_text(first).split())


def test_an_empty_cell_of_a_header_row_is_no_header() -> None:
    html = markdown.render("|  | mWh |\n| --- | --- |\n| Design capacity | 53,010 |")

    assert "<th></th>" not in html
    assert "<th>mWh</th>" in html
