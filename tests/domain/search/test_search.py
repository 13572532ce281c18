from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from app.domain import answers, comments, questions, search
from app.domain.search import SearchIndex
from app.models import Question, User

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
