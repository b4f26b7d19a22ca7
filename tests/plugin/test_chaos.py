"""The fixture and mark ``chaos``: agents under faults in a test."""

from __future__ import annotations

import pytest

_SHOP = """
import time
from agentops_eval import tool

@tool(effect="external")
def send_email(to):
    return "sent"

@tool
def get_order(order: int) -> dict:
    return {"order": order}

def careless(order):
    get_order(int(order))
    for _ in range(3):
        try:
            send_email("ann@example.org")
            return "The email was sent."
        except OSError:
            time.sleep(60)
    return "Sorry, no email was sent."

def desk(order):
    try:
        return f"order {get_order(order)['order']} was sent"
    except OSError:
        return "Sorry, please try later."
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with an agent and no test yet."""
    pytester.makepyfile(shop=_SHOP)
    pytester.makeini("[pytest]\npythonpath = .\n")
    return pytester


def test_an_agent_runs_under_faults_and_its_impact_is_told(project: pytest.Pytester) -> None:
    """The agent of the mark is run with and without the fault; a failing assertion shows what it did."""
    project.makepyfile(
        test_shop="""
        import pytest
        from agentops_eval import faults

        pytestmark = pytest.mark.chaos("shop:careless", "7")

        def test_outage(chaos):
            impact = chaos.run(faults.tool_error("send_email", nth=1))
            assert impact.mode == "full"
            assert impact.retries.by_call["send_email"] == 2

        def test_lost_reply(chaos):
            impact = chaos.run(faults.tool_reply_lost("send_email", nth=1), seed=3)
            assert "duplicated-effect" not in impact.harms
        """
    )
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*tool_reply_lost*failed-unsafe*", "*duplicated-effect: *send_email*"])


def test_a_fault_that_does_not_happen_fails_the_test(project: pytest.Pytester) -> None:
    """The failure names the fault and the calls that there were, without a traceback through the plugin."""
    project.makepyfile(
        test_shop="""
        import pytest
        from agentops_eval import faults

        @pytest.mark.chaos("shop:careless", "7")
        def test_outage(chaos):
            chaos.run(faults.tool_error("send_mail"))
        """
    )
    result = project.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*AE600*",
            "*send_mail*no call that it fits was made*",
            "*send_mail: did you mean 'send_email'?",
            "*/send_email#0*",
        ]
    )
    result.stdout.no_fnmatch_line("*_chaos.py*")


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ('"shop:careless", "7", contrat="x"', "*no keyword*contrat*"),
        ('"shop:carelss", "7"', "*AE402*carelss*"),
        ("7", "*are not the words of an agent*"),
        ('"shop:careless", "7", contract="nope.yaml"', "*there is no contract 'nope.yaml'*"),
        ('"shop:careless", "7", answers="world2"', "*answers='world2' is not known*"),
    ],
)
def test_a_mark_that_cannot_be_meant_is_told(project: pytest.Pytester, mark: str, said: str) -> None:
    """What is wrong with the mark fails its test, with what it may say."""
    project.makepyfile(
        test_shop=f"""
        import pytest
        from agentops_eval import faults

        @pytest.mark.chaos({mark})
        def test_outage(chaos):
            chaos.run(faults.tool_error("send_email"))
        """
    )
    result = project.runpytest_subprocess()
    assert sum(result.parseoutcomes().get(name, 0) for name in ("failed", "errors")) == 1
    result.stdout.fnmatch_lines([said])


