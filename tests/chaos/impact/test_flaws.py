"""Small flawed agents and their mended twins, judged under the fault that tells them apart."""

from __future__ import annotations

import pytest

from agentops_eval import faults
from agentops_eval.chaos import judge
from agentops_eval.demo.flaws import duplicate_email_on_lost_reply as email
from agentops_eval.domain import Fault, Impact, Mode, Schedule
from agentops_eval.harness.faulting import Play, Runner, Subject

LOST = faults.tool_reply_lost("send_email", nth=1)


def judged(agent: object, *scheduled: Fault) -> Impact:
    """Judge an agent under these faults by its own fault-free run."""
    assert callable(agent)
    runner = Runner(Subject(name="agent", begin=lambda: Play(call=agent)))
    return judge(runner(Schedule()), runner(Schedule(faults=scheduled)))


def test_an_email_that_is_sent_twice_is_a_duplicated_effect() -> None:
    """Where the answer is lost and the agent tries again, the effect landed twice."""
    impact = judged(email.flawed, LOST)
    assert impact.mode is Mode.FAILED_UNSAFE
    assert impact.harms == {"duplicated-effect"}
    assert [str(key.tool) for key in impact.effects.duplicated] == ["send_email"]


def test_saying_that_it_is_not_known_is_safe() -> None:
    """The twin that does not try again fails safe: the email went out once, and the caller is told."""
    impact = judged(email.mended, LOST)
    assert impact.mode is Mode.FAILED_SAFE
    assert not impact.harms


@pytest.mark.parametrize("agent", [email.flawed, email.mended])
def test_a_retry_that_works_is_full_service(agent: object) -> None:
    """An error before the email went out is mended by the next attempt, with no radius at all."""
    impact = judged(agent, faults.tool_error("send_email", nth=1))
    assert (impact.mode, impact.blast_radius.changed) == (Mode.FULL, 0)
    assert impact.recovery.calls == 1
    assert 0 < (impact.recovery.seconds or 0) <= 2.0  # it waits with jitter
    assert impact.retries.total == 2.0
