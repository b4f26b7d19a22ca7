"""What scenario files that cannot be read say is theirs, wherever the reader stands."""

from __future__ import annotations

import pytest

from agentops_eval.documents import MAX_BYTES
from agentops_eval.domain import ScenarioInvalid
from agentops_eval.evals.suites import parse


@pytest.mark.parametrize(
    ("data", "name", "what", "remedy"),
    [
        (b"", "a.yaml", "the file is empty", "agentops-eval init shows a first one"),
        (b"# a", "a.yaml", "the file holds nothing but comments", "agentops-eval init shows a first one"),
        (
            b"a",
            "a.toml",
            "the file's name is not that of a scenario file",
            "name it .yaml, .yml, .json, .jsonl, .csv",
        ),
        (
            b" " * (MAX_BYTES + 1),
            "a.csv",
            "the file has 16,777,217 bytes, and a scenario file may have 16,777,216",
            "split it into several files: they run together as suites of one folder",
        ),
    ],
    ids=["empty", "comments", "suffix", "long"],
)
def test_errors_speak_of_scenario_files(data, name, what, remedy):
    """Each refusal has the code of scenario files, their name, and a remedy for them."""
    with pytest.raises(ScenarioInvalid) as caught:
        parse(data, name)
    assert (caught.value.where, caught.value.what, caught.value.remedy) == (name, what, remedy)
