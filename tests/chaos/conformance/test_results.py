"""What a check says: results that are the same each time, that name what to run again, that never guess."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from agentops_eval import recording, tool
from agentops_eval.chaos.conformance import CHECKS, check, check_all
from agentops_eval.demo.flaws import duplicate_email_on_lost_reply, retry_without_key
from agentops_eval.domain import CheckInvalid, EndedBy, FaultedRun, Harm, Mode, Schedule
from agentops_eval.harness.faulting import Answers, Runner, subject_of
from agentops_eval.replay import read_cassette
from tests.chaos.conformance._kit import subjects, tried


def test_the_same_agent_gives_the_same_result() -> None:
    """Two checks of one agent are equal, findings, evidence and all."""
    flaw = retry_without_key
    for name in ("idempotency", "backoff", "breaker", "resume"):
        first, second = (tried(name, flaw.flawed, world=flaw.World) for _ in range(2))
        assert repr(first) == repr(second)


def test_a_finding_names_what_finds_it_again() -> None:
    """The schedule gives the same run again, and the parameters the same finding."""
    flaw = retry_without_key
    runner = Runner(subject_of(flaw.flawed, world=flaw.World))
    (finding,) = check("idempotency", runner, agent="till").findings
    assert (finding.agent, finding.check, finding.impact.mode) == ("till", "idempotency", Mode.FAILED_UNSAFE)
    assert runner(finding.impact.run.schedule) == finding.impact.run
    parameters: Any = finding.details["arguments"]
    (again,) = check("idempotency", runner, **parameters).findings
    assert again.impact == finding.impact


def test_a_plain_function_of_schedules_will_do() -> None:
    """Checks that ask once a run need no more than a function; those that drive say that they cannot."""
    runner = Runner(subject_of(retry_without_key.flawed, world=retry_without_key.World))

    def once(schedule: Schedule) -> FaultedRun:
        return runner(schedule)

    assert check("idempotency", once).passed is False
    told = check("breaker", once)
    assert (told.passed, told.why) == (None, "its runner asks the agent only once a run")


def test_a_recording_answers_where_it_can(tmp_path: Path) -> None:
    """On a recording a lost answer shows the duplicate; what the recording cannot answer is not told."""
    path = tmp_path / "email.cassette.jsonl"
    with recording(path):
        duplicate_email_on_lost_reply.flawed()
    subject = subject_of(
        duplicate_email_on_lost_reply.flawed,
        answers=Answers.RECORDING,
        cassette=read_cassette(path),
        path=path,
    )
    runner = Runner(subject)
    assert subjects(check("idempotency", runner)) == ["send_email"]
    told = check("breaker", runner)
    assert told.passed is None
    assert "leaves its recording" in told.why


def test_an_agent_that_hangs_by_itself_is_not_judged() -> None:
    """Where even the fault-free run never ends there is nothing to compare with."""

    @tool
    def poll() -> None:
        return None

    def agent() -> None:
        while True:
            poll()
            time.sleep(60)

    for result in check_all(
        Runner(subject_of(agent)), only=[n for n in CHECKS if n not in ("saga", "shedding")]
    ):
        assert (result.passed, result.findings) == (None, ()), result.name


def test_an_agent_that_does_nothing_passes_nothing() -> None:
    """Of an agent without calls no check has anything to say."""
    results = list(check_all(Runner(subject_of(lambda: "hello"))))
    assert [one.name for one in results] == list(CHECKS)
    assert {one.passed for one in results} == {None}
    assert all(one.why for one in results)


def test_an_agent_that_always_raises_is_survived() -> None:
    """An agent's own error in every run breaks no check."""

    @tool
    def look_up() -> str:
        raise KeyError("nothing")

    def agent() -> str:
        return look_up()

    for result in check_all(Runner(subject_of(agent))):
        assert result.findings == (), result


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("beaker", {}, "did you mean 'breaker'?"),
        ("breaker", {"failurs": 1}, "did you mean 'failures'?"),
        ("resume", {"x": 1}, "use one of target"),
    ],
)
def test_unknown_checks_and_parameters_are_refused(name: str, parameters: dict, said: str) -> None:
    """What does not exist is refused before anything runs, with the nearest name."""

    def never(schedule: Schedule) -> FaultedRun:
        raise AssertionError

    with pytest.raises(CheckInvalid) as refused:
        check(name, never, **parameters)
    assert said in str(refused.value)
    with pytest.raises(CheckInvalid):
        list(check_all(never, only=["idempotency", name], parameters={name: parameters}))


def test_an_undeclared_degradation_is_no_unsafe_failure() -> None:
    """A fallback that is not told is undeclared, and nothing worse."""
    from tests.chaos.conformance.test_flaws import FALLBACKS, fallback_hides_failure

    (finding,) = tried("fallback", fallback_hides_failure.flawed, contract=FALLBACKS).findings
    assert finding.impact.mode is Mode.DEGRADED_UNDECLARED
    assert finding.impact.reasons[0].harm is Harm.UNDECLARED
    assert finding.impact.run.ended is EndedBy.ANSWER


@pytest.mark.parametrize("name", [name for name, one in CHECKS.items() if "target" in one.parameters])
def test_a_target_that_is_never_called_passes_no_check(name: str) -> None:
    """A misspelt target was not tried: the check cannot tell, and names what was meant."""
    result = tried(name, duplicate_email_on_lost_reply.mended, target="send_emial")
    assert result.passed is None
    told = tried("idempotency", duplicate_email_on_lost_reply.mended, target="send_emial")
    assert told.why == "it calls nothing that is called send_emial: did you mean 'send_email'?"


@pytest.mark.parametrize(
    ("name", "parameter", "value", "told"),
    [
        ("backoff", "attempts", "three", "a whole number from 1 to 1,000,000, not 'three'"),
        ("backoff", "attempts", -3, "a whole number from 1 to 1,000,000, not -3"),
        ("backoff", "attempts", True, "a whole number from 1 to 1,000,000, not True"),
        ("backoff", "jitter", 1, "true or false, not 1"),
        ("timeouts", "within_s", 0, "a number above 0, at most 1,000,000,000, not 0"),
        ("timeouts", "within_s", float("nan"), "a number above 0, at most 1,000,000,000, not nan"),
        ("breaker", "failures", 10**12, "a whole number from 1 to 1,000,000, not 1000000000000"),
        ("neighbour", "ignore", "(", "a pattern (missing ), unterminated subpattern at position 0), not '('"),
        ("backoff", "target", 7, "a text, not 7"),
    ],
)
def test_a_value_that_a_parameter_cannot_have_is_refused(
    name: str, parameter: str, value: Any, told: str
) -> None:
    """Words for numbers, numbers out of their range, and broken patterns are told before anything runs."""
    with pytest.raises(CheckInvalid) as refused:
        tried(name, duplicate_email_on_lost_reply.mended, **{parameter: value})
    assert refused.value.what == f"{parameter} of the check {name} is {told}"


def test_a_breaker_of_millions_of_failures_is_not_tried() -> None:
    """What would take millions of calls is left open, and takes no memory."""
    result = tried("breaker", duplicate_email_on_lost_reply.mended, failures=1_000_000)
    assert result.passed is None
    assert "more than 1,000 failures or probes" in result.why
