"""The mode of a run, and the reasons for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agentops_eval.chaos import Contract, Degradation, Judge, judge
from agentops_eval.chaos.contracts import Allowed, Invariant
from agentops_eval.domain import EndedBy, FaultedRun, Harm, Json, Mode, RunError
from agentops_eval.domain._findings import ErrorSource
from tests.chaos.impact._kit import DOWN, LATE, failed, http, read, run, write

BASE = run(read("get_order", {"total": 59}), write("issue_refund", order="o-1"), output="59 refunded")
KEPT = read("get_order", failure=DOWN)
SORRY = "Sorry, the shop cannot be reached."
DECLARED = Contract(degradations=(Degradation(dependency="get_*", faults=("unavailable",), message="sorry"),))


def outage(output: Json, contract: Contract | None = None) -> tuple[Mode, frozenset[str]]:
    """What becomes of a run whose only call was kept away."""
    impact = judge(BASE, run(KEPT, output=output, hit={0: 0}), contract=contract)
    return impact.mode, impact.harms


def test_words_mean_in_python_what_they_mean_in_a_file() -> None:
    """A text is one kind, and the name of what effects may stand; another name is refused."""
    words = {"faults": "unavailable", "effects": "prefix", "accept": ("failed-safe",)}
    rule = Degradation(message="sorry", **words)  # type: ignore[arg-type]
    assert (rule.faults, rule.effects, rule.accept) == (
        ("unavailable",),
        Allowed.PREFIX,
        (Mode.FAILED_SAFE,),
    )
    with pytest.raises(ValueError, match="prefxi"):
        Degradation(message="sorry", effects="prefxi")  # type: ignore[arg-type]


# -- hung and unknown -----------------------------------------------------------------------------


@pytest.mark.parametrize("harm", [Harm.PAST_DEADLINE, Harm.TOO_MANY_STEPS, Harm.SAME_CALL_AGAIN])
def test_a_hang_comes_first_and_names_its_harm(harm: Harm) -> None:
    """Whatever else it did, a run that hung is hung; its harms are told as well."""
    twice = [write("issue_refund", order="o-1")] * 2
    found = run(*twice, output=None, answered=False, ended=EndedBy.HANG, hung=harm.value, why="too long")
    impact = judge(BASE, found)
    assert impact.mode is Mode.HUNG
    assert impact.harms == {harm.value, "duplicated-effect"}
    assert impact.reasons[0].subject == "issue_refund"  # what it waited for, or asked again and again


def test_who_left_the_recording_is_unknown() -> None:
    """Nobody can say how the run would have gone on: nothing missing is held against it."""
    found = run(KEPT, output=None, answered=False, ended=EndedBy.LEFT, hit={0: 0})
    impact = judge(BASE, found)
    assert impact.mode is Mode.UNKNOWN
    assert not impact.reasons


def test_who_was_killed_half_way_and_not_resumed_is_unknown() -> None:
    """One of two effects stands, and nobody let the agent go on: it may have known how."""
    base = run(write("charge"), write("ship"))
    killed = run(write("charge"), output=None, answered=False, ended=EndedBy.KILL)
    assert judge(base, killed).mode is Mode.UNKNOWN


def test_harm_that_was_done_before_the_recording_was_left_is_harm() -> None:
    """An effect that landed twice is not undone by what nobody knows, where nothing takes it back."""
    twice = [read("get_order", {"total": 59}), *[write("issue_refund", order="o-1")] * 2]
    found = run(*twice, output=None, answered=False, ended=EndedBy.LEFT, hit={1: 1})
    assert judge(BASE, found).mode is Mode.FAILED_UNSAFE


# -- full -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("output", ["59 refunded", "  59  REFUNDED \n"])
def test_the_same_answer_and_effects_are_full_service(output: str) -> None:
    """Case and spaces do not matter."""
    found = run(*BASE.events, output=output, hit={0: 1})
    assert judge(BASE, found).mode is Mode.FULL


def test_declared_words_of_success_are_full_service() -> None:
    """Where a contract says what a good answer holds, another wording is as good."""
    found = run(*BASE.events, output="Your refund of 59 is on its way", hit={0: 1})
    assert judge(BASE, found).mode is Mode.DEGRADED_UNDECLARED
    assert judge(BASE, found, contract=Contract(success=("refund of",))).mode is Mode.FULL


def test_an_agent_that_says_sorry_anyway_is_not_degraded() -> None:
    """What the fault-free run answers is no failure, whatever words it has."""
    base = run(read("look"), output="Sorry, we are out of lamps.")
    assert judge(base, run(read("look"), output="Sorry, we are out of lamps.", hit={0: 1})).mode is Mode.FULL


# -- failed safe, degraded ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "output",
    [SORRY, "I could not do it", "That failed.", {"status": "error"}, {"ok": False}, {"error": "down"}],
)
def test_who_says_that_it_failed_and_did_nothing_failed_safe(output: Json) -> None:
    """Words and fields of failure are explicit."""
    assert outage(output) == (Mode.FAILED_SAFE, frozenset())


def test_an_exception_is_an_explicit_failure() -> None:
    """So is a process that ended."""
    error = RunError(source=ErrorSource.AGENT, kind="ConnectionError", message="down")
    assert judge(BASE, failed(KEPT, hit={0: 0}, error=error)).mode is Mode.FAILED_SAFE
    killed = run(output=None, answered=False, ended=EndedBy.KILL)
    assert judge(BASE, killed).mode is Mode.FAILED_SAFE


def test_a_declared_message_comes_before_failing_safe() -> None:
    """An apology that the contract declares is degraded as declared: the answer may hold words of failure."""
    assert outage(SORRY, DECLARED) == (Mode.DEGRADED_AS_DECLARED, frozenset())


def test_a_contract_holds_for_its_dependency_and_faults_alone() -> None:
    """Another dependency, or another class of faults, is not declared by it."""
    other = Contract(degradations=(Degradation(dependency="pay*", message="sorry"),))
    slow = Contract(degradations=(Degradation(faults=("slow",), message="sorry"),))
    assert outage(SORRY, other)[0] is Mode.FAILED_SAFE
    assert outage(SORRY, slow)[0] is Mode.FAILED_SAFE


def test_neither_success_nor_failure_is_undeclared() -> None:
    """An answer from which nobody can tell is degraded, and nothing declares it."""
    mode, harms = outage("Let us talk about lamps.")
    assert mode is Mode.DEGRADED_UNDECLARED
    assert harms == {"undeclared"}


def test_other_effects_than_the_declared_ones_are_told() -> None:
    """The message alone is not enough: the reason says what differs."""
    done = run(
        read("get_order", failure=DOWN), write("issue_refund", order="o-1"), output="sorry!", hit={0: 0}
    )
    impact = judge(BASE, done, contract=DECLARED)
    assert impact.mode is Mode.FAILED_SAFE
    assert impact.harms == {"undeclared"}  # all was done, it says sorry, and the contract allows no effect


@pytest.mark.parametrize(
    ("allowed", "only", "done", "mode"),
    [
        (Allowed.NONE, (), "", Mode.DEGRADED_AS_DECLARED),
        (Allowed.NONE, (), "a", Mode.FAILED_UNSAFE),
        (Allowed.SAME, (), "ab", Mode.DEGRADED_AS_DECLARED),
        (Allowed.SAME, (), "a", Mode.FAILED_UNSAFE),
        (Allowed.PREFIX, (), "a", Mode.DEGRADED_AS_DECLARED),
        (Allowed.PREFIX, (), "b", Mode.FAILED_UNSAFE),
        (Allowed.LISTED, ("t",), "t", Mode.DEGRADED_AS_DECLARED),
        (Allowed.LISTED, ("t",), "ta", Mode.FAILED_UNSAFE),
        (Allowed.LISTED, ("t", "a"), "ta", Mode.DEGRADED_AS_DECLARED),
    ],
)
def test_effects_that_a_degradation_allows(
    allowed: Allowed, only: tuple[str, ...], done: str, mode: Mode
) -> None:
    """None, the same, the first of them in order, or those of the listed tools, a ticket for instance."""
    base = run(read("get"), write("a"), write("b"))
    rule = Degradation(message="sorry", effects=allowed, only=only)
    found = run(read("get", failure=DOWN), *[write(name) for name in done], output="sorry", hit={0: 0})
    assert judge(base, found, contract=Contract(degradations=(rule,))).mode is mode


def test_what_the_contract_does_not_accept_is_told() -> None:
    """Where a fault has to be got over, failing safe keeps its mode and has a reason."""
    rule = Degradation(dependency="get_order", accept=(Mode.FULL,))
    mode, harms = outage(SORRY, Contract(degradations=(rule,)))
    assert (mode, set(harms)) == (Mode.FAILED_SAFE, {"undeclared"})


def test_full_service_is_always_accepted_where_less_is() -> None:
    """A contract that lets a run degrade has nothing against one that does not."""
    found = run(*BASE.events, output="59 refunded", hit={0: 1})
    assert judge(BASE, found, contract=DECLARED).reasons == ()


def test_own_words_of_failure_replace_the_usual_ones() -> None:
    """A contract may say in which words its agent fails."""
    german = Contract(failure=("leider",))
    assert outage("Leider geht das nicht.", german)[0] is Mode.FAILED_SAFE
    assert outage("sorry", german)[0] is Mode.DEGRADED_UNDECLARED


# -- failed unsafe --------------------------------------------------------------------------------


@pytest.mark.parametrize("output", ["59 refunded", "It was refunded.", {"status": "ok"}])
def test_success_without_the_effect_is_unsafe(output: Json) -> None:
    """Who says that it went well, and did not do it, misleads."""
    assert outage(output) == (Mode.FAILED_UNSAFE, frozenset({"claimed-without-effect"}))


def test_half_of_it_with_an_apology_is_unsafe() -> None:
    """One of two effects stands, and the other was not done: nobody took it back."""
    base = run(write("charge", order="o-1"), write("ship", order="o-1"))
    found = run(
        write("charge", order="o-1"), write("ship", failure=DOWN, order="o-1"), output="sorry", hit={1: 0}
    )
    impact = judge(base, found)
    assert (impact.mode, set(impact.harms)) == (Mode.FAILED_UNSAFE, {"partial-effect"})


def test_all_of_it_with_an_apology_is_safe() -> None:
    """The last answer was lost: all was done, and the caller is told that it may not be."""
    found = run(BASE.events[0], write("issue_refund", failure=LATE, order="o-1"), output="sorry", hit={1: 1})
    assert judge(BASE, found).mode is Mode.FAILED_SAFE


def test_another_amount_is_an_extra_effect() -> None:
    """A price from a stale answer makes another effect, and the right one is missing."""
    base = run(read("price", 10), write("buy", price=10), output="bought")
    found = run(read("price", 9), write("buy", price=9), output="bought", hit={0: 1})
    assert judge(base, found).harms == {"extra-effect", "claimed-without-effect"}


def test_another_price_under_the_same_key_is_another_effect() -> None:
    """An idempotency key says what a repeat is; it does not make a wrong order the right one."""
    base = run(read("price", 10), write("buy", key="lamp", price=10), output="bought")
    found = run(read("price", 9), write("buy", key="lamp", price=9), output="bought", hit={0: 1})
    assert judge(base, found).harms == {"extra-effect", "claimed-without-effect"}


def test_a_contract_may_say_that_an_agent_has_to_believe() -> None:
    """Well-formed wrong answers end up in effects, which full service with this tool's effects accepts."""
    base = run(read("price", 10), write("buy", price=10), write("log"), output="bought")
    found = run(
        read("price", 9), write("buy", price=9), write("log"), output="bought", hit={0: 1}, kind="tool_wrong"
    )
    rule = Degradation(
        dependency="price", faults=("wrong",), accept=(Mode.FULL,), effects=Allowed.LISTED, only=("buy",)
    )
    contract = Contract(degradations=(rule,))
    assert judge(base, found, contract=contract).mode is Mode.FULL
    less = run(read("price", 9), write("buy", price=9), output="bought", hit={0: 1}, kind="tool_wrong")
    assert judge(base, less, contract=contract).harms == {"claimed-without-effect"}


