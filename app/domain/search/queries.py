"""Finding threads. The index proposes; what is shown is read from the database, and only what everybody may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from hashlib import blake2b

from sqlalchemy import bindparam
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from app.core import markdown
from app.core.i18n import gettext as _
from app.core.paging import PageOf, page_of
from app.domain import catalog, questions, searches
from app.domain.search import advice, changes, language, reranking
from app.domain.search.backend import IndexMissing
from app.domain.search.documents import Hit, ResultPage, SearchQuery
from app.domain.search.embedding import Embedder
from app.domain.search.highlight import Finder, Passage, best_passage, marked
from app.domain.search.index import Opened, SearchIndex
from app.domain.search.keeping import Recent
from app.domain.search.language import Parsed
from app.domain.search.phrases import holding_phrases
from app.models import Answer, EnvironmentField, Product, Question, Tag

RESULTS_A_PAGE = 10
LAST_RESULT = 1_000
PHRASE_CANDIDATES = 200
FEW = 3
ANSWERS_READ = 400
ALIKE_BY_TITLE = 0.6
ALIKE_BY_TEXT = 0.3
"""How alike a thread must be to be called similar: a few words say it quickly, or not at all."""
RELATED = 0.12
"""How alike it must be to stand beside another one, where it asks for nobody's attention."""
SAME_PRODUCT = 1.3
"""How much more a question of the same product counts."""
ALIKE_KEPT = 20
"""So many threads like a question are looked for, and kept for some minutes: for all that is shown beside it."""

Load = Callable[[Session, Sequence[int]], list[Question]]

_alike: Recent[list[Hit]] = Recent(seconds=600, at_most=20_000)
_passages: Recent[Passage] = Recent(seconds=120, at_most=1_000)


@dataclass(frozen=True)
class SearchResult:
    """A thread that was found. The HTML is safe; `answer_id` is set when the passage is an answer's."""

    question: Question
    title_html: str
    passage_html: str
    answer_id: int | None


@dataclass(frozen=True)
class Results:
    """A page of results, and what to tell about them. `is_ready` is False while there is no index yet.

    `counts` are by group ("product", "status", "tag", "staff", "age") and value; `product_names` gives
    the names of the products among them. `is_partial`: no thread has all the words, these have some.
    `ranking` holds the ids of the first threads, as many as were asked for, in their order.
    """

    parsed: Parsed
    page: PageOf[SearchResult]
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    product_names: Mapping[str, str] = field(default_factory=dict)
    did_you_mean: str = ""
    is_partial: bool = False
    is_ready: bool = True
    remarks: tuple[str, ...] = ()
    ranking: tuple[int, ...] = ()


@dataclass(frozen=True)
class Suggestions:
    """What may be meant by what is being typed."""

    questions: Sequence[Question] = ()
    products: Sequence[Product] = ()
    tags: Sequence[Tag] = ()


@dataclass(frozen=True)
class Similar:
    """A question like the one being asked; its accepted answer can be read in place."""

    question: Question
    solution_html: str
    solution_id: int | None


def search(
    db: Session,
    index: SearchIndex,
    *,
    text: str,
    now: datetime,
    page: int = 1,
    sort: str = "",
    size: int = RESULTS_A_PAGE,
    ranked: int = 0,
    load: Load = questions.threads,
) -> Results:
    """Find threads for what was typed. It always answers: what is wrong is told in the results' remarks.

    `load` returns the questions of the results: `questions.headlines` loads less than `questions.threads`.

    With `ranked` the first page also tells the ids of so many first threads: who keeps them can show
    the next pages by `passages`, undisturbed by what is posted meanwhile.
    """
    parsed = language.parse(text, now=now, environment=_environment_names(db, text), sort=sort)
    if parsed.query.is_empty:
        return Results(parsed, page_of([], number=1), remarks=parsed.explanations)
    try:
        with index.opened() as opened:
            return _search(
                db, opened, parsed, index.embedder, page=page, size=size, ranked=ranked, now=now, load=load
            )
    except IndexMissing:
        wait = _("The search index is being built. Please try again in a few minutes.")
        return Results(parsed, page_of([], number=1), is_ready=False, remarks=(*parsed.explanations, wait))


