"""Versions of prompts are semantic versions, in their order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.evals.prompts import Version, is_version

numbers = st.integers(0, 30)
identifiers = st.one_of(numbers.map(str), st.sampled_from(["a", "rc", "alpha", "B", "x-1", "-"]))
versions = st.builds(
    Version,
    major=numbers,
    minor=numbers,
    patch=numbers,
    pre=st.lists(identifiers, max_size=3).map(tuple),
)

# The example of Semantic Versioning 2.0.0, item 11, and numbers that are no text.
ORDER = """1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1
    1.0.0 1.0.1 1.2 1.9 1.10 2 10""".split()


@pytest.mark.parametrize(
    ("text", "same"), [("1", "1.0.0"), ("v1", "1.0.0"), ("1.4", "1.4.0"), ("v1.4.0", "1.4.0"), ("0", "0.0.0")]
)
def test_what_is_left_out_is_zero(text, same):
    """A version may be written in short, with a v or without."""
    assert (Version.parse(text), str(Version.parse(text))) == (Version.parse(same), same)


def test_versions_stand_in_their_order():
    """Numbers count as numbers, and a forerunner comes before its version."""
    read = [Version.parse(text) for text in ORDER]
    read.reverse()
    assert [str(version) for version in sorted(read)] == [str(Version.parse(text)) for text in ORDER]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v",
        "x",
        "1.",
        ".1",
        "1.2.3.4",
        "01",
        "1.02",
        "1.0-01",
        "1-",
        "1+b",
        "1 ",
        " 1",
        "V1",
        "\u0661",
        "1" * 10,
    ],
    ids=repr,
)
def test_anything_else_is_no_version(text):
    """What is no version is refused, with what is."""
    with pytest.raises(ValueError, match="is no version"):
        Version.parse(text)
    assert not is_version(text)


@given(versions)
def test_a_version_is_read_as_it_is_written(version):
    """Writing a version and reading it gives the version."""
    assert Version.parse(str(version)) == version


@given(versions, versions, versions)
def test_the_order_is_total(one, two, three):
    """Of two versions exactly one relation holds, and the order is transitive."""
    assert [one < two, one == two, one > two].count(True) == 1
    assert not (one <= two <= three) or one <= three
    assert (hash(one) == hash(two)) or one != two


@given(versions)
def test_the_next_version_is_above_and_no_forerunner(version):
    """What is offered as the next version is a release above this one."""
    assert version.next > version
    assert version.next.pre == ()
