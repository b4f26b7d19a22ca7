"""Findings written as tests: text that stays text, files that stay, red before the fix and green after."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentops_eval.chaos import Limits, faults
from agentops_eval.chaos.exploring import Options
from agentops_eval.domain import Blame, ChaosFinding, Fault, FaultedRun, Harm, Impact, Mode, Schedule, Where
from agentops_eval.harness.faulting import (
    Around,
    ExploreOrder,
    SubjectOrder,
    explore_agent,
    fault_text,
    regression,
    write_regression,
)
from tests.harness.faulting._explored import AGENT, KINDS


def finding(*scheduled: Fault, subject: str = "send", agent: str = "careless") -> ChaosFinding:
    """A finding of this schedule."""
    run = FaultedRun(schedule=Schedule(faults=scheduled))
    reasons = (Blame(harm=Harm.DUPLICATED_EFFECT, subject=subject),)
    impact = Impact(mode=Mode.FAILED_UNSAFE, run=run, reasons=reasons)
    return ChaosFinding(agent=agent, impact=impact, details={"reasons": [["duplicated-effect", subject]]})


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (faults.tool_error("a", nth=1), 'faults.tool_error("a", nth=1)'),
        (
            faults.tool_error("a", permanent=True, nth=(1, 3)),
            'faults.tool_error("a", permanent=True, nth=(1, 3))',
        ),
        (faults.latency(seconds=3.5, after=2), "faults.latency(seconds=3.5, after=2)"),
        (faults.tool_error(probability=0.5, until=4), "faults.tool_error(until=4, probability=0.5)"),
        (Fault(kind="tool_error", where=Where(site='/a"\\#0')), 'faults.tool_error(site="/a\\"\\\\#0")'),
        (Fault(kind="odd", parameters={"x": None}), 'faults.fault("odd", x=None)'),
    ],
)
def test_faults_are_written_as_they_are_made(fault: Fault, text: str) -> None:
    """Each is the call of its constructor; one that no constructor makes, of the general one."""
    assert fault_text(fault) == text
    made = eval(text, {"faults": faults})  # of what stands above
    assert (made.kind, made.where) == (fault.kind, fault.where)


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    """What an agent or llm wrote cannot leave its literal, whatever is in it."""
    evil = '"""\nimport os; os._exit(1)\n\\" \u202e é ' + "x" * 500
    order = SubjectOrder(target="shop:agent", arguments=(evil,), root=tmp_path)
    text = regression(finding(faults.tool_error(evil, nth=1), subject=evil, agent=evil), order)
    names: dict[str, object] = {}
    exec(compile(text, "regression", "exec"), names)  # this is what is tested
    assert "\u202e" not in text
    assert [name for name in names if name.startswith("test_")]


def test_a_test_that_differs_is_never_replaced(tmp_path: Path) -> None:
    """The same finding writes its file once; another of the same name gets a number, or replaces by force."""
    order = SubjectOrder(target="shop:agent", root=tmp_path)
    first = write_regression(finding(faults.tool_error("a", nth=1)), tmp_path, order)
    assert write_regression(finding(faults.tool_error("a", nth=1)), tmp_path, order) == first
    other = finding(faults.tool_error("a", nth=2))
    second = write_regression(other, tmp_path, order)
    assert (first.name, second.name) == (
        "test_careless_duplicated_effect_send.py",
        "test_careless_duplicated_effect_send_2.py",
    )
    assert write_regression(other, tmp_path, order, force=True) == first
    assert first.read_bytes() == second.read_bytes()


def test_the_mark_tells_how_the_agent_was_run(tmp_path: Path) -> None:
    """World, contract, approver and limits are those of the exploration; files stand relative to the root."""
    order = SubjectOrder(
        target="shop:agent",
        arguments=("Order 1042",),
        root=tmp_path,
        world="shop:World",
        approver="silent",
        limits=Limits(calls=30),
    )
    text = regression(
        finding(faults.tool_error("a")), order, contract=tmp_path / "chaos" / "degradation.yaml"
    )
    assert '"shop:agent",\n    "Order 1042",\n    world="shop:World",' in text
    assert 'contract="chaos/degradation.yaml"' in text
    assert "calls=30" in text


def test_a_regression_is_red_and_green_after_the_fix(pytester: pytest.Pytester) -> None:
    """The written test fails for the reason of its finding, and passes once the agent is mended."""
    root = pytester.path
    module = f"agents_{root.name}"
    pytester.makepyfile(**{module: AGENT})
    pytester.makeini("[pytest]\npythonpath = .\n")
    order = ExploreOrder(
        subject=SubjectOrder(target=f"{module}:careless", root=root), options=Options(faults=KINDS)
    )
    found = explore_agent(order, Around(out=root / "regressions"))
    assert [Path(one.test).name for one in found.findings] == ["test_careless_duplicated_effect_send.py"]
    red = pytester.runpytest_subprocess("regressions")
    red.assert_outcomes(failed=1)
    red.stdout.fnmatch_lines(["*assert 'duplicated-effect' not in*"])
    mended = AGENT.replace("except OSError:\n            time", "except ConnectionError:\n            time")
    pytester.makepyfile(**{module: mended})
    pytester.runpytest_subprocess("regressions").assert_outcomes(passed=1)


def test_a_call_that_a_mended_agent_makes_no_more_is_told_with_what_to_do(pytester: pytest.Pytester) -> None:
    """The test stays red, and says that the call is gone, to delete it, and how to explore again."""
    root = pytester.path
    module = f"agents_{root.name}"
    pytester.makepyfile(**{module: AGENT})
    pytester.makeini("[pytest]\npythonpath = .\n")
    order = SubjectOrder(target=f"{module}:careless", root=root)
    found = finding(faults.tool_reply_lost("send", nth=2))
    path = write_regression(found, root / "regressions", order)
    again = f"agentops-eval chaos explore {module}:careless --out regressions"
    gone = pytester.runpytest_subprocess("regressions")
    gone.assert_outcomes(failed=1)
    gone.stdout.fnmatch_lines(
        [
            "AE600 1 of 1 faults did not happen: the agent comes to its answer without such a call",
            "*tool_reply_lost(*)*: it is for call 2, and only 1 that it fits came",
            "*calls of the run: */send#0*",
            f"*fix:   delete this test if the agent was mended, and look for what is left: {again}",
        ]
    )
    assert path.exists()


def test_a_fault_that_never_comes_because_the_agent_broke_is_no_reason_to_delete(
    pytester: pytest.Pytester,
) -> None:
    """Where the agent raised before the call, the error says so, and not that the call is gone."""
    pytester.makepyfile(shop="def broken():\n    raise LookupError('no shop')\n")
    pytester.makeini("[pytest]\npythonpath = .\n")
    order = SubjectOrder(target="shop:broken", root=pytester.path)
    write_regression(finding(faults.tool_error("send", nth=1)), pytester.path, order)
    red = pytester.runpytest_subprocess()
    red.stdout.fnmatch_lines(["*1 of 1 faults did not happen", "*it ended by error: *no shop*"])
    red.stdout.no_fnmatch_line("*delete this test*")
