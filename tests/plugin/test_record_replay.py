"""Recording a test once and replaying it."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import Project, outcomes, text_of

TWO_TESTS = '''
import pytest
from agent import ask

@pytest.mark.cassette
def test_marked():
    """The mark alone gives a run."""
    assert ask("hello") == "You said hello"

def test_fixture(cassette):
    """So does the fixture alone."""
    assert ask("again") == "You said again"
    assert len(cassette.events) == 1
    assert cassette.report.labels in ({"live": 1}, {"replayed": 1})
    assert len(cassette.digest) == 64
    assert [span.name for span in cassette.trace]
'''


def test_recorded_once_replayed_without_the_llm(project: Project) -> None:
    """What was recorded once replays with the llm gone, with and without the mark."""
    project.write("tests/test_shop.py", TWO_TESTS)
    recorded = project.record("-W", "error")
    assert outcomes(recorded) == {"passed": 2}
    assert "recorded     golden_traces/tests/test_shop/test_marked.cassette.jsonl" in text_of(recorded)
    assert project.server.hits == 2
    assert project.cassettes() == [
        "tests/test_shop/test_fixture.cassette.jsonl",
        "tests/test_shop/test_marked.cassette.jsonl",
    ]

    replayed = project.run("-W", "error")
    assert outcomes(replayed) == {"passed": 2}
    assert "tests: 2 replayed; calls: 2 replayed" in text_of(replayed)


def test_once_does_not_touch_what_is_recorded(project: Project) -> None:
    """A second run with once replays; all records anew."""
    project.write("test_shop.py", TWO_TESTS)
    project.run("--agentops-record=once")
    before = {name: (project.root / "golden_traces" / name).read_bytes() for name in project.cassettes()}
    again = project.run("--agentops-record=once")
    assert "2 replayed" in text_of(again)
    assert project.server.hits == 2
    assert {n: (project.root / "golden_traces" / n).read_bytes() for n in project.cassettes()} == before
    anew = project.run("--agentops-record=all")
    assert "2 recorded" in text_of(anew)
    assert project.server.hits == 4


def test_missing_recording_is_an_error_with_the_command(project: Project) -> None:
    """Without a recording nothing runs live: the error names the file and how to record it."""
    project.write("tests/test_shop.py", TWO_TESTS)
    done = project.run("-k", "marked")
    assert outcomes(done) == {"errors": 1}
    text = text_of(done)
    assert "AE101" in text
    assert "test_marked.cassette.jsonl" in text
    assert "pytest tests/test_shop.py::test_marked --agentops-record=all" in text
    assert "_case.py" not in text
    assert project.server.hits == 0


def test_corrupt_recording_is_an_error_with_its_line(project: Project) -> None:
    """A truncated recording is named with its line, and is not taken for an empty one."""
    project.write("test_shop.py", TWO_TESTS)
    project.record("-k", "marked")
    path = project.root / "golden_traces/test_shop/test_marked.cassette.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    done = project.run("-k", "marked")
    assert outcomes(done) == {"errors": 1}
    assert "AE102" in text_of(done)


def test_a_real_sdk_client_replays(project: Project) -> None:
    """The openai client is recorded and replayed like any other, streamed answers too."""
    project.write(
        "test_sdk.py",
        '''
import os
import openai
import pytest

client = openai.OpenAI(base_url=os.environ["LLM_URL"] + "/v1", api_key="sk-none", max_retries=2)

@pytest.mark.cassette
def test_sdk(cassette, golden):
    """Two calls, one of them streamed."""
    talk = [{"role": "user", "content": "hi"}]
    whole = client.chat.completions.create(model="small", messages=talk)
    assert whole.choices[0].message.content == "You said hi"
    parts = client.chat.completions.create(model="small", messages=talk, stream=True)
    assert "".join(p.choices[0].delta.content or "" for p in parts if p.choices) == "You said hi"
    assert cassette.trace == golden
''',
    )
    assert outcomes(project.record("--agentops-approve")) == {"passed": 1}
    replayed = project.run()
    assert outcomes(replayed) == {"passed": 1}
    assert "2 replayed" in text_of(replayed)


def test_another_tests_recording_is_shared_and_never_replaced(project: Project) -> None:
    """A mark may name another test's recording, in this suite or another, or a file; it only replays it."""
    project.write("test_shop.py", TWO_TESTS)
    project.write(
        "sub/test_share.py",
        """
import pytest
from agent import ask

@pytest.mark.cassette("test_shop/test_marked")
def test_by_suite():
    assert ask("hello") == "You said hello"

@pytest.mark.cassette("golden_traces/test_shop/test_marked.cassette.jsonl")
def test_by_path():
    assert ask("hello") == "You said hello"
""",
    )
    project.edit("test_shop.py", "def test_fixture(cassette)", "def test_other(cassette)")
    project.write(
        "test_shop.py",
        TWO_TESTS
        + """
@pytest.mark.cassette("test_marked")
def test_same_suite():
    assert ask("hello") == "You said hello"
""",
    )
    project.record("test_shop.py", "-k", "marked or fixture")
    cassettes = project.cassettes()
    assert len(cassettes) == 2
    assert outcomes(project.run()) == {"passed": 5}
    refused = project.run("--agentops-record=all", "-k", "same_suite or by_suite")
    assert outcomes(refused) == {"passed": 2}
    assert "2 replayed" in text_of(refused)
    assert project.cassettes() == cassettes