def test_a_reason_is_short_however_long_the_arguments_are() -> None:
    """What stands in a report is bounded; the effect itself is whole."""
    impact = judge(run(), run(write("note", text="a" * 100_000)))
    assert len(impact.reasons[0].text) < 300
    assert len(impact.effects.extra[0].key) > 100_000


def balanced(found: FaultedRun) -> None:
    """Nothing may be missing."""
    assert found.state == 5, "money is missing"


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (balanced, "money is missing"),
        (lambda found: found.state == 5, "it does not hold"),
        (lambda found: None if found.state == 5 else "4 is too little\nby far", "4 is too little"),
        (lambda found: 1 / (found.state - 4) > 0, "it raised ZeroDivisionError: division by zero"),
    ],
)
def test_an_invariant_that_breaks_is_unsafe(check: Callable[[FaultedRun], object], text: str) -> None:
    """It may assert, or say False or why; one that cannot be told to hold does not."""
    contract = Contract(invariants=(Invariant(name="balance", check=check),))
    assert judge(run(state=5), run(state=5, hit={}), contract=contract).mode is Mode.FULL
    impact = judge(run(state=5), run(state=4), contract=contract)
    assert impact.mode is Mode.FAILED_UNSAFE
    assert [(one.harm, one.subject, one.text) for one in impact.reasons] == [
        (Harm.INVARIANT_BROKEN, "balance", text)
    ]
    assert judge(run(state=4), run(state=4), contract=contract).mode is Mode.FULL  # no fault is to blame


