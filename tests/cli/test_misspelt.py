"""Options that there are not, and the list of commands."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli._kit import Commands


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ("trace show --ful x", "did you mean --full? all options:  agentops-eval trace show --help"),
        ("trace lint x --selct AL4", "did you mean --select? all options:  agentops-eval trace lint --help"),
        ("trace stats x --nonsense", "agentops-eval trace stats --help"),
        ("cassette show x --al", "did you mean --all? all options:  agentops-eval cassette show --help"),
        (
            "cassette prune x cli_shop:look --deep",
            "agentops-eval cassette prune -- MODULE:CALLABLE --deep (if it is an argument of the agent)",
        ),
        (
            "record --proxy node a.mjs --flag",
            "agentops-eval record --proxy -- node a.mjs --flag",
        ),
        (
            "replay --proxy --agent=desk --cassette x.jsonl node --flag 'two words'",
            "agentops-eval replay --proxy --agent=desk --cassette x.jsonl -- node --flag 'two words'",
        ),
    ],
)
def test_an_option_that_there_is_not_is_told_with_what_was_meant(
    ae: Commands, words: str, remedy: str
) -> None:
    """The nearest option; words for an agent only where the command runs one, with -- where it belongs."""
    done = ae(*shlex.split(words))
    assert (done.code, done.remedy.partition(", or ")[0]) == (2, remedy)


@pytest.mark.parametrize("group", ["", "trace", "cassette"])
def test_the_list_of_commands_is_whole(ae: Commands, group: str) -> None:
    """Every command says in one line what it does, none is cut off."""
    done = ae(*group.split(), "--help")
    listed = done.out.partition("Commands:\n")[2].splitlines()
    assert len(listed) >= 6
    assert [text for text in listed if "..." in text or not re.fullmatch(r"  [a-z]+ +[A-Z].*\.", text)] == []


def test_choices_stand_in_one_line(ae: Commands) -> None:
    """click lists them in lines of their own that begin with a tab; a message of ours has neither."""
    done = ae("judge", "label", "results.jsonl", "refund", "--why", "x")
    assert done.code == 2
    assert done.err.splitlines()[0] == "Missing option '--verdict'. Choose from: pass, fail"
    assert ae("judge", "label", "results.jsonl", "refund", "--why", "x", "--json").document["error"][
        "what"
    ] == ("Missing option '--verdict'. Choose from: pass, fail")
