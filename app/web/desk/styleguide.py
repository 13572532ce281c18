"""Every component in each of its states, for those who build pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from app.core import markdown
from app.core.paging import PageOf
from app.web.authors import AuthorView
from app.web.render import Page, render
from app.web.routers import DeskRouter

router = DeskRouter("/styleguide")

_CODE = "Press `F2` and look for *Battery*:\n\n```bash\nsudo fwupdmgr get-devices | grep --after-context=4 BIOS\n```\n"


@dataclass(frozen=True)
class Value:
    """A detail of a question's environment."""

    name: str
    label: str
    value: str


@dataclass(frozen=True)
class StyleSamples:
    """Content for the components."""

    author: AuthorView
    staff: AuthorView
    values: Sequence[Value]
    pages: PageOf[int]
    code_html: str


@dataclass(frozen=True)
class StyleguidePage(Page):
    """The gallery."""

    template = "desk/styleguide.html"
    samples: StyleSamples


@router.get("")
def show(request: Request) -> Response:
    """Show the gallery."""
    author = AuthorView(1, "Mara Lind", "mara", 1240, is_staff=False, rank="Silver", expertise=["Slate 13"])
    staff = AuthorView(2, "Priya Raman", "priya", 4800, is_staff=True, rank="Gold", expertise=[])
    samples = StyleSamples(
        author=author,
        staff=staff,
        values=[Value("bios", "BIOS", "A12"), Value("os", "Operating system", "Windows 11")],
        pages=PageOf(rows=[1], number=2, size=1, has_next=True, total=7),
        code_html=markdown.render(_CODE),
    )
    return render(request, StyleguidePage(samples=samples))
