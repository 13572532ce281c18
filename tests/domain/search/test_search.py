from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlmodel import Session

from app.domain import accounts, answers, comments, importing, outbox, questions, search
from app.domain.search import SearchIndex, changes, phrases
from app.models import Question, User
from app.settings import Settings
from tests.factories.questions import make_question
from tests.support.indexing import let_the_feed_show

CatchUp = Callable[[Session], None]


def found(db: Session, index: SearchIndex, text: str, now: datetime) -> list[int]:
    return [row.question.id for row in search.search(db, index, text=text, now=now).page.rows]


def test_a_new_question_is_found_once_the_index_has_caught_up(
    db: Session, index: SearchIndex, ask: Callable[..., Question], catch_up: CatchUp, now: datetime
) -> None:
    catch_up(db)
    question = ask("Printer prints blank pages since the update")
    assert found(db, index, "blank pages", now) == []
    catch_up(db)
    assert found(db, index, "blank pages", now) == [question.id]
    assert found(db, index, "tag:printing", now) == [question.id]


def test_an_answer_and_a_comment_are_found(
    db: Session,
    index: SearchIndex,
    ask: Callable[..., Question],
    answerer: User,
    catch_up: CatchUp,
    now: datetime,
) -> None:
    question = ask("Printer prints blank pages since the update")
    answer = answers.post(
        db, question=question, author=answerer, body="Run `cleanheads --deep` twice, then wait.", now=now
    )
    comments.post(db, post=answer, author=answerer, body="Mind the flux capacitor meanwhile.", now=now)
    catch_up(db)
    result = search.search(db, index, text="cleanheads", now=now).page.rows[0]
    assert result.question.id == question.id
    assert result.answer_id == answer.id
    assert "<mark>cleanheads</mark>" in result.passage_html
    assert found(db, index, "capacitor", now) == [question.id]


def test_a_hidden_question_is_gone_at_once_even_from_counts(
    db: Session,
    index: SearchIndex,
    ask: Callable[..., Question],
    moderator: User,
    catch_up: CatchUp,
    now: datetime,
) -> None:
    question = ask("Printer zanzibarium prints blank pages")
    ask("Printer zanzibarium prints striped pages")
    catch_up(db)
    assert len(found(db, index, "zanzibarium", now)) == 2
    questions.remove(db, question=question, by=moderator, reason="Private data", now=now)
    results = search.search(db, index, text="zanzibarium", now=now)
    assert len(results.page.rows) == results.page.total == 1
    assert results.counts["tag"] == {"printing": 1}
    assert len(search.suggest(db, index, text="printer zan").questions) == 1
    catch_up(db)
    assert len(found(db, index, "zanzibarium", now)) == 1


def test_the_words_of_a_removed_answer_find_nothing(
    db: Session,
    index: SearchIndex,
    ask: Callable[..., Question],
    answerer: User,
    moderator: User,
    catch_up: CatchUp,
    now: datetime,
) -> None:
    question = ask("Printer prints blank pages since the update")
    answer = answers.post(
        db, question=question, author=answerer, body="Call my cousin Zebulon about it, he knows.", now=now
    )
    catch_up(db)
    assert found(db, index, "zebulon", now) == [question.id]
    answers.remove(db, answer=answer, by=moderator, reason="Private data", now=now)
    assert found(db, index, "zebulon", now) == []
    catch_up(db)
    assert found(db, index, "zebulon", now) == []
    assert found(db, index, "blank pages", now) == [question.id]


def test_threads_that_moved_in_are_found(
    db: Session, index: SearchIndex, catch_up: CatchUp, now: datetime
) -> None:
    catch_up(db)
    first = make_question(db, title="Moved in from an older forum")
    last = make_question(db, title="Moved in, too")
    moved_in = importing.ContentMovedIn(by_id=None, first_id=first.id, last_id=last.id)
    outbox.record(db, moved_in, now=now)
    db.commit()
    catch_up(db)
    assert set(found(db, index, "moved", now)) == {first.id, last.id}


