"""Running one check, or all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from agentops_eval.chaos._kind import Kind
from agentops_eval.chaos.conformance._bench import Bench, CannotTell
from agentops_eval.chaos.conformance._check import Check
from agentops_eval.chaos.conformance._drive import Runs
from agentops_eval.chaos.conformance._parameters import refuse_misfits
from agentops_eval.chaos.conformance._reading import chosen, globbed
from agentops_eval.chaos.conformance._result import CheckResult
from agentops_eval.chaos.conformance.checks import CHECKS
from agentops_eval.chaos.contracts import Contract
from agentops_eval.chaos.impact import Judge
from agentops_eval.chaos.kinds import CATALOGUE
from agentops_eval.domain import CheckInvalid, FaultedRun, Impact, Json, nearest


def check(
    name: str,
    runner: Runs,
    *,
    contract: Contract | None = None,
    agent: str = "",
    kinds: Mapping[str, Kind] = CATALOGUE,
    **parameters: Json,
) -> CheckResult:
    """Try the agent of ``runner`` by one check, and tell what it found.

    Raises CheckInvalid for a check, or a parameter of it, that there is not, or a value that it cannot have.
    """
    return _held(checked(name, parameters), runner, contract, agent, kinds, parameters)


def _held(
    found: Check,
    runner: Runs,
    contract: Contract | None,
    agent: str,
    kinds: Mapping[str, Kind],
    parameters: Mapping[str, Json],
) -> CheckResult:
    wanted = contract or Contract()
    bench = Bench(
        name=found.name,
        runner=runner,
        kinds=kinds,
        judge=_judging(wanted),
        agent=agent or wanted.agent,
        parameters=parameters,
    )
    try:
        found(bench, wanted, parameters)
    except CannotTell as why:
        bench.leave_open(str(why))
    else:
        _look_for(str(parameters.get("target", "*")), bench, wanted)
    return bench.result


def _look_for(target: str, bench: Bench, contract: Contract) -> None:
    """A target that means nothing which was called was not tried: that is no passed check."""
    named = [name for one in contract.checks.fallbacks for name in one.order]
    called = bench.called
    means = any(chosen(target, event) for event in called.values())
    if means or any(globbed(target, name) for name in named) or not bench.runs:
        return
    what = f" that is called {target}: {nearest(target, called)}" if called else ""
    bench.leave_open(f"it calls nothing{what}")


def _judging(contract: Contract) -> Callable[[FaultedRun, FaultedRun], Impact]:
    """Judge many runs by few fault-free ones: what is to be known of these is found out once."""
    known: list[tuple[FaultedRun, Judge]] = []

    def judged(base: FaultedRun, run: FaultedRun) -> Impact:
        found = next((one for kept, one in known if kept is base), None)
        if found is None:
            found = Judge(base, contract)
            known.append((base, found))
        return found(run)

    return judged


def check_all(
    runner: Runs,
    *,
    only: Iterable[str] = (),
    contract: Contract | None = None,
    agent: str = "",
    kinds: Mapping[str, Kind] = CATALOGUE,
    parameters: Mapping[str, Mapping[str, Json]] | None = None,
) -> Iterator[CheckResult]:
    """The results of these checks, of all where none is named, one by one as they come."""
    wanted = tuple(only) or tuple(CHECKS)
    given = parameters or {}
    every = [checked(name, given.get(name, {})) for name in wanted]
    for one in every:
        yield _held(one, runner, contract, agent, kinds, given.get(one.name, {}))


def checked(name: str, parameters: Mapping[str, Json] | None = None) -> Check:
    """The check of that name, which takes these parameters.

    Raises CheckInvalid, with the nearest name, for one that there is not, or a value that it cannot have.
    """
    given = parameters or {}
    found = CHECKS.get(name)
    if found is None:
        raise CheckInvalid(f"there is no check {name!r}", remedy=nearest(name, CHECKS))
    unknown = sorted(given.keys() - found.parameters.keys())
    if unknown:
        raise CheckInvalid(
            f"the check {name} takes no {unknown[0]!r}",
            difference=f"it takes: {', '.join(sorted(found.parameters))}",
            remedy=nearest(unknown[0], found.parameters),
        )
    refuse_misfits(name, given)
    return found
