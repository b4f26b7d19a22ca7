"""YAML is read strictly: JSON's values, no key twice, no alias without end, and the line of everything."""

from __future__ import annotations

import tracemalloc

import pytest

from agentops_eval.documents import MAX_BYTES
from tests.documents._kit import read, refused


def value(text: str | bytes):
    return read(text).value


@pytest.mark.parametrize(
    "text",
    "no yes on off y n No 2026-11-26 2026-11-26T10:00:00Z 12:30:00 1_000 007 0x1F 0o17 +49 .5 5. .nan .inf 1e"
    "".split(),
)
def test_what_json_would_not_read_is_text(text):
    """Plain scalars that YAML 1.1 turns into something else stay what was written."""
    assert value(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1", 1),
        ("-0.5", -0.5),
        ("1e3", 1000.0),
        ("59.90", 59.9),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ('"1"', "1"),
        ("'true'", "true"),
        ("!!str 1", "1"),
    ],
    ids=str,
)
def test_what_json_reads_is_read(text, meant):
    """Numbers, truth and null are those of JSON, unless they are quoted."""
    found = value(f"a: {text}")["a"]
    assert (found, type(found)) == (meant, type(meant))


@pytest.mark.parametrize(
    ("text", "line", "said", "fix"),
    [
        ("a: 1\nb: 2\na: 3", 3, 'the field "a" is there twice, on line 1 and here', "leave one"),
        ("a: *b", 1, "nothing is anchored as &b", ""),
        ("a: &a [*a]", 1, "stands inside of what it names", ""),
        ("a:\n\t- b", 2, "is not YAML", "indent with spaces"),
        ("a: b: c", 1, "mapping values are not allowed", "quote the text"),
        ("a: 1\n---\nb: 2", 2, "several documents", "leave one"),
        ("a: !!python/object:os.system x", 1, "the tag", "leave it out"),
        ("a: !env HOME", 1, "the tag", "leave it out"),
        ("? [a]\n: b", 1, "a field's name is a list or a mapping", "quote"),
        ("x: &k a\n*k : b", 2, "a field's name is an alias", "write the name out"),
        ("a: 1e999", 1, "too large a number", "write a smaller number; or quote it"),
        (f"a: {'9' * 5000}", 1, "too large a number", "quote it"),
        ("a:\n  <<: [1]", 2, "<< merges mappings", "<<: *name"),
        ("k: v\na: \x07", 2, "control characters", "take the control character out"),
        ("# nothing", 0, "nothing but comments", "write metrics"),
        ("  \n", 0, "is empty", "write metrics"),
        (b"", 0, "is empty", "write metrics"),
        (b"a: \xff", 1, "is not UTF-8", "save it as UTF-8"),
        ("a: b".encode("utf-16"), 0, "is in UTF-16", "save it as UTF-8"),
        (b"a: \0", 0, "is binary", ""),
        ("a: 'b", 1, "is not YAML", "brackets and quotes are closed"),
    ],
    ids=lambda one: None if isinstance(one, int) else repr(one)[:24],
)
def test_what_cannot_be_meant_is_refused_with_its_line(text, line, said, fix):
    """Each error names the line, what is wrong there, and how to mend it."""
    error = refused(text)
    assert error.where == (f"gate.yaml:{line}" if line else "gate.yaml")
    assert said in error.what
    assert fix in error.remedy


def test_aliases_and_merges_mean_what_they_stand_for():
    """An alias is its anchor's value; a merge gives the fields that the mapping does not have itself."""
    text = "x-a: &a {b: 1, c: 2}\nx-d: &d {c: 3, e: 4}\nl: [*a, {<<: *a, c: 5}, {<<: [*a, *d]}, {'<<': 1}]"
    assert value(text)["l"] == [{"b": 1, "c": 2}, {"b": 1, "c": 5}, {"b": 1, "c": 2, "e": 4}, {"<<": 1}]


def test_aliases_that_expand_without_end_are_refused_in_little_memory():
    """Ten levels of nine aliases each, 3 billion values when written out, cost no more than the text."""
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 11)]
    tracemalloc.start()
    try:
        error = refused("\n".join(lines))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "written out, the file has more than 1,000,000 values" in error.what
    assert peak < 2_000_000


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        "{a: " * 200_000,
        "- " * 200_000,
        "\n".join(f"a{n}: &a{n} [*a{n - 1}]" if n else "a0: &a0 [x]" for n in range(200)),
    ],
    ids=["lists", "mappings", "blocks", "aliases"],
)
def test_deep_nesting_is_refused(text):
    """Nesting is refused at 64 levels, before the depth could cost anything, by aliases as well."""
    assert "more than 64 levels deep" in refused(text).what


def test_a_file_that_is_too_long_is_refused_unread():
    """What is longer than a file may be is not parsed: 100 MB are refused as quickly as 17."""
    error = refused(b"a: b\n" * (MAX_BYTES // 5 + 1))
    assert "and a gate file may have 16,777,216" in error.what
    assert error.remedy == "leave out what is not needed"


def test_a_mark_at_the_beginning_and_line_ends_of_windows_do_not_count():
    """A byte order mark and CRLF change neither values nor lines."""
    document = read("\ufeffa:\r\n  - b\r\n  - c: |\r\n      one\r\n      two\r\n")
    assert document.value == {"a": ["b", {"c": "one\ntwo\n"}]}
    assert document.where(("a", 1, "c")) == "gate.yaml:3 a[1].c"


def test_lines_are_those_of_the_innermost_place_that_is_there():
    """A place within the document has its line; of one that is not there, the nearest around it counts."""
    document = read("x-a: &a\n  b: 1\nc:\n  - <<: *a\n    d: 2\n  - e\n")
    places = [(), ("c",), ("c", 0), ("c", 0, "d"), ("c", 0, "b"), ("c", 1), ("c", 1, "z"), ("c", 9), ("z",)]
    assert [document.line_of(place) for place in places] == [1, 3, 4, 5, 2, 6, 6, 3, 1]