def test_what_is_too_much_to_follow_waits_for_a_rebuild_and_holds_up_nobody(
    db: Session,
    index: SearchIndex,
    ask: Callable[..., Question],
    catch_up: CatchUp,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    catch_up(db)
    monkeypatch.setattr(changes, "AT_ONCE", 1)
    first = make_question(db, title="Moved in from an older forum")
    last = make_question(db, title="Moved in, too")
    moved_in = importing.ContentMovedIn(by_id=None, first_id=first.id, last_id=last.id)
    outbox.record(db, moved_in, now=now)
    db.commit()
    fresh = ask("Printer prints blank pages")
    let_the_feed_show(db)
    assert search.follow(db, index)
    assert found(db, index, "blank", now) == [fresh.id]
    assert found(db, index, "moved", now) == []
    assert index.must_be_built()
    seen: list[object] = []
    search.rebuild(
        db.get_bind(),
        index,
        progress=lambda done, total: seen.append((done, total, index.directory.progress())),
    )
    assert set(found(db, index, "moved", now)) == {first.id, last.id}
    assert not index.must_be_built()
    assert seen == [(3, 3, (3, 3))]
    assert index.directory.progress() is None


def test_a_renamed_member_is_found_by_the_new_handle(
    db: Session,
    index: SearchIndex,
    ask: Callable[..., Question],
    asker: User,
    catch_up: CatchUp,
    now: datetime,
) -> None:
    question = ask("Printer prints blank pages since the update")
    catch_up(db)
    asker.handle = "renamed"
    db.add(asker)
    outbox.record(db, accounts.MemberRenamed(by_id=asker.id, member_id=asker.id or 0), now=now)
    db.commit()
    catch_up(db)
    assert found(db, index, "user:renamed", now) == [question.id]
    assert found(db, index, "user:asker", now) == []


def test_a_phrase_is_found_in_a_body_and_refused_with_a_minus(
    db: Session, index: SearchIndex, ask: Callable[..., Question], catch_up: CatchUp, now: datetime
) -> None:
    in_body = ask("Screen trouble since Monday", "There was a blue screen in the morning, then it went dark.")
    in_title = ask("My blue screen of Monday", "It happens every time I switch it on.")
    apart = ask("Screen trouble since Tuesday", "The screen turned blue in the morning; no driver helps.")
    catch_up(db)
    assert set(found(db, index, '"blue screen"', now)) == {in_body.id, in_title.id}
    assert found(db, index, 'trouble -"blue screen"', now) == [apart.id]
    results = search.search(db, index, text='"blue screen"', now=now)
    assert results.counts["status"] == {"unanswered": 2}
    assert results.page.total == 2


def test_a_code_in_a_phrase_is_not_taken_for_another_with_a_part_in_common(
    db: Session, index: SearchIndex, ask: Callable[..., Question], catch_up: CatchUp, now: datetime
) -> None:
    wanted = ask("Firmware 94b2b8fa02f34a6 prints stripes")
    ask("Firmware 7c94b2e02f34a6 prints stripes")
    in_body = ask(
        "My paper shows stripes", "日本語のキーボード said firmware 94B2B8FA02F34A6 prints stripes."
    )
    catch_up(db)
    assert set(found(db, index, '"94b2b8fa02f34a6 prints stripes"', now)) == {wanted.id, in_body.id}


def test_a_phrase_of_common_words_is_looked_for_in_the_best_threads_only(
    db: Session,
    index: SearchIndex,
    ask: Callable[..., Question],
    catch_up: CatchUp,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(3):
        ask(f"Trouble number {number} with a screen", "There was a blue screen in the morning.")
    catch_up(db)
    monkeypatch.setattr(phrases, "READ_AT_ONCE", 2)
    monkeypatch.setattr(phrases, "CHARACTERS_AT_MOST", 50)
    results = search.search(db, index, text='"blue screen"', now=now)
    assert results.page.total == 2
    assert "only the best were looked through" in results.remarks[-1]


def test_similar_questions_come_solved_first_with_their_solution(
    db: Session,
    index: SearchIndex,
    ask: Callable[..., Question],
    asker: User,
    answerer: User,
    catch_up: CatchUp,
    now: datetime,
) -> None:
    ask("Printer prints blank pages in the morning")
    solved = ask("Printer prints blank pages after the update")
    answer = answers.post(
        db, question=solved, author=answerer, body="Clean the heads **twice**, then wait.", now=now
    )
    answers.accept(db, answer=answer, by=asker, now=now)
    catch_up(db)
    similar = search.similar(db, index, title="Printer prints only blank pages")
    assert similar[0].question.id == solved.id
    assert "<strong>twice</strong>" in similar[0].solution_html
    assert not search.similar(db, index, title="How to bake a chocolate cake")
    assert [one.id for one in search.related(db, index, solved)] == [similar[1].question.id]


def test_a_likely_duplicate_is_told_by_its_original(
    db: Session,
    index: SearchIndex,
    ask: Callable[..., Question],
    catch_up: CatchUp,
    moderator: User,
    now: datetime,
) -> None:
    original = ask("Nothing but white sheets come out", "The cartridge is new, the driver is new, too.")
    duplicate = ask("Printer prints blank pages after the update")
    questions.close(db, question=duplicate, reason="duplicate", original=original, by=moderator, now=now)
    hidden = ask("Printer prints blank pages since the update")
    asked = ask("Printer prints blank pages after an update")
    ask("Keyboard layout is wrong on the lock screen", "German umlauts come out as brackets.")
    catch_up(db)
    assert {one.id for one in search.likely_duplicates(db, index, asked)} == {hidden.id, original.id}
    questions.remove(db, question=hidden, by=moderator, reason="A test", now=now)
    assert [one.id for one in search.likely_duplicates(db, index, asked)] == [original.id]


def test_search_without_an_index_says_so(db: Session, index: SearchIndex, now: datetime) -> None:
    results = search.search(db, index, text="printer", now=now)
    assert not results.page.rows
    assert "being built" in results.remarks[0]
    assert not search.suggest(db, index, text="printer").questions
    assert not search.similar(db, index, title="printer")


def test_a_rebuild_answers_with_the_old_index_until_it_is_done(
    db: Session, index: SearchIndex, ask: Callable[..., Question], catch_up: CatchUp, now: datetime
) -> None:
    question = ask("Printer prints blank pages since the update")
    catch_up(db)
    seen = []

    def look(done: int, total: int) -> None:
        seen.append((done, total, found(db, index, "blank", now)))

    assert search.rebuild(db.get_bind(), index, progress=look) == 1
    assert seen == [(1, 1, [question.id])]
    assert search.differences(db, index) == (set(), set())


def test_words_that_were_edited_away_find_nothing_at_once(
    db: Session,
    index: SearchIndex,
    ask: Callable[..., Question],
    asker: User,
    catch_up: CatchUp,
    now: datetime,
) -> None:
    question = ask(
        "Printer zanzibarium prints blank pages", "My serial number is quixotica, and nothing helps."
    )
    ask("Another printer zanzibarium prints blank pages")
    catch_up(db)
    questions.edit(
        db,
        question=question,
        by=asker,
        base=question.revision,
        title="Printer prints blank pages",
        body="My serial number was here, and nothing helps.",
        tags="printing",
        product_id=None,
        environment={},
        summary="",
        now=now,
    )
    assert found(db, index, "quixotica", now) == []
    assert len(found(db, index, "zanzibarium", now)) == 1
    assert search.search(db, index, text="zanzibarum", now=now).did_you_mean == ""
    catch_up(db)
    assert found(db, index, "quixotica", now) == []
    assert found(db, index, "serial", now) == [question.id]


def test_a_removed_comment_is_no_longer_found(
    db: Session,
    index: SearchIndex,
    ask: Callable[..., Question],
    answerer: User,
    moderator: User,
    catch_up: CatchUp,
    now: datetime,
) -> None:
    question = ask("Printer prints blank pages since the update")
    comment = comments.post(db, post=question, author=answerer, body="Ring quixotica on the phone.", now=now)
    catch_up(db)
    assert found(db, index, "quixotica", now) == [question.id]
    comments.remove(db, comment=comment, by=moderator, now=now)
    assert found(db, index, "quixotica", now) == []
    catch_up(db)
    assert found(db, index, "quixotica", now) == []


def test_an_engine_is_switched_while_the_old_one_answers(
    db: Session,
    settings: Settings,
    index: SearchIndex,
    ask: Callable[..., Question],
    catch_up: CatchUp,
    now: datetime,
) -> None:
    pytest.importorskip("tantivy")
    question = ask("Printer prints blank pages since the update")
    catch_up(db)
    wanted = SearchIndex(settings.index_dir, engine="tantivy")
    assert wanted.must_be_built()
    assert found(db, wanted, "blank", now) == [question.id]
    search.rebuild(db.get_bind(), wanted)
    assert not wanted.must_be_built()
    assert found(db, wanted, "blank", now) == [question.id]
    state = search.state(wanted)
    assert state is not None
    assert state.engine == "tantivy"


@pytest.mark.parametrize("name", ["CURRENT", "gen-*/POSITION"])
def test_an_index_that_cannot_be_read_is_none_until_it_can(
    db: Session,
    settings: Settings,
    index: SearchIndex,
    ask: Callable[..., Question],
    catch_up: CatchUp,
    now: datetime,
    name: str,
) -> None:
    question = ask("Printer prints blank pages since the update")
    catch_up(db)
    (path,) = settings.index_dir.glob(name)
    aside = path.rename(settings.index_dir / "aside")
    path.mkdir()  # what is refused to everybody, to root as well
    assert "being built" in search.search(db, index, text="blank", now=now).remarks[0]
    assert not search.suggest(db, index, text="printer").questions
    assert index.directory.stamp() == ""
    path.rmdir()
    aside.rename(path)
    assert found(db, index, "blank", now) == [question.id]


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # Whoosh forgets to close the file
def test_a_damaged_index_is_built_anew(
    db: Session,
    settings: Settings,
    index: SearchIndex,
    ask: Callable[..., Question],
    catch_up: CatchUp,
    now: datetime,
) -> None:
    question = ask("Printer prints blank pages since the update")
    catch_up(db)
    for table_of_contents in settings.index_dir.glob("gen-*/*.toc"):
        table_of_contents.write_bytes(b"no table of contents")
    assert "being built" in search.search(db, index, text="blank", now=now).remarks[0]
    catch_up(db)
    assert found(db, index, "blank", now) == [question.id]


@pytest.mark.parametrize("name", ["CURRENT", "gen-*/generation.json", "gen-*/POSITION", "gen-*/WORDS"])
@pytest.mark.parametrize("left", [b"", b"{}", b"\xff" * 64], ids=["nothing", "text", "bytes"])
def test_what_is_noted_beside_an_index_may_be_damaged(
    name: str,
    left: bytes,
    db: Session,
    settings: Settings,
    index: SearchIndex,
    ask: Callable[..., Question],
    catch_up: CatchUp,
    now: datetime,
) -> None:
    question = ask("Printer prints blank pages since the update")
    catch_up(db)
    for file in settings.index_dir.glob(name):
        file.write_bytes(left)
    search.search(db, index, text="blank", now=now)
    catch_up(db)
    assert found(db, index, "blank", now) == [question.id]
    assert search.differences(db, index) == (set(), set())
