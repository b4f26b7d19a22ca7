"""Patterns that would be looked for without end, in texts that an agent chose."""

from __future__ import annotations

import re
import signal
import threading

import pytest

from agentops_eval.chaos import Contract, Degradation, judge
from agentops_eval.chaos._patience import patience
from agentops_eval.domain import ContractInvalid
from tests.chaos.impact._kit import read, run

ENDLESS = r"(a+)+$"
HOSTILE = "a" * 100_000 + "!"


@pytest.mark.parametrize(
    "contract",
    [
        Contract(success=(ENDLESS,)),
        Contract(secrets=(ENDLESS,)),
        Contract(degradations=(Degradation(message=ENDLESS),)),
    ],
    ids=["success", "secrets", "message"],
)
def test_a_pattern_without_end_is_an_error_that_names_it(contract: Contract) -> None:
    """Judging ends, and nothing is judged: neither a pass nor a finding of the agent."""
    base = run(read("look"), output="fine")
    with pytest.raises(ContractInvalid, match=r"the pattern '\(a\+\)\+\$' was not looked for"):
        judge(base, run(read("look"), output=HOSTILE, hit={0: 0}), contract=contract)
    assert signal.getitimer(signal.ITIMER_VIRTUAL)[0] == 0


def test_the_alarm_of_somebody_else_stays() -> None:
    """Who has set an alarm bounds the search himself; afterwards the handler is the one that was there."""
    before = signal.getsignal(signal.SIGVTALRM)
    with pytest.raises(ContractInvalid), patience(ENDLESS, most_s=0.05):
        re.search(ENDLESS, HOSTILE)
    assert signal.getsignal(signal.SIGVTALRM) is before
    signal.setitimer(signal.ITIMER_VIRTUAL, 600)
    try:
        with patience("a"):
            assert signal.getsignal(signal.SIGVTALRM) is before
    finally:
        left_s, _ = signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    assert left_s > 0


def test_another_thread_is_not_bounded_and_not_disturbed() -> None:
    """Only the main thread has an alarm: elsewhere the block runs as it is."""
    seen: list[bool] = []

    def search() -> None:
        with patience("a"):
            seen.append(re.search("a", "a") is not None)

    thread = threading.Thread(target=search)
    thread.start()
    thread.join()
    assert seen == [True]
