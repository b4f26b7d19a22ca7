"""A value that stands where the recording has a placeholder: a stand-in for the secret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.replay._standins import MAX_VALUE, stand_ins

ONE, TWO = "[redacted:secret-1]", "[redacted:secret-2]"
words = st.text("abcXYZ019 .,:;{}[]&=%/", max_size=12)
tokens = st.text("abcXYZ0123456789-_", min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("recorded", "asked", "values"),
    [
        (f"key {ONE}!", "key dummy!", {"dummy"}),
        (f"{ONE}", "dummy", {"dummy"}),
        (f"{ONE} and {TWO}", "a and b", {"a", "b"}),
        (f"{ONE} and {ONE}", "a and a", {"a"}),
        ("GET\nhttps://h/?k=%5Bredacted%3Asecret-1%5D", "GET\nhttps://h/?k=a%3Ab", {"a:b"}),
        (f"{ONE} {TWO}", f"plain {ONE}", {"plain"}),
        (f"{ONE} {ONE}", f"plain {TWO}", {"plain"}),
        (f"a.b.{ONE}.c", "a.b.x.y.c", {"x.y"}),
    ],
)
def test_what_stands_there_is_found(recorded: str, asked: str, values: set[str]) -> None:
    """Texts that are equal but for placeholders give the values that stand in their places."""
    assert stand_ins(recorded, asked) == values


@pytest.mark.parametrize(
    ("recorded", "asked"),
    [
        ("key dummy!", "key dummy!"),
        (f"key {ONE}!", "keys dummy!"),
        (f"key {ONE}!", "key dummy?"),
        (f"key {ONE}!", "key !"),
        (f"key {ONE}!", "key two words!"),
        (f"{ONE} and {ONE}", "a and b"),
        (f"{ONE} and {TWO}", "a and a"),
        (f"{ONE}{TWO}", "ab"),
        (f"key {ONE}!", f"key {'x' * (MAX_VALUE + 1)}!"),
        (f"{ONE} and {TWO}", f"{'x' * (MAX_VALUE + 1)} and b"),
        ("to [redacted:email-1]", "to bob"),
        (f"rm {ONE}", "rm /var/data-1;ls"),
        (f"/u/{ONE}", "/u/a/b/other-user"),
    ],
)
def test_what_differs_otherwise_is_another_request(recorded: str, asked: str) -> None:
    """Other words, several words, or another pattern of equal values are no stand-ins."""
    assert stand_ins(recorded, asked) is None


@given(literals=st.lists(words, min_size=2, max_size=6), values=st.lists(tokens, min_size=5, max_size=5))
def test_a_masked_text_fits_what_it_was_made_of(literals: list[str], values: list[str]) -> None:
    """Values behind a separator that they cannot hold are found again, whatever stands around them."""
    names = {value: f"[redacted:secret-{number}]" for number, value in enumerate(dict.fromkeys(values), 1)}
    pairs = list(zip(literals, values, strict=False))
    recorded = "".join(f'{literal}"{names[value]}"' for literal, value in pairs)
    asked = "".join(f'{literal}"{value}"' for literal, value in pairs)
    assert stand_ins(recorded, asked) == {value for _, value in pairs}