def passages(db: Session, *, text: str, now: datetime, question_ids: Sequence[int]) -> list[SearchResult]:
    """Return these threads, as far as everybody may still see them, with what in them was looked for."""
    parsed = language.parse(text, now=now, environment=_environment_names(db, text))
    query = replace(parsed.query, synonyms=searches.synonyms(db))
    return _results(db, questions.threads(db, question_ids), query)


def similar(
    db: Session, index: SearchIndex, *, title: str, body: str = "", product: str = "", limit: int = 5
) -> list[Similar]:
    """Return questions like one that is being written, solved ones first; of the same product rather than of others."""
    least = ALIKE_BY_TEXT if body.strip() else ALIKE_BY_TITLE
    hits = _related(db, index, title=title, body=body, limit=4 * limit, least=least)
    if index.embedder and not body.strip() and reranking.is_in_words(title.split()):
        # Of a title alone. Beside a body the words tell more, and the order would become worse.
        hits = reranking.by_meaning(db, index.embedder, hits, text=title)
    found = questions.threads(db, [hit.question_id for hit in hits])
    trail = {row.id for row in catalog.all_products(db) if row.slug == product} if product else set()
    score = {hit.question_id: hit.score for hit in hits}
    found.sort(
        key=lambda question: -score[question.id] * (SAME_PRODUCT if question.product_id in trail else 1.0)
    )
    nearest = sorted(found[:limit], key=lambda question: not question.is_solved)
    solutions = _solutions(db, nearest)
    return [
        Similar(one, solutions.get(one.accepted_answer_id, ""), one.accepted_answer_id) for one in nearest
    ]


def related(db: Session, index: SearchIndex, question: Question, *, limit: int = 6) -> list[Question]:
    """Return the headlines of questions like this one, for beside it; which ones is kept for some minutes."""
    ids = [hit.question_id for hit in _alike_to(db, index, question)[: limit + 5]]
    found = questions.headlines(db, [number for number in ids if number != question.duplicate_of_id])
    return [one for one in found if one.duplicate_of_id != question.id][:limit]


def knows_related(index: SearchIndex, question: Question) -> bool:
    """Return whether `related` has not to look for them: that takes as long as the rest of a page."""
    return _alike.find(_key(index, question)) is not None


def likely_duplicates(
    db: Session, index: SearchIndex, question: Question, *, limit: int = 5
) -> list[Question]:
    """Return the headlines of threads that a question may be a duplicate of, for staff who look at it.

    The likeliest come first. Only threads that everybody may see, read from the database: the person may
    be led there. One that is a duplicate itself stands for its original; the question, and what it is a
    duplicate of already, are never among them. Those of the same product count more. Empty without an
    index. What is like it is kept for some minutes, as for `related`.
    """
    hits = _alike_to(db, index, question)
    score = {hit.question_id: hit.score for hit in hits if hit.score >= ALIKE_BY_TEXT}
    likeliest = sorted(
        questions.headlines(db, list(score)),
        key=lambda one: -score[one.id] * (SAME_PRODUCT if one.product_id == question.product_id else 1.0),
    )
    originals = dict.fromkeys(one.duplicate_of_id or one.id for one in likeliest)
    wanted = [number for number in originals if number not in (question.id, question.duplicate_of_id)]
    known = {one.id: one for one in likeliest}
    known |= {
        one.id: one for one in questions.headlines(db, [number for number in wanted if number not in known])
    }
    return [known[number] for number in wanted if number in known][:limit]


