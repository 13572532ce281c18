from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from app.core.errors import Conflict, Invalid
from app.core.handles import skeleton
from app.domain import importing
from app.models import (
    BadgeAward,
    Comment,
    Follow,
    Notification,
    OutboxEvent,
    OutgoingEmail,
    Post,
    PostLink,
    Product,
    Question,
    ReputationEntry,
    Revision,
    Tag,
    User,
)
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.factories.users import make_user
from tests.support import dumps
from tests.support.dumps import DAY, answer, comment, history, link, question, user, vote

Move = Callable[..., importing.Report]


class Silence:
    """Progress that nobody looks at."""

    def step(self, title: str, *, size: int) -> None:
        pass

    def advance(self, *, size: int, rows: int) -> None:
        pass


@pytest.fixture
def move(db: Session, tmp_path: Path, now: datetime) -> Move:
    """Writes a dump and imports it: `move(Posts=[...])`; two members are in every dump."""

    def write_and_import(*, source: str = "site", **tables: Any) -> importing.Report:
        options = {name: tables.pop(name) for name in ("product_slug", "emails") if name in tables}
        folder = tmp_path / source
        dumps.write(folder, **{"Users": [user(1, "Ann"), user(2, "Bob")], "Posts": [], **tables})
        return importing.import_dump(
            db, folder=folder, source=source, now=now, progress=Silence(), helpers=0, **options
        )

    return write_and_import


def titled(db: Session, number: int) -> Question:
    return dumps.by_title(db, f"Question {number}")


# -- posts


def test_a_thread_comes_in_with_its_authors_dates_scores_and_counts(db: Session, move: Move) -> None:
    move(
        Posts=[
            question(1, Score=3, AnswerCount=1, CommentCount=1, ViewCount=226, Tags="<zwave><antenna>"),
            answer(2, 1, Score=-1, LastEditDate=f"{DAY}12:00:00.000", LastEditorUserId=1),
        ],
        Votes=[vote(n, 1, 2) for n in range(4)] + [vote(9, 1, 3), vote(10, 2, 3)],
        Comments=[comment(1, 1, Score=7)],
    )
    asked = titled(db, 1)
    (given,) = dumps.answers_of(db, asked)
    assert db.get_one(User, asked.author_id).display_name == "Ann"
    assert asked.created_at == datetime(2016, 12, 6, 9, 1, 0, 500_000, tzinfo=UTC)
    assert (asked.score, asked.up_count, asked.down_count, asked.moved_in_up) == (3, 4, 1, 4)
    assert (asked.answer_count, asked.comment_count, asked.view_count) == (1, 1, 226)
    assert (given.score, given.wilson) == (-1, 0.0)
    assert given.edited_at == datetime(2016, 12, 6, 12, 0, tzinfo=UTC)
    assert given.edited_by_id == asked.author_id
    assert db.exec(select(Comment.score)).one() == 7
    assert db.exec(select(Tag.question_count).where(Tag.name == "antenna")).one() == 1


def test_the_score_of_the_dump_counts_where_votes_disagree(db: Session, move: Move) -> None:
    report = move(Posts=[question(1, Score=5)], Votes=[vote(1, 1, 2), vote(2, 1, 3)])
    asked = titled(db, 1)
    assert (asked.score, asked.up_count, asked.down_count) == (5, 6, 1)
    assert report.files["Posts"].adapted == {"its votes do not add up to its Score, which was kept": 1}


def test_without_a_file_of_votes_the_score_alone_is_kept(db: Session, move: Move) -> None:
    report = move(Posts=[question(1, Score=-2)])
    asked = titled(db, 1)
    assert (asked.score, asked.up_count, asked.down_count) == (-2, 0, 2)
    assert not report.files["Posts"].adapted