def test_what_an_agent_does_by_itself_is_its_own() -> None:
    """Harm of the fault-free run is told by the judge, and no fault is blamed for it."""
    contract = Contract(approval={"issue_refund": "issue_refund"})
    judged = Judge(BASE, contract)
    assert [one.harm for one in judged.own] == [Harm.UNAPPROVED_EFFECT]
    assert judged(BASE).mode is Mode.FULL


# -- answers that are not known -------------------------------------------------------------------


def test_a_recording_without_an_answer_is_judged_by_its_calls() -> None:
    """Who asked and was told the same says the same; a failure is told by its words."""
    base = run(*BASE.events, output=None, answered=False)
    assert judge(base, run(*BASE.events, output="59 refunded")).mode is Mode.FULL
    assert judge(base, run(*BASE.events, output=None, answered=False)).mode is Mode.FULL
    assert judge(base, run(KEPT, output=SORRY, hit={0: 0})).mode is Mode.FAILED_SAFE
    assert judge(base, run(KEPT, output="refunded", hit={0: 0})).mode is Mode.FAILED_UNSAFE


def test_no_answer_where_there_was_one_is_degraded() -> None:
    """An answer that is not known is no full service, and no explicit failure."""
    found = run(*BASE.events, output=None, answered=False, hit={0: 1})
    impact = judge(BASE, found)
    assert impact.mode is Mode.DEGRADED_UNDECLARED
    assert "no answer" in impact.reasons[0].text


def test_none_may_be_an_answer() -> None:
    """An agent that always answers with nothing is in full service when it does."""
    base = run(write("send"), output=None)
    assert judge(base, run(write("send"), output=None, hit={0: 1})).mode is Mode.FULL


def test_http_calls_are_compared_by_what_they_ask() -> None:
    """Headers do not matter, and what differs from run to run does not."""
    one = http("http://localhost/v1", b'{"id":"00000000-0000-4000-8000-000000000001"}')
    other = http("http://localhost/v1", b'{"id":"00000000-0000-4000-8000-000000000002"}')
    assert judge(run(one), run(other)).blast_radius.changed == 0
