# ruff: noqa: RUF001  (letters that look alike are what this file is about)
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.core.handles import RESERVED, check_display_name, check_handle, skeleton, suggest_handle

# letters and marks, so no category gives them away: fillers, a joiner, selectors of a variant
SHOWS_NOTHING = ("\u034f", "\u115f", "\u1160", "\u3164", "\uffa0", "\u17b4", "\u180b", "\ufe0f", "\U000e0100")


@pytest.mark.parametrize(
    "handle",
    ["mara", "Mara_K", "o-neil", "h\u00e9lo\u00efse", "Ольга", "张伟_2", "नमस्ते", "ガンダム", "x86.fan"],
)
def test_a_handle_of_letters_digits_and_single_joints_is_taken(handle: str) -> None:
    assert check_handle(handle) == handle


def test_a_handle_comes_back_in_its_normal_form() -> None:
    assert check_handle(" ｍａｒａ ") == "mara"
    assert check_handle("he\u0301le\u0300ne") == "h\u00e9l\u00e8ne"


@pytest.mark.parametrize(
    "handle",
    [
        "", "ab", "x" * 31, "-mara", "mara-", "ma--ra", "ma ra", "ma/ra", "ma@ra", "ma<b>ra", "../etc", "%2e%2e",
        "ma\u200bra", "ma\u202era", "ma\u2066ra", "ma\x00ra", "ma\nra", "ma\ufeffra", "ma\u00adra", "ma\ud800ra",
        "mаra", "Αdam", "ma💥ra", "ma✓ra", "\u0301mara", *(f"mara{mark}" for mark in SHOWS_NOTHING),
    ],
)  # fmt: skip
def test_odd_handles_are_refused(handle: str) -> None:
    with pytest.raises(Invalid):
        check_handle(handle)


@pytest.mark.parametrize(
    "handle",
    [*sorted(RESERVED - {"me"}), "Admin", "adm1n", "ad-min", "supp0rt", "ｓｔａｆｆ"],
)
def test_names_of_those_who_run_the_place_are_kept(handle: str) -> None:
    with pytest.raises(Invalid):
        check_handle(handle)


def test_those_who_run_the_place_may_have_them() -> None:
    assert check_handle("support", may_be_reserved=True) == "support"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mara", "MARA"), ("mara", "m-a.ra"), ("mara", "mára"), ("paul", "pau1"), ("paul", "PauI"), ("moo", "m00"),
        ("mara", "ｍara"), ("corner", "comer"), ("оса", "oca"), ("sosa", "$o5a"),
        ("mara", "ma\u1ab0ra"), ("mara", "ma\u20d2ra"),
    ],
)  # fmt: skip
def test_what_looks_alike_has_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"), [("mara", "nara"), ("user12", "user13"), ("anna", "hanna"), ("ольга", "олга")]
)
def test_what_looks_different_has_another(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@given(st.text(max_size=40))
def test_a_skeleton_of_a_skeleton_is_itself(text: str) -> None:
    assert skeleton(skeleton(skeleton(text))) == skeleton(skeleton(text))


@pytest.mark.parametrize(
    "name",
    [
        "Mara K.",
        "Jörg O’Neil",
        "Anne-Marie (Bonn)",
        "عمر خالد",
        "山田 太郎",
        "R2 D2",
        "Ольга",
    ],
)
def test_a_name_as_people_write_it_is_taken(name: str) -> None:
    assert check_display_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "...", "x" * 61, "Mara ✓", "Mara ☑️", "Mara 🛡", "Mara\u200b", "\u202eMara", "Ma\x07ra", "Маria",
        "<b>Mara</b>", "Mara\ud800", "{{7*7}}", "Mara\u061c", *(f"Mara{mark}" for mark in SHOWS_NOTHING),
    ],
)  # fmt: skip
def test_odd_names_are_refused(name: str) -> None:
    with pytest.raises(Invalid):
        check_display_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Support",
        "Peerdesk Support",
        "The Admin",
        "M.o.d.e.r.a.t.o.r",
        "S T A F F",
        "Off1cial",
        "ｓｔａｆｆ",
        "Official-Helper",
    ],
)
def test_no_name_passes_for_staff(name: str) -> None:
    with pytest.raises(Invalid):
        check_display_name(name)
    assert check_display_name(name, may_claim_role=True)


def test_line_ends_in_names_become_spaces() -> None:
    assert check_display_name("Mara\r\n\u2028Bcc") == "Mara Bcc"


@given(st.text(max_size=60))
def test_any_name_suggests_a_handle_that_is_one(name: str) -> None:
    suggested = suggest_handle(name)
    assert check_handle(suggested, may_be_reserved=True) == suggested


@pytest.mark.parametrize(
    ("name", "handle"),
    [("John Doe", "John-Doe"), ("admin", "member-admin"), ("!!", "member"), ("Ёлка", "Ёлка")],
)
def test_suggested_handles_stay_near_the_name(name: str, handle: str) -> None:
    assert suggest_handle(name) == handle
