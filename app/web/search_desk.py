"""The desk's page on search: what people look for and do not find, and the words that mean the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.domain import search, searches
from app.domain.search import SearchIndex
from app.models import ProtectedWord, SynonymGroup
from app.web.deps import Config, Db, Now, RowId, Staff
from app.web.forms import Form, Submission, blank, submitted
from app.web.render import Page, redirect, render
from app.web.routers import DeskRouter

router = DeskRouter("/search")

PERIODS = (7, 30, 90)


@dataclass(frozen=True)
class SearchDeskPage(Page):
    """What was searched for, and the synonyms."""

    template = "desk/search.html"
    kind: str
    days: int
    told: Sequence[searches.Told]
    groups: Sequence[SynonymGroup]
    protected: Sequence[ProtectedWord]
    always_protected: Sequence[str]
    progress: tuple[int, int] | None
    form: Submission[Form]


class SynonymForm(Form):
    """Words that mean the same, with commas."""

    words: str = ""


class ProtectedForm(Form):
    """A word that search must not cut to its stem."""

    word: str = ""


@router.get("")
def show(
    request: Request,
    db: Db,
    settings: Config,
    now: Now,
    kind: str = "frequent",
    days: Annotated[int, Query(ge=1, le=90)] = 30,
) -> Response:
    """Show what was searched for."""
    return render(request, _page(db, settings, now, kind=kind, days=days, form=blank()))


@router.post("/synonyms")
def add(
    request: Request,
    db: Db,
    settings: Config,
    viewer: Staff,
    now: Now,
    form: Annotated[Submission[SynonymForm], Depends(submitted(SynonymForm))],
) -> Response:
    """Let words count as the same."""
    try:
        group = searches.add_synonyms(db, by=viewer, words=form.valid().words, now=now)
    except Invalid as error:
        refused = form.refused(error)
        page = _page(db, settings, now, kind="frequent", days=30, form=refused)  # type: ignore[arg-type]
        return render(request, page, status=422)
    done = _("Search takes these for one another now: %(words)s.") % {"words": ", ".join(group.words)}
    return redirect(request, "/desk/search#synonyms", flash=done)


@router.post("/synonyms/{group_id:int}/remove")
def remove(request: Request, db: Db, viewer: Staff, now: Now, group_id: RowId) -> Response:
    """Let them mean different things again."""
    searches.remove_synonyms(db, by=viewer, group_id=group_id, now=now)
    return redirect(request, "/desk/search#synonyms", flash=_("Search tells these words apart again."))


@router.post("/protected")
def protect(
    request: Request,
    db: Db,
    settings: Config,
    viewer: Staff,
    now: Now,
    form: Annotated[Submission[ProtectedForm], Depends(submitted(ProtectedForm))],
) -> Response:
    """Keep a word from being stemmed."""
    try:
        protected = searches.protect_word(db, by=viewer, word=form.valid().word, now=now)
    except Invalid as error:
        refused = form.refused(error)
        page = _page(db, settings, now, kind="frequent", days=30, form=refused)  # type: ignore[arg-type]
        return render(request, page, status=422)
    done = _("“%(word)s” will find only itself, in some seconds.") % {"word": protected.word}
    return redirect(request, "/desk/search#protected", flash=done)


@router.post("/protected/{word_id:int}/remove")
def release(request: Request, db: Db, viewer: Staff, now: Now, word_id: RowId) -> Response:
    """Let a word be stemmed again."""
    searches.release_word(db, by=viewer, word_id=word_id, now=now)
    done = _("The word will find its other forms again, in some seconds.")
    return redirect(request, "/desk/search#protected", flash=done)


def _page(
    db: Db, settings: Config, now: Now, *, kind: str, days: int, form: Submission[Form]
) -> SearchDeskPage:
    kind = kind if kind in ("frequent", "nothing", "no_click") else "frequent"
    return SearchDeskPage(
        kind=kind,
        days=days,
        told=searches.told(db, kind=kind, since=(now - timedelta(days=days)).date()),
        groups=searches.groups(db),
        protected=searches.protected(db),
        always_protected=sorted(search.PROTECTED),
        progress=SearchIndex(settings.index_dir, engine=settings.search_engine).directory.progress(),
        form=form,
    )
