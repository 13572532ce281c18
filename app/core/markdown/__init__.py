"""What members write: Markdown in, safe HTML out.

Source -> markdown-it (no HTML but a few bare tags) -> Pygments -> nh3 with an allow-list. The last
step is always the sanitiser, so that a mistake before it can't become a hole. HTML is made once,
when a post is written, and stored beside its source.
"""

from app.core.markdown.highlight import LANGUAGES
from app.core.markdown.reading import count_links, excerpt, one_line, plain_text, upload_hashes
from app.core.markdown.rendering import mentions, render, render_plain
from app.core.markdown.reverse import html_to_markdown
from app.core.markdown.sanitiser import sanitise_html

__all__ = [
    "LANGUAGES",
    "count_links",
    "excerpt",
    "html_to_markdown",
    "mentions",
    "one_line",
    "plain_text",
    "render",
    "render_plain",
    "sanitise_html",
    "upload_hashes",
]
