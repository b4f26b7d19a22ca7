"""What a replay cannot answer fails the test, once, and says why."""

from __future__ import annotations

import pytest

from agentops_eval.replay import read_cassette
from tests.plugin.conftest import Project, outcomes, text_of

SHOP = '''
import pytest
from agent import ask, forgiving

@pytest.mark.cassette
def test_shop():
    """One call."""
    assert ask("hello") == "You said hello"
'''


@pytest.fixture
def recorded(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose one call is recorded and whose llm is gone."""

    def make() -> None:
        project.write("test_shop.py", SHOP)
        assert outcomes(project.record()) == {"passed": 1}

    project.once("shop", make, monkeypatch)
    return project


def test_a_changed_request_fails_with_an_explanation(recorded: Project) -> None:
    """The failure names the call, what changed in it and the command to record again."""
    recorded.edit("test_shop.py", 'ask("hello")', 'ask("good evening")')
    done = recorded.run()
    text = text_of(done)
    assert outcomes(done) == {"failed": 1}
    assert "AE110" in text
    assert "good evening" in text
    assert "pytest test_shop.py::test_shop --agentops-record=all" in text
    assert text.count("AE110") <= 2  # the failure and its line in the short summary
    assert "test_shop.py:8" in text
    assert "site-packages/httpx2" not in text
    assert "calls: 1 missed" in text
    assert "unused " not in text


@pytest.mark.parametrize("ending", ["", "\n    assert 1 == 2", "\n    pytest.skip('later')"])
def test_a_swallowed_miss_fails_the_test(recorded: Project, ending: str) -> None:
    """An agent that swallows the miss does not save the test, however the test ends."""
    recorded.edit(
        "test_shop.py", 'assert ask("hello") == "You said hello"', f'forgiving("good evening"){ending}'
    )
    done = recorded.run()
    assert outcomes(done) == {"failed": 1}
    assert "AE110" in text_of(done)


def test_an_expected_failure_may_be_a_miss(recorded: Project) -> None:
    """xfail, as a mark or as a call, takes a swallowed miss for the failure that it expects."""
    recorded.edit(
        "test_shop.py", '    assert ask("hello") == "You said hello"', '    forgiving("good evening")'
    )
    recorded.edit("test_shop.py", "@pytest.mark.cassette\n", "@pytest.mark.xfail\n@pytest.mark.cassette\n")
    assert outcomes(recorded.run()) == {"xfailed": 1}
    recorded.edit("test_shop.py", "@pytest.mark.xfail\n", "")
    recorded.edit("test_shop.py", '("good evening")', '("good evening")\n    pytest.xfail("known")')
    assert outcomes(recorded.run()) == {"xfailed": 1}


def test_unused_recordings_are_told_and_fail_in_strict_mode(recorded: Project) -> None:
    """A recorded call that nobody asks for is listed, and fails the test in strict mode."""
    recorded.edit("test_shop.py", 'assert ask("hello") == "You said hello"', "pass")
    told = recorded.run()
    assert outcomes(told) == {"passed": 1}
    assert "unused       test_shop.py::test_shop: call 1, http POST" in text_of(told)
    strict = recorded.run("--agentops-strict")
    assert outcomes(strict) == {"failed": 1}
    assert "AE302" in text_of(strict)
    assert "traceback entries are hidden" not in text_of(strict)


def test_unused_is_decided_after_fixtures_that_may_still_call(recorded: Project) -> None:
    """A call made by a fixture's teardown belongs to the run, so strict mode waits for it."""
    recorded.edit(
        "test_shop.py",
        "@pytest.mark.cassette\ndef test_shop():",
        "@pytest.fixture\ndef late():\n    yield\n    ask('hello')\n\n"
        "@pytest.mark.cassette\ndef test_shop(late):",
    )
    recorded.edit("test_shop.py", 'assert ask("hello") == "You said hello"', "pass")
    assert outcomes(recorded.run("--agentops-strict")) == {"passed": 1}


def test_a_miss_in_a_fixtures_teardown_is_an_error_there(recorded: Project) -> None:
    """What a fixture asks for after the test is blocked as well, and told as the fixture's error."""
    recorded.edit(
        "test_shop.py",
        "@pytest.mark.cassette\ndef test_shop():",
        "@pytest.fixture\ndef late():\n    yield\n    forgiving('hello')\n    forgiving('bye')\n\n"
        "@pytest.mark.cassette\ndef test_shop(late):",
    )
    done = recorded.run()
    assert outcomes(done) == {"passed": 1, "errors": 1}
    assert "AE110" in text_of(done)


def test_drift_is_served_on_request_and_always_told(recorded: Project) -> None:
    """With drift allowed the changed request gets the old answer, and the summary says which."""
    recorded.edit("test_shop.py", 'ask("hello")', 'ask("hello", temperature=0)')
    assert outcomes(recorded.run()) == {"failed": 1}
    done = recorded.run("--agentops-allow-drift")
    assert outcomes(done) == {"passed": 1}
    assert "drift        test_shop.py::test_shop: call 1, http POST" in text_of(done)


@pytest.mark.parametrize("verdict", ["assert False", "pytest.fail('no')"])
def test_a_failing_test_is_recorded_and_told(project: Project, verdict: str) -> None:
    """What the agent did is whole where only the test's own verdict failed, and the summary tells that."""
    project.write("test_shop.py", f"{SHOP}    {verdict}\n")
    done = project.record()
    assert outcomes(done) == {"failed": 1}
    assert "recorded, although the test failed" in text_of(done)
    (name,) = project.cassettes()
    assert read_cassette(project.root / "golden_traces" / name).outcome == "completed"


def test_an_agents_own_assertion_stays_in_its_recording(project: Project) -> None:
    """An agent that raised AssertionError did not complete."""
    project.write("strict.py", "def strict():\n    assert False\n")
    project.write("test_shop.py", f"{SHOP}    import strict\n    strict.strict()\n")
    assert outcomes(project.record()) == {"failed": 1}
    (name,) = project.cassettes()
    assert read_cassette(project.root / "golden_traces" / name).outcome == "raised AssertionError"


def test_a_skipped_test_is_not_recorded(project: Project) -> None:
    """A test that skips itself halfway leaves no half of a recording in place of one."""
    project.write("test_shop.py", SHOP + "    pytest.skip('not today')\n")
    done = project.record()
    assert outcomes(done) == {"skipped": 1}
    assert "tests: 1 not recorded" in text_of(done)
    assert project.cassettes() == []


def test_a_failing_fixture_is_not_recorded(project: Project) -> None:
    """Where a fixture fails the test never ran, and nothing is recorded."""
    project.write(
        "test_shop.py",
        SHOP.replace("def test_shop():", "def test_shop(broken):")
        + "\n@pytest.fixture\ndef broken():\n    ask('hello')\n    raise OSError('no disk')\n",
    )
    done = project.record()
    assert outcomes(done) == {"errors": 1}
    assert project.cassettes() == []


def test_another_port_needs_no_new_recording(recorded: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only the port is new, the fix is to leave the host out of matching; and it helps."""
    monkeypatch.setenv("LLM_URL", "http://127.0.0.1:9")
    done = recorded.run()
    text = text_of(done)
    assert outcomes(done) == {"failed": 1}
    assert "any_host = true under [tool.agentops], or @pytest.mark.cassette(any_host=True)" in text
    assert "--agentops-record=all" not in text
    recorded.edit("test_shop.py", "@pytest.mark.cassette", "@pytest.mark.cassette(any_host=True)")
    assert outcomes(recorded.run()) == {"passed": 1}


def test_a_recording_without_an_answer_is_not_committed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the llm down the first recording is no recording, and once records when it is up again."""
    project.write("test_shop.py", SHOP)
    url = project.server.url
    monkeypatch.setenv("LLM_URL", "http://127.0.0.1:9")
    done = project.run("--agentops-record=once")
    text = text_of(done)
    assert outcomes(done) == {"failed": 1}
    assert "not recorded: the test failed (ConnectError)" in text
    assert "agentops-eval cassette recover golden_traces/test_shop/.test_shop.cassette.jsonl." in text
    assert "tests: 1 not recorded" in text
    assert project.cassettes() == []
    monkeypatch.setenv("LLM_URL", url)
    assert outcomes(project.record()) == {"passed": 1}
    assert project.cassettes() == ["test_shop/test_shop.cassette.jsonl"]


def test_a_recording_that_broke_off_leaves_the_cassette(recorded: Project) -> None:
    """A recording that is there stays, and what was seen can be recovered beside it."""
    before = (recorded.root / "golden_traces" / recorded.cassettes()[0]).read_bytes()
    done = recorded.run("--agentops-record=all")
    text = text_of(done)
    assert "not recorded: the test failed (ConnectError); its cassette is as before" in text
    assert text.count("recovered-test_shop.cassette.jsonl") == 1
    assert (recorded.root / "golden_traces" / recorded.cassettes()[0]).read_bytes() == before
