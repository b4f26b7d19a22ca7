"""``shedding``: with its flag on, under load, what is optional is left out, and the core works."""

from __future__ import annotations

from collections.abc import Sequence

from agentops_eval.chaos.conformance._bench import Bench, CannotTell
from agentops_eval.chaos.conformance._check import conformance
from agentops_eval.chaos.conformance._drive import Beat, Drive, turns_of
from agentops_eval.chaos.conformance._names import OVERLOAD
from agentops_eval.chaos.conformance._reading import calls, chosen
from agentops_eval.chaos.contracts import Contract
from agentops_eval.chaos.impact import landed_effects, named
from agentops_eval.domain import EffectKey, Event, FaultedRun, Harm


@conformance(flag=None, optional=None, task="")
def shedding(
    bench: Bench, contract: Contract, *, flag: str | None, optional: str | Sequence[str] | None, task: str
) -> None:
    """Under load, once the flag is on, optional calls are left out, and what matters is done all the same."""
    said = contract.checks.shedding
    names = _words(optional) or said.optional
    environment = _flag(flag) or dict(said.flag)
    if not names:
        raise CannotTell("which calls are optional is not declared")
    if not environment and not task:
        raise CannotTell("neither a flag nor a task that sheds is given")
    off = Drive(beats=(Beat(),))
    on = Drive(beats=(Beat(task=task),), environment=environment)
    usual = bench.run(drive=off)
    shed = {one.boundary: one for one in calls(usual) if _is_optional(one, names)}
    if not shed:
        raise CannotTell(f"without the flag, none of {', '.join(names)} is called either")
    _judge(bench, contract, bench.run(drive=on), usual, names, "with the flag on")
    for callee, event in shed.items():
        for kinds in OVERLOAD:
            fault = bench.fault(event.seam, kinds, callee, seconds=60.0, after_s=60.0)
            if fault is None:
                continue
            run = bench.run(fault, drive=on)
            # That the fault found no call is what is wanted here: the call was left out.
            _judge(bench, contract, run, usual, names, f"with the flag on, and {fault}")
    bench.note(f"optional: {', '.join(shed)}; flag: {environment or task}")


def _words(given: str | Sequence[str] | None) -> tuple[str, ...]:
    if isinstance(given, str):
        return tuple(word.strip() for word in given.split(",") if word.strip())
    return tuple(given or ())


def _flag(given: str | None) -> dict[str, str]:
    """``NAME=value`` as an environment variable; a name alone is switched on with 1."""
    if not given:
        return {}
    name, _, value = given.partition("=")
    return {name: value or "1"}


def _is_optional(event: Event, names: Sequence[str]) -> bool:
    return any(chosen(name, event) for name in names)


def _judge(
    bench: Bench, contract: Contract, run: FaultedRun, usual: FaultedRun, names: Sequence[str], when: str
) -> None:
    made = [one for one in calls(run) if _is_optional(one, names)]
    if made:
        text = f"{when}, {made[0].boundary} is called all the same"
        bench.find(Harm.INVARIANT_BROKEN, f"not-shed:{made[0].boundary}", text, run, base=usual)
    turns = turns_of(run)
    if not turns or turns[0].error:
        told = turns[0].error if turns else run.why or str(run.ended)
        text = f"{when}, it does not work at all: {told[:120]}"
        bench.find(Harm.INVARIANT_BROKEN, "core", text, run, base=usual)
        return
    missing = _core(usual, contract, names) - _core(run, contract, names)
    if missing:
        first = min(missing)
        text = f"{when}, what matters is not done: {named(first)}"
        bench.find(Harm.PARTIAL_EFFECT, f"core:{first.tool}", text, run, base=usual)


def _core(run: FaultedRun, contract: Contract, names: Sequence[str]) -> frozenset[EffectKey]:
    done = landed_effects(run, contract)
    return frozenset([key for event, key in done if not _is_optional(event, names)])
