"""The register of approvals, and what breaks the promise that approved versions stay."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Level, MergeConflict, PromptEdited, PromptInvalid
from agentops_eval.evals.prompts import (
    State,
    approval_line,
    check_prompts,
    last_ids,
    log_of,
    read_register,
)
from tests.evals.prompts._kit import approved, book, made, v

ONE, TWO, THREE = (made(f"Text {number}.", f"1.{number}.0") for number in (1, 2, 3))
FIRST = approved(ONE, role="support lead")
SECOND = approved(TWO, after=[FIRST])
THIRD = approved(THREE, after=[SECOND])


def lines(*approvals):
    """A register of these approvals."""
    return "".join(map(approval_line, approvals)).encode()


def rules(*approvals, prompts=(ONE, TWO, THREE), **more):
    """What a check finds, without notes."""
    found = check_prompts(book(*prompts, approvals=read_register(lines(*approvals), where="r")), **more)
    return [one.rule for one in found if one.level is not Level.INFO]


def test_a_register_is_read_as_it_is_written():
    """Each line is one approval, and knows where it stands."""
    read = read_register(lines(FIRST, SECOND), where="r")
    assert read == (replace(FIRST, line=1), replace(SECOND, line=2))
    assert [one.id for one in read] == [FIRST.id, SECOND.id]


def test_lines_of_two_branches_merge_in_any_order():
    """Approvals of two branches name the same line before them, and the next one names them both."""
    left, right = approved(TWO, after=[FIRST]), approved(THREE, after=[FIRST])
    for order in ((FIRST, left, right), (right, FIRST, left, left)):
        read = read_register(lines(*order), where="r")
        assert last_ids(read) == tuple(sorted([left.id, right.id]))
        assert rules(*order) == []


DAMAGED = {
    "cut": (lines(FIRST)[:60], "no JSON"),
    "list": (b"[1]\n", "no JSON object"),
    "unknown": (b'{"prompt": "a", "who": "me"}\n', "unknown key 'who'"),
    "lacking": (b'{"prompt": "a"}\n', "version is not there"),
    "digest": (lines(FIRST).replace(b"sha256:", b"sha255:"), "digest is none"),
    "version": (lines(FIRST).replace(b'"1.1.0"', b'"1.x"'), "is no version"),
    "after": (lines(FIRST).replace(b'"role"', b'"after": 1, "role"'), "after is no list"),
    "bytes": (b"\xff\n", "not UTF-8"),
}


@pytest.mark.parametrize("case", DAMAGED, ids=str)
def test_damage_is_an_error_with_its_line(case):
    """A line that is no approval is named, with how to get it back."""
    data, said = DAMAGED[case]
    with pytest.raises(PromptInvalid) as caught:
        read_register(b"\n" + data, where="prompts/approved.jsonl")
    assert (caught.value.where, said in caught.value.what) == ("prompts/approved.jsonl:2", True), caught.value
    assert caught.value.remedy == "restore it: git restore prompts/approved.jsonl"


@pytest.mark.parametrize("mark", ["<<<<<<< HEAD", "=======", ">>>>>>> other", "||||||| base"])
def test_a_merge_conflict_is_named(mark):
    """Conflict marks are an error of their own, which says how to resolve it for good."""
    with pytest.raises(MergeConflict, match="merge=union"):
        read_register(lines(FIRST) + mark.encode() + b"\n", where="r")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_register_or_an_error_of_ours(data):
    """Whatever a register holds, reading it gives approvals or an error."""
    try:
        read = read_register(data, where="r")
    except (PromptInvalid, MergeConflict):
        return
    assert not read or b"sha256:" in data


def test_a_project_in_order_has_no_finding():
    """Approved versions that stand as they were are no finding."""
    assert rules(FIRST, SECOND, THIRD) == []


def test_an_edited_version_is_an_error_that_shows_both():
    """A version that was edited after its approval shows both digests and a version that is free."""
    edited = made("Text 1, edited.", "1.1.0")
    prompts = book(edited, TWO, approvals=[FIRST, SECOND])
    assert rules(FIRST, SECOND, prompts=(edited, TWO)) == ["prompt-edited"]
    with pytest.raises(PromptEdited, match="AE504") as caught:
        prompts.refuse_edited(edited)
    assert ONE.digest[:19] in caught.value.difference
    assert edited.digest[:19] in caught.value.difference
    assert "version 1.2.1" in caught.value.remedy
    assert caught.value.exit_code == 1


def test_a_file_that_is_gone_is_an_error():
    """An approved version without a file is named with the line that approved it."""
    assert rules(FIRST, SECOND, prompts=(TWO,)) == ["prompt-gone"]


def test_a_line_that_was_taken_out_is_missed_by_its_successor():
    """An approval that a later one came after is named, though its line is gone."""
    found = check_prompts(book(ONE, TWO, THREE, approvals=[FIRST, THIRD]))
    assert [
        (one.rule, "the approval of desk 1.2.0" in one.message) for one in found if one.level is Level.ERROR
    ] == [("approval-gone", True)]


def test_the_last_line_is_missed_by_the_history():
    """An approval that an earlier state of the register held is named, unless the same stands there again."""
    assert rules(FIRST, earlier=[FIRST, SECOND]) == ["approval-gone"]
    again = replace(SECOND, approved_at="2027-01-01T00:00:00Z")
    assert rules(FIRST, again, earlier=[FIRST, SECOND]) == []


def test_one_version_approved_as_two_things_is_an_error():
    """Two branches that approved different texts under one version are told so after the merge."""
    other = approved(made("Another text.", "1.1.0"))
    assert rules(FIRST, other) == ["approved-twice"]


def test_secrets_and_drafts_are_noted():
    """A prompt that holds what looks like a secret is a warning, a draft a note."""
    found = check_prompts(
        book(ONE, THREE, approvals=[approved(THREE)]), secrets=lambda text: [text] if "3" in text else []
    )
    assert [(one.rule, one.level.value) for one in found] == [
        ("prompt-secret", "warn"),
        ("prompt-draft", "info"),
    ]
    assert "though 1.3.0 is" in found[1].message


def test_a_prompt_is_found_by_name_and_version():
    """Without a version it is the latest, and the latest approved one where that is asked for."""
    prompts = book(TWO, ONE, THREE, approvals=[FIRST, SECOND])
    assert [prompts.find("desk", asked) for asked in (None, "latest", "approved", "v1.1")] == [
        THREE,
        THREE,
        TWO,
        ONE,
    ]
    assert [prompts.state_of(one) for one in (ONE, THREE)] == [State.APPROVED, State.DRAFT]


@pytest.mark.parametrize(
    ("name", "version", "said"),
    [
        ("dsk", None, "did you mean 'desk'?"),
        ("desk", "2", "use one of 1.1.0, 1.2.0, 1.3.0"),
        ("desk", "x", "is no version"),
        ("desk", "approved", "agentops-eval prompt approve desk 1.3.0"),
    ],
    ids=["name", "version", "nonsense", "none-approved"],
)
def test_what_there_is_not_is_an_error_with_what_there_is(name, version, said):
    """A name or version that does not exist is answered with those that do."""
    with pytest.raises(PromptInvalid) as caught:
        book(ONE, TWO, THREE).find(name, version)
    assert said in str(caught.value)


def test_two_files_of_one_version_are_an_error():
    """Nobody could say which of them is meant."""
    with pytest.raises(PromptInvalid, match=r"two files hold desk 1\.1\.0"):
        book(ONE, made("Other.", "v1.1"))


def test_the_log_tells_each_version_against_the_one_before():
    """Versions stand in their order, with what they changed, and those without a file among them."""
    log = log_of(book(ONE, THREE, approvals=[FIRST, SECOND]), "desk")
    assert [(one.version, one.state.value) for one in log] == [
        (v("1.1"), "approved"),
        (v("1.2"), "gone"),
        (v("1.3"), "draft"),
    ]
    assert log[0].diff is None
    assert log[2].diff is not None
    assert (log[2].diff.removed_words, log[2].diff.added_words, log[2].diff.changed) == (1, 1, ())
