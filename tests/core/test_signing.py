from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.core.signing import csrf_token, hash_token, new_token, sign, unsign

KEY = "k" * 40
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_signed_comes_back(payload: str) -> None:
    signed = sign(payload, purpose="flash", key=KEY, seconds=60, now=NOW)
    assert signed.isascii()
    assert unsign(signed, purpose="flash", key=KEY, now=NOW) == payload


def test_a_signature_ends() -> None:
    signed = sign("x", purpose="flash", key=KEY, seconds=60, now=NOW)
    assert unsign(signed, purpose="flash", key=KEY, now=NOW + timedelta(seconds=59)) == "x"
    assert unsign(signed, purpose="flash", key=KEY, now=NOW + timedelta(seconds=60)) is None


def test_a_signature_is_good_for_one_purpose_and_one_key() -> None:
    signed = sign("x", purpose="flash", key=KEY, seconds=60, now=NOW)
    assert unsign(signed, purpose="reset", key=KEY, now=NOW) is None
    assert unsign(signed, purpose="flash", key="j" * 40, now=NOW) is None


@given(st.data())
def test_no_changed_character_goes_unnoticed(data: st.DataObject) -> None:
    signed = sign("user 1", purpose="flash", key=KEY, seconds=60, now=NOW)
    at = data.draw(st.integers(0, len(signed) - 1))
    other = data.draw(st.characters().filter(lambda character: character != signed[at]))
    assert unsign(signed[:at] + other + signed[at + 1 :], purpose="flash", key=KEY, now=NOW) is None


@given(st.text())
def test_foreign_text_is_no_signature(text: str) -> None:
    assert unsign(text, purpose="flash", key=KEY) is None


def test_a_form_token_belongs_to_one_session_and_one_secret() -> None:
    assert csrf_token(KEY, "one") == csrf_token(KEY, "one")
    assert len({csrf_token(KEY, "one"), csrf_token(KEY, "two"), csrf_token("j" * 40, "one")}) == 3


def test_random_tokens_differ_and_are_kept_as_hashes() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) >= 43 and len(hash_token(token)) == 64 for token in tokens)
    assert not any(token in hash_token(token) for token in tokens)