@pytest.mark.parametrize("folder", ["cassettes/", "golden_traces/cassettes/"])
def test_a_vcrpy_cassette_replays(project: Project, folder: str) -> None:
    """A YAML cassette of vcrpy, named by the mark, is replayed as it is, also from the folder of goldens."""
    project.write(
        f"{folder}old.yaml",
        """
interactions:
- request:
    body: null
    headers: {}
    method: GET
    uri: http://127.0.0.1:9/hello
  response:
    body: {string: from long ago}
    headers: {}
    status: {code: 200, message: OK}
version: 1
""",
    )
    project.write(
        "test_old.py",
        """
import pytest
from agent import client

@pytest.mark.cassette("cassettes/old.yaml")
def test_old():
    assert client.get("http://127.0.0.1:9/hello").text == "from long ago"
""",
    )
    assert outcomes(project.run()) == {"passed": 1}


def test_a_branch_of_nothing_is_not_recorded(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its recording a branch is an error that gives the command to record that first."""
    project.write("test_shop.py", TWO_TESTS)
    done = project.run("-k", "marked", "--agentops-branch=cold", "--agentops-record=once")
    assert (outcomes(done), project.cassettes()) == ({"errors": 1}, [])
    assert "AE101 there is no recording to branch from" in text_of(done)
    assert "fix:   pytest test_shop.py::test_marked --agentops-record=once\n" in text_of(done)
    monkeypatch.setenv("AGENTOPS_BRANCH", "cold")
    elsewhere = text_of(project.run("-k", "marked", "--agentops-record=once"))
    assert "fix:   pytest test_shop.py::test_marked --agentops-record=once --agentops-branch=\n" in elsewhere
    first = project.run("-k", "marked", "--agentops-record=once", "--agentops-branch=")
    assert (outcomes(first), project.cassettes()) == ({"passed": 1}, ["test_shop/test_marked.cassette.jsonl"])


def test_branch_is_recorded_beside_its_recording(project: Project) -> None:
    """A changed prompt is recorded as a branch; the recording itself stays, and both replay."""
    project.write("test_shop.py", TWO_TESTS)
    project.run("--agentops-record=once", "-k", "marked")
    project.edit("test_shop.py", 'ask("hello")', 'ask("hello", temperature=0)')
    branched = project.run("-k", "marked", "--agentops-branch=cold", "--agentops-record=once")
    assert outcomes(branched) == {"passed": 1}
    assert "recorded     golden_traces/test_shop/test_marked@cold.cassette.jsonl" in text_of(branched)
    project.server.stop()
    assert project.cassettes() == [
        "test_shop/test_marked.cassette.jsonl",
        "test_shop/test_marked@cold.cassette.jsonl",
    ]
    assert outcomes(project.run("-k", "marked", "--agentops-branch=cold")) == {"passed": 1}
    assert outcomes(project.run("-k", "marked")) == {"failed": 1}
    missing = text_of(project.run("-k", "marked", "--agentops-branch=hot"))
    assert "fix:   pytest test_shop.py::test_marked --agentops-record=once --agentops-branch=hot\n" in missing
    project.edit("test_shop.py", "temperature=0", "temperature=1")
    missed = text_of(project.run("-k", "marked", "--agentops-branch=cold"))
    assert "pytest test_shop.py::test_marked --agentops-record=all --agentops-branch=cold" in missed


BANK = """
import pytest
from agentops_eval import tool

KEYS = ["sk-proj-" + name + "0123456789abcdefghijklmnop" for name in ("ann", "bob")]

@tool
def balance(key):
    return KEYS.index(key)

@pytest.mark.cassette
def test_bank():
    assert [balance(key) for key in KEYS] == [0, 1]
"""


def test_a_recording_says_which_calls_are_alike(project: Project) -> None:
    """Calls that differ only in secrets stand in the summary of the recording, with the way out."""
    project.write("test_bank.py", BANK)
    text = text_of(project.record())
    named = "test_bank.py::test_bank: call 1, call 2, tool balance, differ only in what redaction hides"
    assert f"alike        {named}" in text
    assert "give each a span of its own (handoff)" in text
    assert "alike " not in text_of(project.run())