def test_faults_happen_in_a_block_on_a_recording(project: pytest.Pytester) -> None:
    """On another test's recording, the answer is the text that the block bound; a contract is not needed."""
    project.makepyfile(
        test_shop="""
        import pytest
        from shop import desk
        from agentops_eval import faults

        @pytest.mark.cassette
        def test_sent(cassette):
            assert desk(7) == "order 7 was sent"

        @pytest.mark.cassette("test_sent")
        @pytest.mark.parametrize("outage", [faults.tool_error("get_order")], ids=str)
        def test_outage(chaos, outage):
            with chaos.inject(outage) as impact:
                answer = desk(7)
            assert answer.startswith("Sorry")
            assert impact.mode == "failed-safe"
            assert impact.run.output == answer
            assert impact.blast_radius.tools <= {"get_order"}
            assert not impact.effects.extra

        @pytest.mark.cassette("test_sent")
        def test_said(chaos):
            with chaos.inject(faults.tool_error("get_order")) as impact:
                first = impact.answered(desk(7))
                second = "another text"
            assert impact.run.output == first
        """
    )
    project.runpytest_subprocess("--agentops-record=once", "-k", "test_sent").assert_outcomes(passed=1)
    result = project.runpytest_subprocess("-v")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["*test_outage?tool_error*get_order?*PASSED*"])


def test_a_block_is_judged_by_the_contract_of_the_project(project: pytest.Pytester) -> None:
    """Without a mark, `degradation.yaml` is it; calls that a fault kept away are not unused."""
    project.makefile(".yaml", degradation="degradations: [{dependency: get_order, message: try later}]")
    project.makepyfile(
        test_shop="""
        import pytest
        from shop import desk, send_email
        from agentops_eval import faults

        @pytest.mark.cassette
        def test_sent(cassette):
            assert desk(7) == "order 7 was sent"
            send_email("ann@example.org")

        @pytest.mark.cassette("test_sent")
        def test_outage(chaos):
            with chaos.inject(faults.tool_error("get_order")) as impact:
                answer = desk(7)
            assert impact.mode == "degraded-as-declared"
        """
    )
    project.runpytest_subprocess("--agentops-record=once", "-k", "test_sent").assert_outcomes(passed=1)
    result = project.runpytest_subprocess("--agentops-strict")
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("unused*")


def test_a_block_needs_a_recording(project: pytest.Pytester) -> None:
    """Without one the failure says how to name an agent instead."""
    project.makepyfile(
        test_shop="""
        def test_outage(chaos):
            with chaos.inject():
                pass
        """
    )
    result = project.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*needs a recording*chaos.run*"])


def test_an_agent_is_held_against_a_check(project: pytest.Pytester) -> None:
    """A check's result says whether it passed, and a failing test shows what was found."""
    project.makepyfile(
        test_shop="""
        import pytest

        @pytest.mark.chaos("shop:careless", "7")
        def test_idempotency(chaos):
            result = chaos.check("idempotency", target="send_email")
            assert result.passed is False
            assert result.findings[0].impact.harms >= {"duplicated-effect"}

        @pytest.mark.chaos("shop:careless", "7")
        def test_shown(chaos):
            assert chaos.check("idempotency").passed

        @pytest.mark.chaos("shop:careless", "7")
        def test_misspelt(chaos):
            chaos.check("idempotence")
        """
    )
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*idempotency: failed*", "*did you mean 'idempotency'*"])


def test_agents_of_marks_are_explored_on_request(project: pytest.Pytester) -> None:
    """With --agentops-explore each agent is explored once, however many tests name it; findings fail."""
    project.makepyfile(
        test_shop="""
        import pytest
        from agentops_eval import faults

        pytestmark = pytest.mark.chaos("shop:careless", "7")

        def test_one(chaos):
            assert chaos.run(faults.tool_error("get_order", nth=1)).mode == "failed-safe"

        def test_two():
            pass
        """
    )
    project.runpytest_subprocess().assert_outcomes(passed=2)
    result = project.runpytest_subprocess("--agentops-explore=60")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        ["*explore?shop:careless 7?*", "*duplicated-effect: *", "*60 runs*budget is spent*"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_budget_that_is_none_is_refused(project: pytest.Pytester) -> None:
    """A budget is a number of runs or a time."""
    project.makepyfile("def test_one():\n    pass\n")
    result = project.runpytest_subprocess("--agentops-explore=much")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*'much' is no budget: 500 (runs), 60s, 5m or 2h (time)*"])
