"""The query language: words, "phrases", -words and operators such as tag:wifi or score:>3.

Parsing never fails. What can't be understood is explained to the person, and searched for as words
where that makes sense.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core.i18n import gettext as _
from app.domain.search.documents import SORTS, Bounds, SearchQuery
from app.domain.search.terms import environment_mark
from app.domain.search.tokens import chunks, fold

MAX_LENGTH = 300
MAX_WORDS = 12
MAX_PHRASES = 3
MAX_FILTERS = 10
MAX_CODE = 80
MAX_NUMBER = 10**9

ENVIRONMENT = frozenset(
    {"os", "version", "model", "error", "error_code", "bios", "firmware", "driver", "browser", "app"}
)
"""Names of environment fields that are always operators; the catalog's own are added when parsing."""

STATUSES = {
    "solved": ("s:solved", False),
    "unsolved": ("s:solved", True),
    "unanswered": ("s:unanswered", False),
    "answered": ("s:answered", False),
    "answer": ("s:unanswered", True),
    "question": ("", False),
    "closed": ("s:closed", False),
    "open": ("x:closed", True),
    "duplicate": ("s:duplicate", False),
}
HAS = {"code": "h:code", "staff": "h:staff", "solution": "s:solved"}

_PIECE = re.compile(
    r"""(?P<minus>-)?(?:
        \[(?P<tag>[^\[\]\s]{1,60})\]
        | (?P<name>[A-Za-z_]{2,20}):(?!//)(?:"(?P<quoted>[^"]*)"|(?P<value>\S*))
        | "(?P<phrase>[^"]*)"
        | (?P<word>\S+)
    )""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"^(?P<sign><=|>=|<|>|=)?(?P<low>-?\d{1,9})$")
_NUMBERS = re.compile(r"^(?P<low>-?\d{1,9})?\.\.(?P<high>-?\d{1,9})?$")
_DAY = re.compile(r"^(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?$")
_AGO = re.compile(r"^(?:<)?(\d{1,4})([dwmy])$")
_AGO_DAYS = {"d": 1, "w": 7, "m": 31, "y": 366}


@dataclass(frozen=True)
class Parsed:
    """What was understood. `explanations` are sentences for the person; `filters` are operators as they were typed."""

    text: str
    query: SearchQuery
    explanations: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()

    def without(self, written: str) -> str:
        """Return the text without one of its operators: the link that takes a filter off."""
        return " ".join(self.text.replace(written, " ", 1).split())


@dataclass
class _Draft:
    """What is being gathered while parsing."""

    now: datetime
    environment: frozenset[str]
    words: list[str] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    without_words: list[str] = field(default_factory=list)
    without_phrases: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    without_marks: list[str] = field(default_factory=list)
    bounds: dict[str, Bounds] = field(default_factory=dict)
    sort: str = ""
    explanations: list[str] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)


class _Wrong(Exception):
    """The value of an operator can't be used; the message explains it."""


def parse(text: str, *, now: datetime, environment: frozenset[str] = frozenset(), sort: str = "") -> Parsed:
    """Understand what was typed. `environment` are the names of the catalog's fields; `sort` is the page's choice."""
    text = " ".join(text.replace("\x00", " ").split())
    draft = _Draft(now=now, environment=ENVIRONMENT | environment)
    if len(text) > MAX_LENGTH:
        text = text[:MAX_LENGTH].rsplit(" ", 1)[0] if " " in text[:MAX_LENGTH] else text[:MAX_LENGTH]
        draft.explanations.append(
            _("Only the first %(count)s characters were searched for.") % {"count": MAX_LENGTH}
        )
    for piece in _PIECE.finditer(_balanced(text)):
        _take(piece, draft)
    _limit(draft)
    if sort in SORTS:
        draft.sort = sort
    return Parsed(
        text=text,
        query=_query(draft),
        explanations=tuple(dict.fromkeys(draft.explanations)),
        filters=tuple(draft.filters),
    )


def quoted(value: str) -> str:
    """Return a value as it must be written behind an operator."""
    return f'"{value}"' if re.search(r"\s", value) else value


def _balanced(text: str) -> str:
    # A quote without its partner is no phrase: people type 15" screens.
    if text.count('"') % 2:
        at = text.rfind('"')
        return text[:at] + " " + text[at + 1 :]
    return text


def _take(piece: re.Match[str], draft: _Draft) -> None:
    minus = bool(piece["minus"])
    if piece["tag"]:
        _take_operator("tag", piece["tag"], piece[0], minus, draft)
    elif piece["name"]:
        value = piece["value"] if piece["quoted"] is None else piece["quoted"]
        _take_operator(piece["name"].lower(), value, piece[0], minus, draft)
    elif piece["phrase"] is not None:
        _take_phrase(piece["phrase"], minus, draft)
    else:
        (draft.without_words if minus else draft.words).extend(chunks(piece["word"]))
        _explain_foreign(piece["word"], draft)


def _explain_foreign(word: str, draft: _Draft) -> None:
    """Explain what other search engines take for an operator; here it changes nothing."""
    if word == "NOT":
        draft.explanations.append(_("NOT is no operator here. Write -word to leave out what has a word."))
    elif word == "OR":
        draft.explanations.append(
            _("OR is no operator here: where hardly any thread has all the words, some of them do.")
        )
    elif re.fullmatch(r"\w+\*|\*\w+\*?", word):
        draft.explanations.append(_("Words are searched for in all their forms, without *."))


def _take_phrase(phrase: str, minus: bool, draft: _Draft) -> None:  # noqa: FBT001 (private, two callers' one flag)
    found = chunks(phrase)[:MAX_WORDS]
    if len(found) == 1:
        (draft.without_words if minus else draft.words).extend(found)
    elif found:
        (draft.without_phrases if minus else draft.phrases).append(" ".join(found))


def _take_operator(name: str, value: str, written: str, minus: bool, draft: _Draft) -> None:  # noqa: FBT001
    operator = _OPERATORS.get(name)
    if operator is None and name in draft.environment:
        operator = _environment(name)
    if operator is None:
        _take_unknown(name, value, written, minus, draft)
        return
    if not value:
        draft.explanations.append(_("“%(name)s:” needs a value behind the colon.") % {"name": name})
        return
    try:
        operator(value, minus, draft)
        draft.filters.append(written)
    except _Wrong as wrong:
        draft.explanations.append(str(wrong))


def _take_unknown(name: str, value: str, written: str, minus: bool, draft: _Draft) -> None:  # noqa: FBT001
    (draft.without_words if minus else draft.words).extend(chunks(written.lstrip("-")))
    if value and not re.search(r"[\\/:]", value):
        draft.explanations.append(
            _("“%(name)s:” is not an operator, so it was searched for as a word.") % {"name": name}
        )


def _mark(kind: str, shorten: Callable[[str], str] = fold) -> Callable[[str, bool, _Draft], None]:
    def take(value: str, minus: bool, draft: _Draft) -> None:  # noqa: FBT001
        (draft.without_marks if minus else draft.marks).append(kind + shorten(value)[:MAX_CODE])

    return take


def _environment(name: str) -> Callable[[str, bool, _Draft], None]:
    def take(value: str, minus: bool, draft: _Draft) -> None:  # noqa: FBT001
        marks = environment_mark(name, value)
        if not marks:
            raise _Wrong(_("“%(name)s:” needs a value behind the colon.") % {"name": name})
        (draft.without_marks if minus else draft.marks).extend(marks[:4])

    return take


def _is(value: str, minus: bool, draft: _Draft) -> None:  # noqa: FBT001
    if value.lower() not in STATUSES:
        raise _Wrong(
            _("“is:%(value)s” is unknown. Try is:solved, is:unanswered, is:answered or is:closed.")
            % {"value": value[:30]}
        )
    mark, negated = STATUSES[value.lower()]
    if mark:
        (draft.without_marks if negated != minus else draft.marks).append(mark)


def _has(value: str, minus: bool, draft: _Draft) -> None:  # noqa: FBT001
    if value.lower() not in HAS:
        raise _Wrong(
            _("“has:%(value)s” is unknown. Try has:code, has:staff or has:solution.") % {"value": value[:30]}
        )
    (draft.without_marks if minus else draft.marks).append(HAS[value.lower()])


def _number(name: str) -> Callable[[str, bool, _Draft], None]:
    def take(value: str, minus: bool, draft: _Draft) -> None:  # noqa: FBT001
        one, several = _NUMBER.match(value), _NUMBERS.match(value)
        if minus or not (one or (several and value != "..")):
            raise _Wrong(
                _("“%(name)s:” takes a number, as in %(name)s:>3, %(name)s:0 or %(name)s:2..5.")
                % {"name": name}
            )
        draft.bounds[name] = _bounds_of(one) if one else _range_of(several)

    return take


def _bounds_of(found: re.Match[str]) -> Bounds:
    number = int(found["low"])
    return {
        ">": Bounds(number + 1, None),
        ">=": Bounds(number, None),
        "<": Bounds(None, number - 1),
        "<=": Bounds(None, number),
    }.get(found["sign"] or "=", Bounds(number, number))


def _range_of(found: re.Match[str] | None) -> Bounds:
    low = found["low"] if found else None
    high = found["high"] if found else None
    return Bounds(None if low is None else int(low), None if high is None else int(high))


def _created(value: str, minus: bool, draft: _Draft) -> None:  # noqa: FBT001
    try:
        draft.bounds["created"] = _span("" if minus else value.lower(), draft.now)
    except (ValueError, OverflowError):
        raise _Wrong(
            _("“created:” takes days, as in created:2026-03, created:2026-01..2026-03 or created:7d.")
        ) from None


def _span(value: str, now: datetime) -> Bounds:
    ago = _AGO.match(value)
    if ago:
        return Bounds((now - timedelta(days=int(ago[1]) * _AGO_DAYS[ago[2]])).timestamp(), None)
    if ".." in value:
        first, _dots, last = value.partition("..")
        if not first and not last:
            raise ValueError(value)
        return Bounds(_day(first)[0] if first else None, _day(last)[1] if last else None)
    sign = re.match(r"^(>=|<=|>|<)?", value)
    start, end = _day(value[len(sign[0]) :] if sign else value)
    return {
        ">": Bounds(end + 1, None),
        ">=": Bounds(start, None),
        "<": Bounds(None, start - 1),
        "<=": Bounds(None, end),
    }.get(sign[0] if sign else "", Bounds(start, end))


def _day(value: str) -> tuple[float, float]:
    """Return the first and last second of a year, month or day."""
    found = _DAY.match(value)
    if not found:
        raise ValueError(value)
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    start = datetime(year, month, day, tzinfo=UTC)
    if found[3]:
        end = start + timedelta(days=1)
    elif found[2]:
        end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    else:
        end = datetime(year + 1, 1, 1, tzinfo=UTC)
    return start.timestamp(), end.timestamp() - 1


def _sort(value: str, minus: bool, draft: _Draft) -> None:  # noqa: FBT001
    if minus or value.lower() not in SORTS:
        raise _Wrong(_("“sort:” takes relevance, newest, votes or activity."))
    draft.sort = value.lower()


_OPERATORS: dict[str, Callable[[str, bool, _Draft], None]] = {
    "tag": _mark("t:"),
    "product": _mark("p:"),
    "user": _mark("u:", lambda value: value.lstrip("@").casefold()),
    "is": _is,
    "has": _has,
    "score": _number("score"),
    "answers": _number("answers"),
    "created": _created,
    "sort": _sort,
}


def _limit(draft: _Draft) -> None:
    words = len(draft.words) + len(draft.without_words)
    if words > MAX_WORDS:
        draft.explanations.append(
            _("Only the first %(count)s words were searched for; the others were left out.")
            % {"count": MAX_WORDS}
        )
        del draft.words[MAX_WORDS:]
        del draft.without_words[MAX_WORDS:]
    if len(draft.phrases) + len(draft.without_phrases) > MAX_PHRASES:
        draft.explanations.append(
            _("Only the first %(count)s phrases were searched for.") % {"count": MAX_PHRASES}
        )
        del draft.phrases[MAX_PHRASES:]
        del draft.without_phrases[MAX_PHRASES:]
    if len(draft.marks) + len(draft.without_marks) > MAX_FILTERS:
        draft.explanations.append(_("Only the first %(count)s filters were used.") % {"count": MAX_FILTERS})
        del draft.marks[MAX_FILTERS:]
        del draft.without_marks[MAX_FILTERS:]


def _query(draft: _Draft) -> SearchQuery:
    query = SearchQuery(
        words=tuple(draft.words),
        phrases=tuple(draft.phrases),
        without_words=tuple(draft.without_words),
        without_phrases=tuple(draft.without_phrases),
        marks=tuple(draft.marks),
        without_marks=tuple(draft.without_marks),
    )
    chosen: dict[str, Any] = dict(draft.bounds)
    if draft.sort:
        chosen["sort"] = draft.sort
    return replace(query, **chosen)
