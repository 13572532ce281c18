from __future__ import annotations

import gzip
import threading
from importlib.resources import files

import pytest

from app.core.errors import Invalid
from app.core.passwords import MAX_LENGTH, check_strength, hash_password, needs_rehash, verify_password

GOOD = "violet kettle 9"


def test_a_password_belongs_to_its_hash_only() -> None:
    kept = hash_password(GOOD)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password(GOOD, kept)
    assert not verify_password("violet kettle 8", kept)
    assert not needs_rehash(kept)


def test_one_password_has_many_hashes() -> None:
    assert hash_password(GOOD) != hash_password(GOOD)


def test_the_most_used_passwords_of_our_length_that_came_out_in_breaches_are_refused() -> None:
    packed = files("app.core").joinpath("breached_passwords.txt.gz").read_bytes()
    listed = gzip.decompress(packed).decode().splitlines()
    assert len(set(listed)) >= 3_000  # ASVS 5.0, 6.2.4
    for password in listed:
        with pytest.raises(Invalid):
            check_strength(password)


@pytest.mark.parametrize("password", ["Gadgetry-2026", "support.acme", "rocketphone15"])
def test_a_password_is_not_made_of_the_names_of_the_place(password: str) -> None:
    with pytest.raises(Invalid, match="the name of this place"):
        check_strength(password, site=("Gadgetry", "support.acme.example", "support", "acme", "RocketPhone"))


def test_no_character_stands_for_another() -> None:
    assert not verify_password("\uff54wo kettles 9", hash_password("two kettles 9"))  # a full-width t


def test_it_matters_not_how_a_keyboard_composes_characters() -> None:
    assert verify_password("cafe\u0301 kettle 9", hash_password("caf\u00e9 kettle 9"))


@pytest.mark.parametrize("password", [GOOD, "nobody has this password", ""])
def test_no_password_fits_an_account_without_one(password: str) -> None:
    assert not verify_password(password, None)


@pytest.mark.parametrize("kept", ["", "unusable", "$argon2id$v=19$m=1", "5f4dcc3b5aa765d61d8327deb882cf99"])
def test_a_broken_hash_fits_nothing_and_is_made_anew(kept: str) -> None:
    assert not verify_password(GOOD, kept)
    assert needs_rehash(kept)


@pytest.mark.parametrize("password", ["x" * 100_000, "\ud800 lone surrogate", "nul\x00inside it"])
def test_odd_passwords_are_just_wrong(password: str) -> None:
    assert not verify_password(password, hash_password(GOOD))


def test_what_follows_the_longest_password_is_not_ignored() -> None:
    longest = "ab cd" * 51 + "e"
    assert len(longest) == MAX_LENGTH
    assert not verify_password(longest + "x", hash_password(longest))


def test_many_at_once_all_get_their_answer() -> None:
    kept, answers = hash_password(GOOD), []
    threads = [threading.Thread(target=lambda: answers.append(verify_password(GOOD, kept))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 6


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "correct staple battery",
        "Ünbequeme Wörter!",
        "кошка на крыше",
        "tr0ub4dor&3x",
        "a b c d e f g h",
    ],
)
def test_a_good_password_is_taken(password: str) -> None:
    check_strength(password, ["mara", "mara@example.org"])


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "nine char",
        "x1 " * 100,
        "aaaaaaaaaaaa",
        "abababababab",
        "abcabcabcabc",
        "abcdefghijklm",
        "9876543210",
        "password12",
        "P@ssw0rd123",
        "Sunshine2026!",
        "qwertyuiop",
        "1qaz2wsx3edc",
        "iloveyouforever",
        "mara-kowalski1",
        "kowalski@example.org",
    ],
)
def test_a_weak_password_is_refused_with_a_sentence(password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_strength(password, ["mara-kowalski", "kowalski@example.org"], field="new_password")
    assert refusal.value.field == "new_password"
    assert refusal.value.message.endswith(".")