def suggest(db: Session, index: SearchIndex, *, text: str, limit: int = 6) -> Suggestions:
    """Return what completes the words that are being typed: titles, products, tags."""
    text = " ".join(text[: language.MAX_LENGTH].split())
    if len(text) < 2:
        return Suggestions()
    products = _products_named(db, text)[:3]
    tags = catalog.tags_starting_with(db, text.lower().replace(" ", "-"), limit=3)
    try:
        with index.opened() as opened:
            hidden = changes.withheld(db, after=opened.position) or frozenset()
            hits = opened.reader.suggest(text, limit=limit + 2, hidden_ids=hidden)
    except IndexMissing:
        hits = []
    found = questions.threads(db, [hit.question_id for hit in hits])[:limit]
    return Suggestions(questions=found, products=products, tags=[tag for tag in tags if tag.question_count])


def _search(
    db: Session,
    opened: Opened,
    parsed: Parsed,
    embedder: Embedder | None,
    *,
    page: int,
    size: int,
    ranked: int,
    now: datetime,
    load: Load,
) -> Results:
    hidden = changes.withheld(db, after=opened.position)
    page = min(max(page, 1), LAST_RESULT // size)
    query = replace(
        parsed.query,
        hidden_ids=hidden or frozenset(),
        synonyms=searches.synonyms(db),
        offset=(page - 1) * size,
        limit=max(size, ranked),
    )
    remarks = list(parsed.explanations)
    facets_at = None if hidden is None else now
    if query.phrases or query.without_phrases:
        found, is_complete = _with_phrases(db, opened, query, facets_at=facets_at)
        if not is_complete:
            remarks.append(_("So many threads have these words that only the best were looked through."))
    elif embedder and reranking.is_for(query):
        found = reranking.search(db, embedder, opened.reader, query, facets_at=facets_at)
    else:
        found = opened.reader.search(query, facets_at=facets_at)
    rows = _results(db, load(db, [hit.question_id for hit in found.hits[:size]]), query)
    total = None if hidden is None else found.total
    is_little = found.total < FEW or found.is_partial
    if total == 0:
        remarks += advice.unknown_names(opened.reader, query)
    if found.is_partial and found.total:
        remarks.append(
            _("Hardly any thread has all of these words, so those with some of them are shown, too.")
        )
    return Results(
        parsed=parsed,
        page=PageOf(
            rows=rows,
            number=page,
            size=size,
            has_next=min(found.total, LAST_RESULT) > page * size,
            total=total,
        ),
        counts=found.facets,
        product_names=catalog.names_of(db, found.facets.get("product", {})),
        did_you_mean=advice.did_you_mean(opened.reader, parsed, query) if is_little else "",
        is_partial=found.is_partial,
        remarks=tuple(remarks),
        ranking=tuple(hit.question_id for hit in found.hits[:ranked]),
    )


def _with_phrases(
    db: Session, opened: Opened, query: SearchQuery, *, facets_at: datetime | None
) -> tuple[ResultPage, bool]:
    """Find threads that have all the words, and keep those whose text has them in a row.

    Also return whether all threads with the words were looked through.
    """
    found = opened.reader.search(replace(query, offset=0, limit=PHRASE_CANDIDATES))
    unsure = [hit.question_id for hit in found.hits if not hit.has_phrases or query.without_phrases]
    looked = holding_phrases(db, unsure, wanted=query.phrases, unwanted=query.without_phrases)
    sure = {hit.question_id for hit in found.hits if hit.has_phrases and not query.without_phrases}
    hits = tuple(hit for hit in found.hits if hit.question_id in sure or hit.question_id in looked.holding)
    facets: Mapping[str, Mapping[str, int]] = {}
    if facets_at and hits:
        only = replace(query, only_ids=frozenset(hit.question_id for hit in hits), offset=0, limit=1)
        facets = opened.reader.search(only, facets_at=facets_at).facets
    page = ResultPage(
        hits=hits[query.offset : query.offset + query.limit], total=len(hits), is_partial=False, facets=facets
    )
    return page, looked.is_complete and found.total <= PHRASE_CANDIDATES


def _alike_to(db: Session, index: SearchIndex, question: Question) -> list[Hit]:
    def find() -> list[Hit]:
        body = markdown.plain_text(question.body_html)
        return _related(
            db, index, title=question.title, body=body, limit=ALIKE_KEPT, least=RELATED, own=question.id
        )

    return _alike.get(_key(index, question), find)


def _key(index: SearchIndex, question: Question) -> Hashable:
    return index.directory.path, question.id, question.revision


def _related(
    db: Session, index: SearchIndex, *, title: str, body: str, limit: int, least: float, own: int = 0
) -> list[Hit]:
    try:
        with index.opened() as opened:
            hidden = (changes.withheld(db, after=opened.position) or frozenset()) | {own}
            hits = opened.reader.related(title=title, body=body, limit=limit, hidden_ids=hidden)
    except IndexMissing:
        return []
    return [hit for hit in hits if hit.score >= max(least, 0.4 * hits[0].score)]


def _results(db: Session, found: Sequence[Question], query: SearchQuery) -> list[SearchResult]:
    finder = Finder((*query.words, *query.phrases))
    answers = _answers_of(db, [question.id for question in found])
    results = []
    for question in found:
        posts = [(None, question.body_html), *answers[question.id]]
        passage = _passage([html for _id, html in posts], finder)
        results.append(
            SearchResult(
                question=question,
                title_html=marked(question.title, finder),
                passage_html=passage.html,
                answer_id=posts[passage.number][0],
            )
        )
    return results


def _passage(texts: Sequence[str], finder: Finder) -> Passage:
    """Return the best passage of these very texts, which people look for again and again by the same words."""
    key = blake2b(digest_size=16)
    for html in texts:
        key.update(html.encode("utf-8", "surrogatepass") + b"\0")

    def find() -> Passage:
        return best_passage((markdown.one_line(html) for html in texts), finder)

    return _passages.get((finder.meant, key.digest()), find)


def _answers_of(db: Session, question_ids: list[int]) -> dict[int, list[tuple[int | None, str]]]:
    answers: defaultdict[int, list[tuple[int | None, str]]] = defaultdict(list)
    for question_id, answer_id, html in db.exec(_answers(), params={"ids": question_ids}):
        answers[question_id].append((answer_id, html))
    return answers


@cache
def _answers() -> Select[int, int, str]:
    # Kept: to make it anew takes as long as to run it.
    return (
        select(Answer.question_id, Answer.id, Answer.body_html)
        .where(
            col(Answer.question_id).in_(bindparam("ids", expanding=True)), col(Answer.removed_at).is_(None)
        )
        .order_by(col(Answer.score).desc(), col(Answer.id))
        .limit(ANSWERS_READ)
    )


def _solutions(db: Session, found: Sequence[Question]) -> dict[int | None, str]:
    ids = [question.accepted_answer_id for question in found if question.accepted_answer_id is not None]
    rows = db.exec(
        select(Answer.id, Answer.body_html).where(col(Answer.id).in_(ids), col(Answer.removed_at).is_(None))
    )
    return dict(rows.all())


def _products_named(db: Session, text: str) -> list[Product]:
    """Return products that have questions and all the words, as beginnings of words, in their name."""
    typed = text.casefold().split()
    return [
        row
        for row in catalog.all_products(db)
        if row.question_count
        and row.retired_at is None
        and all(any(part.startswith(word) for part in row.name.casefold().split()) for word in typed)
    ]


def _environment_names(db: Session, text: str) -> frozenset[str]:
    """Return the names that are operators before a colon, if the text has one."""
    names = db.exec(select(EnvironmentField.name).distinct()) if ":" in text else ()
    return frozenset(name.lower() for name in names)
