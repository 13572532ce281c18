"""The help pages. Tables on them are the ones that the code itself goes by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from app.core import markdown
from app.core.i18n import gettext as _
from app.domain import entry_rules, reputation, teams
from app.web.deadline_examples import Example, Moment, examples, story
from app.web.desk.rules import rule_words, unit_words
from app.web.render import Page, render
from app.web.routers import PageRouter

router = PageRouter()

SAMPLES = (
    "A **bold** word, an *italic* one, and `code` in a line.",
    "```ini\n[wifi]\npowersave = 2\n```",
    "1. Hold the power button for 10 seconds.\n2. Wait until the light is off.\n3. Start it again.",
    "> what somebody said\n\nand what you answer",
    "| Version | Works |\n| --- | --- |\n| A11 | yes |\n| A12 | no |",
    "[A link](https://example.com/manual)",
    "~~not true any more~~",
)


@dataclass(frozen=True)
class HelpIndexPage(Page):
    """What help there is."""

    template = "help/index.html"


@dataclass(frozen=True)
class AskingPage(Page):
    """How to ask well."""

    template = "help/asking.html"


@dataclass(frozen=True)
class PrivacyPage(Page):
    """What is kept, and why."""

    template = "help/privacy.html"


@dataclass(frozen=True)
class EmbeddingPage(Page):
    """How a product site shows the forum."""

    template = "help/embedding.html"


@dataclass(frozen=True)
class MarkdownPage(Page):
    """How to format."""

    template = "help/markdown.html"
    samples: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class ReputationPage(Page):
    """The published formula and the ranks."""

    template = "help/reputation.html"
    points: Mapping[str, int]
    daily_cap: int
    ranks: Sequence[reputation.Rank]


@dataclass(frozen=True)
class PrivilegesPage(Page):
    """What reputation allows."""

    template = "help/privileges.html"
    privileges: Sequence[reputation.Privilege]


@dataclass(frozen=True)
class QueueHelpPage(Page):
    """How agents work the queue."""

    template = "help/queue.html"
    rules: Sequence[tuple[str, bool, str]]


@dataclass(frozen=True)
class DeadlinesPage(Page):
    """How deadlines are computed."""

    template = "help/deadlines.html"
    examples: Sequence[Example]
    story: Sequence[Moment]


@dataclass(frozen=True)
class LeadingPage(Page):
    """How a support team is led."""

    template = "help/leading.html"
    weights: Mapping[str, int]


@router.get("/help")
def index(request: Request) -> Response:
    """Show what help there is."""
    return render(request, HelpIndexPage())


@router.get("/help/asking")
def asking(request: Request) -> Response:
    """Explain how to ask well."""
    return render(request, AskingPage())


@router.get("/help/privacy")
def privacy(request: Request) -> Response:
    """Say what is kept, and why."""
    return render(request, PrivacyPage())


@router.get("/help/embedding")
def embedding(request: Request) -> Response:
    """Explain how a product site shows the forum."""
    return render(request, EmbeddingPage())


@router.get("/help/markdown")
def formatting(request: Request) -> Response:
    """Explain how to format, by samples."""
    return render(request, MarkdownPage(samples=[(sample, markdown.render(sample)) for sample in SAMPLES]))


@router.get("/help/reputation")
def points(request: Request) -> Response:
    """Publish the formula of reputation."""
    page = ReputationPage(points=reputation.POINTS, daily_cap=reputation.DAILY_CAP, ranks=reputation.RANKS)
    return render(request, page)


@router.get("/help/privileges")
def privileges(request: Request) -> Response:
    """Show what reputation allows, with the viewer's own progress."""
    return render(request, PrivilegesPage(privileges=reputation.PRIVILEGES))


@router.get("/help/queue")
def queue(request: Request) -> Response:
    """Explain the staff queue to agents, with its keys."""
    words, units = rule_words(), unit_words()
    rules = [
        (words[kind.code], kind.is_enabled, f"{kind.amount} {units[kind.unit]}" if kind.unit else _("on"))
        for kind in entry_rules.KINDS
    ]
    return render(request, QueueHelpPage(rules=rules))


@router.get("/help/leading")
def leading(request: Request) -> Response:
    """Explain to leads what they can set, and what the numbers mean."""
    return render(request, LeadingPage(weights=teams.WEIGHTS))


@router.get("/help/deadlines")
def deadlines(request: Request) -> Response:
    """Explain how deadlines are computed, by examples that are worked out on the spot."""
    return render(request, DeadlinesPage(examples=examples(), story=story()))
