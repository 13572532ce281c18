"""The help page on deadlines: what it says is what the engine computes."""

from __future__ import annotations

from app.web.deadline_examples import examples, story
from tests.support.browser import Browser


def test_the_examples_are_the_specifications() -> None:
    assert [(each.start, each.target, each.due) for each in examples()] == [
        ("Fri 20 Nov, 16:30", "1 h", "Mon 23 Nov, 09:30"),
        ("Mon 23 Nov, 11:30", "1 h", "Mon 23 Nov, 14:00"),
        ("Thu 24 Dec, 16:30", "1 h", "Mon 28 Dec, 09:30"),
        ("Sat 31 Oct, 22:00", "9 h", "Sun 1 Nov, 06:00"),
        ("Sat 7 Mar, 22:00", "7 h", "Sun 8 Mar, 06:00"),
    ]


def test_the_story_adds_up() -> None:
    assert [(each.at, each.used, each.left, each.due) for each in story()] == [
        ("Fri 20 Nov, 15:00", "0 h", "8 h", "Mon 23 Nov, 15:00"),
        ("Fri 20 Nov, 16:00", "1 h", "7 h", "paused"),
        ("Mon 23 Nov, 13:00", "1 h", "7 h", "Tue 24 Nov, 12:00"),
        ("Mon 23 Nov, 15:00", "3 h", "1 h", "Mon 23 Nov, 16:00"),
        ("Mon 23 Nov, 15:45", "3 h 45 m", "0 h 15 m", "Mon 23 Nov, 16:00"),
    ]


def test_everybody_can_read_them(client: Browser) -> None:
    page = client.get("/help/deadlines").text
    for each in examples():
        assert each.due in page
    for moment in story():
        assert moment.due in page
        assert moment.what in page