def test_an_accepted_answer_may_come_before_its_question_in_the_file(db: Session, move: Move) -> None:
    report = move(Posts=[answer(1, 2), question(2, AcceptedAnswerId=1, AnswerCount=1)], Votes=[vote(1, 1, 1)])
    asked = titled(db, 2)
    (given,) = dumps.answers_of(db, asked)
    assert asked.accepted_answer_id == given.id
    assert asked.accepted_at == given.created_at  # the vote tells only the day
    assert asked.accepted_by_id == asked.author_id
    assert report.files["Posts"].taken == 2


def test_an_answer_before_its_question_in_another_piece_waits(
    db: Session, move: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.domain.importing.steps.MB", 300)
    posts = [answer(1, 9, Score=1), *(question(number) for number in range(2, 10)), answer(20, 99)]
    report = move(Posts=posts)
    assert [row.score for row in dumps.answers_of(db, titled(db, 9))] == [1]
    assert titled(db, 9).answer_count == 1
    assert report.files["Posts"].left_out == {"its question is not in the dump": 1}
    assert report.files["Posts"].read == 10


@pytest.mark.parametrize("piece", [300, 900])
def test_an_answer_that_waits_may_be_there_twice(
    db: Session, move: Move, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr("app.domain.importing.steps.MB", piece)
    move(Posts=[answer(1, 9), answer(1, 9, Score=5), *(question(number) for number in range(2, 10))])
    assert titled(db, 9).answer_count == len(dumps.answers_of(db, titled(db, 9))) == 1


def test_an_accepted_answer_that_does_not_exist_is_reported(db: Session, move: Move) -> None:
    report = move(Posts=[question(1, AcceptedAnswerId=77), question(2, AcceptedAnswerId=3), answer(3, 1)])
    assert titled(db, 1).accepted_answer_id is None
    assert titled(db, 2).accepted_answer_id is None
    assert report.files["Posts"].adapted == {"its accepted answer is not in the dump or not its own": 2}


def test_rows_that_are_no_posts_are_left_out_by_reason(db: Session, move: Move) -> None:
    odd = [{**question(number), "PostTypeId": kind} for number, kind in ((1, 5), (2, 7), (3, 42))]
    report = move(
        Posts=[
            *odd,
            {**question(4), "CreationDate": "soon"},
            {**question(5), "Id": "x"},
            question(6),
            question(6),
        ]
    )
    assert report.files["Posts"].left_out == {
        "it is a tag's wiki (PostTypeId 5)": 1,
        "it is a wiki placeholder (PostTypeId 7)": 1,
        "its PostTypeId is unknown (42)": 1,
        "it has no date that can be read": 1,
        "it has no Id that can be read": 1,
        "its Id occurs twice": 1,
    }
    assert report.files["Posts"].read == 7


def test_long_and_missing_titles_are_adapted_and_said(db: Session, move: Move) -> None:
    report = move(
        Posts=[question(1, Title="x" * 400), question(2, Title="", Body="<p>It will not start</p>")]
    )
    titles = set(db.exec(select(Question.title)))
    assert {len(title) for title in titles} == {300, len("It will not start")}
    assert sum(report.files["Posts"].adapted.values()) == 2


def test_html_is_made_safe_and_images_become_links(db: Session, move: Move) -> None:
    body = '<p onclick="x()">Hi<script>alert(1)</script> <img src="https://i.imgur.com/a.png" alt="shot"></p>'
    move(Posts=[question(1, Body=body)])
    html = titled(db, 1).body_html
    assert "script" not in html
    assert "onclick" not in html
    assert "<img" not in html
    assert '<a href="https://i.imgur.com/a.png"' in html


# -- authors


def test_authors_without_an_account_are_named_and_can_not_be_claimed(db: Session, move: Move) -> None:
    report = move(
        Posts=[
            question(1, owner=None, OwnerDisplayName="Gone Girl"),
            answer(2, 1, owner=None, OwnerDisplayName="Gone Girl"),
            answer(3, 1, owner=None),
            answer(4, 1, owner=812),
        ],
        Comments=[comment(1, 1, UserId="", UserDisplayName="Gone Girl")],
    )
    asked = titled(db, 1)
    authors = [db.get_one(User, row.author_id) for row in (asked, *dumps.answers_of(db, asked))]
    assert [row.display_name for row in authors] == ["Gone Girl", "Gone Girl", "Unknown author", "user812"]
    assert authors[0].id == authors[1].id == db.exec(select(Comment.author_id)).one()
    assert all(row.email is None and row.claim_hash is None and not row.is_claimed for row in authors)
    assert report.files["Posts"].adapted == {"nobody is named as its author": 1}


def test_handles_that_collide_get_the_source_id(db: Session, move: Move) -> None:
    make_user(db, handle="printer-fan", handle_key=skeleton("printer-fan"))
    move(Users=[user(-1, "Community"), user(7, "Printer Fan"), user(8, "printer fan"), user(9, "Support")])
    handles = set(db.exec(select(User.handle)))
    assert {"printer-fan", "Printer-Fan-7", "printer-fan-8", "community-site"} <= handles
    shown = db.exec(select(User.display_name).where(col(User.display_name).startswith("Support"))).one()
    assert shown == "Support (site)"  # nobody passes for staff


def test_case_41_names_that_could_mislead_say_where_they_come_from(db: Session, move: Move) -> None:
    names = ["Official Staff ✔", "Ann ♦", "\u0430dmin", "S*t*a*f*f", "Ann *the* Fan", "Иван :)", "r2~d2"]
    move(Users=[user(number, name) for number, name in enumerate(names, start=1)])
    shown = db.exec(
        select(User.display_name)
        .where(col(User.display_name).in_([*names, *(f"{name} (site)" for name in names)]))
        .order_by(col(User.id))
    ).all()
    assert shown == [*(f"{name} (site)" for name in names[:4]), *names[4:]]


def test_reputation_is_one_line_of_the_ledger_and_never_below_one(db: Session, move: Move) -> None:
    move(Users=[user(1, Reputation=3701), user(2, Reputation=0), user(3, Reputation=-5)])
    totals = db.exec(select(User.reputation).order_by(col(User.id))).all()
    lines = db.exec(select(ReputationEntry).order_by(col(ReputationEntry.user_id))).all()
    assert totals == [3701, 1, 1] == [line.points for line in lines]
    assert {line.kind for line in lines} == {"moved_in"}


def test_profiles_come_in_safe(db: Session, move: Move) -> None:
    about = "<p>I fix <b>printers</b><script>x</script></p>"
    email_hash = "0BC83CB571CD1C50BA6F3E8A78EF1346"
    move(Users=[user(1, "Ann", AboutMe=about, Location="Oslo", EmailHash=email_hash)])
    ann = db.exec(select(User)).one()
    assert ann.about_html.strip() == "<p>I fix <b>printers</b></p>"
    assert ann.about.strip() == "I fix **printers**"
    assert (ann.location, ann.claim_hash) == ("Oslo", email_hash.lower())
    assert ann.last_seen_at == datetime(2017, 1, 10, 18, 14, 34, 730_000, tzinfo=UTC)


def test_a_list_of_addresses_makes_accounts_claimable(db: Session, move: Move, tmp_path: Path) -> None:
    make_user(db, handle="owner", email="taken@example.com", email_key="taken@example.com")
    path = tmp_path / "emails.csv"
    path.write_text(
        "UserId,Email\n1,Ann@Example.com\n2,taken@example.com\n3,nobody@example.com\n2,not an address\n"
    )
    report = move(emails=path)
    ann = db.exec(select(User).where(User.display_name == "Ann")).one()
    assert (ann.email, ann.email_key, ann.email_verified_at) == ("Ann@example.com", "ann@example.com", None)
    assert report.notes[0] == "E-mail addresses set: 1."
    assert len(report.notes) == 4

    again = move(emails=path)
    assert again.notes[0] == "E-mail addresses set: 0."


# -- tags


@pytest.mark.parametrize("written", ["<c#><.net><a><b><c><d>", "|c#|.net|a|b|c|d|"])
def test_tags_are_read_in_both_spellings_and_all_are_kept(db: Session, move: Move, written: str) -> None:
    report = move(Posts=[question(1, Tags=written)])
    names = set(db.exec(select(Tag.name)))
    assert names == {"c#", "dot-net", "a", "b", "c", "d"}
    assert report.files["Posts"].adapted == {
        "it has more than five tags, which were kept": 1,
        "a tag was spelled as ours are": 1,
    }


def test_a_synonym_gives_the_tag_it_stands_for(db: Session, move: Move) -> None:
    bluetooth = make_tag(db, name="bluetooth")
    make_tag(db, name="bt", synonym_of_id=bluetooth.id)
    move(Posts=[question(1, Tags="<bt><bluetooth>")])
    db.refresh(bluetooth)
    assert bluetooth.question_count == 1


def test_excerpts_describe_their_tags(db: Session, move: Move) -> None:
    excerpt = {**question(5), "PostTypeId": 4, "Body": "Anything that makes <b>noise</b> &amp; light."}
    move(
        Posts=[question(1, Tags="<alarm>"), excerpt], Tags=[{"Id": 1, "TagName": "alarm", "ExcerptPostId": 5}]
    )
    assert db.exec(select(Tag.description)).one() == "Anything that makes noise & light."


# -- what hangs on posts


def test_what_hangs_on_posts_that_are_gone_is_left_out_by_reason(db: Session, move: Move) -> None:
    report = move(
        Posts=[question(1)],
        Comments=[comment(1, 99)],
        Votes=[vote(1, 99, 2), vote(2, 99, 3), vote(3, 1, 8), vote(4, 1, 16), vote(5, 1, 77)],
        PostLinks=[link(1, 1, 99, 1), link(2, 1, 1, 3)],
        Badges=[{"Id": 1, "UserId": 99, "Name": "Informed", "Date": f"{DAY}09:00:00", "Class": 3}],
        PostHistory=[history(1, 99, 2, "a", "text"), history(2, 1, 33, "b")],
    )
    assert report.files["Comments"].left_out == {"its post is not in the dump, or was left out": 1}
    assert report.files["Votes"].left_out == {
        "its post is not in the dump, or was left out": 2,
        "a bounty (VoteTypeId 8)": 1,
        "an approved edit (VoteTypeId 16)": 1,
        "an unknown kind of vote (VoteTypeId 77)": 1,
    }
    assert sum(report.files["PostLinks"].left_out.values()) == 2
    assert report.files["Badges"].left_out == {"its member is not in the dump": 1}
    assert sum(report.files["PostHistory"].left_out.values()) == 2
    assert all(file.read == file.taken + sum(file.left_out.values()) for file in report.files.values())


def test_favourites_become_follows_once_a_member(db: Session, move: Move) -> None:
    report = move(
        Posts=[question(1), answer(2, 1)],
        Votes=[vote(1, 1, 5, UserId=1), vote(2, 1, 5, UserId=1), vote(3, 2, 5, UserId=2), vote(4, 1, 5)],
    )
    assert len(db.exec(select(Follow).where(Follow.question_id == titled(db, 1).id)).all()) == 2
    assert (report.files["Votes"].read, report.files["Votes"].taken) == (4, 2)


def test_badges_keep_their_metal(db: Session, move: Move) -> None:
    badge = {"UserId": 1, "Date": f"{DAY}09:00:00.000"}
    move(Badges=[{**badge, "Id": 1, "Name": "Guru", "Class": 2}, {**badge, "Id": 2, "Name": "Old"}])
    assert sorted(db.execute(select(BadgeAward.name, BadgeAward.metal))) == [
        ("Guru", "silver"),
        ("Old", "bronze"),
    ]


def test_comments_are_markdown_and_long_ones_are_cut_and_said(db: Session, move: Move) -> None:
    report = move(
        Posts=[question(1)], Comments=[comment(1, 1, "See *this*: `a < b`"), comment(2, 1, "x" * 1600)]
    )
    short, long = db.exec(select(Comment).order_by(col(Comment.id))).all()
    assert short.body_html == "<p>See <em>this</em>: <code>a &lt; b</code></p>\n"
    assert len(long.body) == 1500
    assert report.files["Comments"].adapted == {"it was cut to 1,500 characters": 1}


def test_of_a_million_reasons_the_report_names_a_hundred(move: Move) -> None:
    unknown: dict[str, Any] = {f"a{number}": "x" for number in range(2000)}
    report = move(Posts=[question(1, **unknown), question(2, a1="x")]).files["Posts"]
    assert len(report.adapted) == 101
    assert sum(report.adapted.values()) == 2001
    assert (report.read, report.taken) == (2, 2)


# -- closed, duplicate, locked, removed


def test_a_duplicate_names_the_end_of_the_chain(db: Session, move: Move) -> None:
    move(
        Posts=[question(1), question(2), question(3, ClosedDate=f"{DAY}20:00:00.000")],
        PostLinks=[link(1, 3, 2, 3), link(2, 2, 1, 3), link(3, 1, 3, 1)],
    )
    root = titled(db, 1)
    assert root.duplicate_of_id is None
    assert titled(db, 2).duplicate_of_id == root.id
    assert titled(db, 2).closed_at == datetime(2016, 12, 6, 12, 0, tzinfo=UTC)
    assert titled(db, 3).duplicate_of_id == root.id
    assert titled(db, 3).closed_at == datetime(2016, 12, 6, 20, 0, tzinfo=UTC)
    assert sorted(db.exec(select(PostLink.kind))) == ["duplicate", "duplicate", "linked"]


def test_of_several_originals_the_best_is_taken(db: Session, move: Move) -> None:
    move(
        Posts=[question(1, Score=1), question(2, Score=9), question(3)],
        PostLinks=[link(1, 3, 1, 3), link(2, 3, 2, 3)],
    )
    assert titled(db, 3).duplicate_of_id == titled(db, 2).id


def test_a_circle_of_duplicates_is_opened_at_its_best(db: Session, move: Move) -> None:
    report = move(
        Posts=[question(1), question(2, Score=4), question(3)],
        PostLinks=[link(1, 1, 2, 3), link(2, 2, 3, 3), link(3, 3, 1, 3)],
    )
    best = titled(db, 2)
    assert best.duplicate_of_id is None
    assert {titled(db, 1).duplicate_of_id, titled(db, 3).duplicate_of_id} == {best.id}
    assert report.files["PostLinks"].adapted == {"originals name each other in a circle, which was opened": 1}


def test_history_tells_why_and_by_whom_a_question_is_closed(db: Session, move: Move) -> None:
    move(
        Posts=[question(1, ClosedDate=f"{DAY}13:05:00.000"), question(2), question(3)],
        PostHistory=[
            history(5, 1, 10, "a", Comment="103"),
            history(6, 2, 10, "b", Comment="102"),
            history(7, 2, 11, "c"),
            history(8, 3, 10, "d", Comment="101"),
        ],
    )
    unclear, reopened, alone = titled(db, 1), titled(db, 2), titled(db, 3)
    assert (unclear.close_reason, unclear.closed_by_id) == ("unclear", unclear.author_id)
    assert not reopened.is_closed
    assert alone.is_closed  # as a duplicate of something that is not named
    assert alone.duplicate_of_id is None


def test_locked_and_removed_posts_stay_so(db: Session, move: Move) -> None:
    move(
        Posts=[question(1, AcceptedAnswerId=2, AnswerCount=2), answer(2, 1, owner=2), answer(3, 1, owner=1)],
        PostHistory=[
            history(1, 1, 14, "a"),
            history(2, 2, 12, "b"),
            history(3, 3, 12, "c"),
            history(4, 3, 13, "d"),
        ],
    )
    asked = titled(db, 1)
    hidden, back = dumps.answers_of(db, asked)
    assert asked.is_locked
    assert (hidden.removal, hidden.removed_by_id) == ("hidden", asked.author_id)
    assert not back.is_removed
    assert asked.answer_count == 1
    assert asked.accepted_answer_id is None


# -- revisions


def test_revisions_carry_on_what_an_edit_left_alone(db: Session, move: Move) -> None:
    move(
        Posts=[question(1, Title="Question 1", LastEditDate=f"{DAY}13:06:00.000", LastEditorUserId=2)],
        PostHistory=[
            history(1, 1, 2, "first", "Old *text*\r\n\r\nmore"),
            history(2, 1, 1, "first", "Old title"),
            history(3, 1, 3, "first", "<printer>"),
            history(4, 1, 5, "second", "New text", Comment="clearer", UserId=2),
            history(5, 1, 4, "third", "Question 1"),
            history(6, 1, 8, "fourth", "Old *text*\r\n\r\nmore", Comment="rolled back"),
            history(7, 1, 7, "fourth", "Old title"),
        ],
    )
    asked = titled(db, 1)
    rows = db.exec(select(Revision).order_by(col(Revision.number))).all()
    assert [row.title for row in rows] == ["Old title", "Old title", "Question 1", "Old title"]
    assert [row.body for row in rows] == ["Old *text*\n\nmore", "New text", "New text", "Old *text*\n\nmore"]
    assert [row.tags for row in rows] == [["printer"]] * 4
    assert [row.restores for row in rows] == [None, None, None, 1]
    assert rows[1].summary == "clearer"
    assert rows[1].editor_id != asked.author_id
    assert (asked.body, asked.revision) == (rows[-1].body, 4)


def test_without_history_the_text_is_made_from_html(db: Session, move: Move) -> None:
    move(Posts=[question(1, Body="<p>Press <code>F2</code></p>")])
    asked = titled(db, 1)
    assert asked.body.strip() == "Press `F2`"
    (revision,) = db.exec(select(Revision)).all()
    assert (revision.number, revision.body, revision.title) == (1, asked.body, "Question 1")


def test_an_edit_that_the_history_lacks_is_the_last_revision(db: Session, move: Move) -> None:
    report = move(
        Posts=[question(1, Body="<p>New</p>", LastEditDate="2017-01-01T00:00:00.000", LastEditorUserId=2)],
        PostHistory=[history(1, 1, 2, "a", "Old"), history(2, 1, 1, "a", "T"), history(3, 1, 3, "a", "<x>")],
    )
    bodies = db.exec(select(Revision.body).order_by(col(Revision.number))).all()
    assert [body.strip() for body in bodies] == ["Old", "New"]
    assert "its present text is not in the history" in next(iter(report.files["Posts"].adapted))


# -- the community it comes into


def test_it_goes_under_a_brand_of_its_name_or_a_given_product(db: Session, move: Move) -> None:
    taken = make_product(db, slug="site", name="Site")
    move(Posts=[question(1)])
    brand = db.get_one(Product, titled(db, 1).product_id)
    assert (brand.name, brand.slug, brand.kind, brand.question_count) == ("site", "site-2", "brand", 1)

    move(source="other", Posts=[question(2, AcceptedAnswerId=3), answer(3, 2)], product_slug="site")
    db.refresh(taken)
    assert titled(db, 2).product_id == taken.id
    assert (taken.question_count, taken.solved_count) == (1, 1)


def test_an_unknown_product_is_refused_before_anything_is_taken(db: Session, move: Move) -> None:
    with pytest.raises(Invalid, match='no product with the address "nope"'):
        move(Posts=[question(1)], product_slug="nope")
    assert dumps.count_of(db, User) == 0


def test_two_sources_with_the_same_ids_live_beside_what_was_there(db: Session, move: Move) -> None:
    present = make_question(db, title="Was here before")
    move(source="one", Posts=[question(1, Title="From one")])
    move(source="two", Posts=[question(1, Title="From two")])
    assert sorted(db.exec(select(Question.title))) == ["From one", "From two", "Was here before"]
    assert db.exec(select(Revision.body).where(Revision.post_id == present.id)).one() == present.body


def test_a_finished_import_takes_nothing_anew(db: Session, move: Move) -> None:
    tables = {"Posts": [question(1), answer(2, 1)], "Votes": [vote(1, 1, 5, UserId=2)]}
    first = move(**tables)
    before = dumps.picture(db)
    second = move(**tables)
    assert (first.is_new, second.is_new) == (True, False)
    assert second.files == first.files
    assert dumps.picture(db) == before


def test_another_dump_under_the_same_name_is_refused(db: Session, move: Move) -> None:
    move(Posts=[question(1)])
    with pytest.raises(Conflict, match="stands for another dump"):
        move(Posts=[question(1), question(2)])


def test_the_search_index_hears_of_it_and_nobody_else(
    db: Session, move: Move, drain: Callable[[Session], None]
) -> None:
    move(Posts=[question(1), answer(2, 1)], Comments=[comment(1, 1)])
    ours = titled(db, 1)
    told = db.exec(select(OutboxEvent).where(OutboxEvent.name == "ContentMovedIn")).one()
    assert (told.payload["first_id"], told.payload["last_id"]) == (ours.id, ours.id)
    names = db.exec(select(OutboxEvent.name)).all()
    assert not {"QuestionAsked", "AnswerPosted", "CommentPosted"} & set(names)
    drain(db)
    assert dumps.count_of(db, Notification) == 0
    assert dumps.count_of(db, OutgoingEmail) == 0


def test_damaged_files_are_refused_before_anything_is_taken(db: Session, move: Move, tmp_path: Path) -> None:
    folder = dumps.write(tmp_path / "site", Votes=[vote(1, 1, 2)])
    votes = (folder / "Votes.xml").read_bytes()
    (folder / "Votes.xml").write_bytes(votes[:-20])
    with pytest.raises(importing.DumpError, match=r"Votes\.xml is cut off or damaged"):
        move(Posts=[question(1)])
    assert dumps.count_of(db, User) == dumps.count_of(db, Post) == 0


@pytest.mark.parametrize("name", ["", " ", "x" * 61])
def test_a_source_has_a_name_of_some_length(db: Session, tmp_path: Path, now: datetime, name: str) -> None:
    folder = dumps.write(tmp_path / "dump", Users=[], Posts=[])
    with pytest.raises(Invalid, match="--name"):
        importing.import_dump(db, folder=folder, source=name, now=now, progress=Silence(), helpers=0)


# -- rows that real dumps rarely have, and hostile ones may


def test_a_revision_by_nobody_in_particular_comes_in(db: Session, move: Move) -> None:
    """Dumps name neither id nor name where an editor's account was removed."""
    nobody = history(2, 1, 5, "b", "changed")
    del nobody["UserId"]
    move(Posts=[question(1)], PostHistory=[history(1, 1, 2, "a", "first"), nobody])
    asked = titled(db, 1)
    last = db.exec(select(Revision).where(Revision.post_id == asked.id, Revision.number == 2)).one()
    assert db.get_one(User, last.editor_id).display_name == "Unknown author"
    assert db.get_one(User, asked.author_id).display_name == "Ann"


def test_a_history_that_never_tells_the_text_does_not_empty_the_post(db: Session, move: Move) -> None:
    report = move(Posts=[question(1)], PostHistory=[history(1, 1, 4, "a", "Question 1")])
    assert titled(db, 1).body == "Body of 1"
    assert report.files["Posts"].adapted == {
        "its present text is not in the history: its text was made from HTML": 1
    }


def test_an_answer_to_an_answer_is_left_out_and_said(db: Session, move: Move) -> None:
    report = move(Posts=[question(1), answer(2, 1), answer(3, 2)])
    assert report.files["Posts"].left_out == {"its question is not in the dump": 1}
    assert titled(db, 1).answer_count == 1


def test_an_answer_that_another_question_accepted_too_stays_accepted_by_its_own(
    db: Session, move: Move
) -> None:
    report = move(
        Posts=[question(1, AcceptedAnswerId=2, AnswerCount=1), answer(2, 1), question(3, AcceptedAnswerId=2)],
        Votes=[vote(1, 2, 1)],
    )
    assert titled(db, 1).accepted_answer_id is not None
    assert titled(db, 3).accepted_answer_id is None
    assert report.files["Votes"].taken == 1
    assert report.files["Posts"].adapted == {"its accepted answer is not in the dump or not its own": 1}


def test_ids_may_be_larger_than_ours_can_be(db: Session, move: Move) -> None:
    big = 2**31
    report = move(
        Users=[user(big + 1, "Ann"), user(2, "Bob")],
        Posts=[
            question(big + 2, owner=big + 1, AcceptedAnswerId=big + 3, AnswerCount=1),
            answer(big + 3, big + 2),
        ],
        Comments=[comment(big + 4, big + 3, UserId=big + 1)],
        Votes=[vote(big + 5, big + 3, 1)],
        PostHistory=[history(big + 6, big + 2, 2, "a", "told")],
    )
    asked = titled(db, big + 2)
    assert (asked.body, asked.accepted_answer_id is not None) == ("told", True)
    assert {name: file.left_out for name, file in report.files.items() if file.left_out} == {}
    assert {name: file.taken for name, file in report.files.items()} == {
        "Users": 2, "Posts": 2, "Comments": 1, "Votes": 1, "PostHistory": 1,
    }  # fmt: skip


def test_a_date_before_the_first_year_is_none(db: Session, move: Move) -> None:
    report = move(Posts=[question(1, CreationDate="0001-01-01T00:00:00+05:00")])
    assert report.files["Posts"].left_out == {"it has no date that can be read": 1}


def test_what_a_post_loses_is_said(move: Move) -> None:
    report = move(
        Posts=[
            question(1, Body='<p><img src="https://i.example/a.png" alt="a"></p><script>alert(1)</script>'),
            question(2, ViewCount=2**31),
            answer(3, 1, LastActivityDate=f"{DAY}23:00:00.000"),
        ]
    )
    assert report.files["Posts"].adapted == {
        "its images became links": 1,
        "what runs or loads was taken out of its HTML": 1,
        "its ViewCount is no number that can be kept": 1,
        "it is an answer, whose LastActivityDate was not kept": 1,
    }


def test_what_is_cut_is_said(move: Move) -> None:
    report = move(
        Users=[user(1, "Ann", Location="L" * 101, EmailHash="zz"), user(2)],
        Posts=[question(1)],
        PostHistory=[history(1, 1, 2, "a", "text", Comment="c" * 301)],
        Badges=[{"Id": 1, "UserId": 1, "Name": "b" * 61, "Date": f"{DAY}09:00:00", "Class": 1}],
    )
    assert {name: file.adapted for name, file in report.files.items() if file.adapted} == {
        "Users": {"its location was cut to 100 characters": 1, "its EmailHash is none, and was not kept": 1},
        "PostHistory": {"its comment was cut to 300 characters": 1},
        "Badges": {"its name was cut to 60 characters": 1},
    }
