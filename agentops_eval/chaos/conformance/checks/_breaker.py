"""``breaker``: the calls of a callee against the automaton of a circuit breaker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agentops_eval.chaos._declared import Breaker
from agentops_eval.chaos.conformance._automaton import Demand, Edge, illegal_edges
from agentops_eval.chaos.conformance._bench import Bench
from agentops_eval.chaos.conformance._check import conformance
from agentops_eval.chaos.conformance._drive import Beat, Drive, Turn, turns_of
from agentops_eval.chaos.conformance._names import OUTAGE, SLOW_OUTAGE
from agentops_eval.chaos.conformance._reading import alike, by_callee, calls, chosen, passages
from agentops_eval.chaos.contracts import Contract
from agentops_eval.domain import Event, Fault, FaultedRun, Harm, Json

_TURNS = 3
_LEARNING = 40
_CROWD = 3  # this many more than may try come at once
_LONGEST_S = 86_400.0
_TAKES_S = 0.5
_MOST = 1_000  # times that the agent is asked for one edge


@conformance(target="*", failures=None, window_s=None, cooldown_s=None, probes=None)
def breaker(bench: Bench, contract: Contract, *, target: str, **given: Json) -> None:
    """A circuit breaker opens in time, stays shut for its cooldown, tries carefully, and closes again."""
    base = bench.run(drive=Drive.steady(_TURNS, every_s=1.0))
    held = False
    for callee, events in by_callee(calls(base)).items():
        if not chosen(target, events[0]):
            continue
        if not _asked_each_turn(turns_of(base), events):
            if target == callee:
                bench.leave_open(f"{callee} is not called each time that the agent is asked")
            continue
        declared = _declared(contract, events[0], given)
        if declared is None:
            held |= _learn(bench, events[0])
        else:
            held = True
            _hold(bench, events[0], declared)
    if not held:
        bench.leave_open("no breaker is to be seen, and none is declared")


def _asked_each_turn(turns: Sequence[Turn], events: Sequence[Event]) -> bool:
    """Whether each turn led to such a call, so that one without it means that a breaker refused."""
    return (
        bool(turns)
        and all(any(turn.started_s <= one.started_s <= turn.ended_s for one in events) for turn in turns)
        and len(events) >= len(turns)
    )


def _declared(contract: Contract, event: Event, given: dict[str, Json]) -> Breaker | None:
    said = {name: value for name, value in given.items() if value is not None}
    found = next((one for glob, one in contract.checks.breakers.items() if chosen(glob, event)), None)
    if found is None and not said:
        return None
    return replace(found or Breaker(), **said)  # type: ignore[arg-type]  # the parameters' own names


def _fault(bench: Bench, event: Event, *, until: int | None, takes_s: float = 0.0) -> Fault | None:
    names = (*SLOW_OUTAGE, *OUTAGE) if takes_s else OUTAGE
    hits = {} if until is None else {"until": until}
    return bench.fault(event.seam, names, event.boundary, hits=hits, after_s=takes_s)  # type: ignore[arg-type]


def _hold(bench: Bench, event: Event, rule: Breaker) -> None:
    """Three runs: it stays down; it is well again at the first probe; it is well again at the second."""
    if max(rule.failures, rule.probes) > _MOST:
        bench.leave_open(f"more than {_MOST:,} failures or probes of {event.boundary} are not tried")
        return
    takes_s = _TAKES_S if rule.window_s is None else rule.window_s / (4 * rule.failures)
    cooldown_s = rule.cooldown_s
    # A pause between any two: calls that take no time could not be told from refused ones.
    opening = [Beat(after_s=takes_s / 50)] * (rule.failures + 2)
    shut = [Beat(after_s=cooldown_s / 5)] * 3
    tried = [Beat(after_s=cooldown_s, together=rule.probes + _CROWD), Beat(after_s=cooldown_s / 10)]
    # Asked again and again while it is shut: that must not keep it shut.
    again = [*[Beat(after_s=0.4 * cooldown_s)] * 4, *[Beat(after_s=cooldown_s / 10)] * 3]
    plans = (
        (None, [*opening, *shut, *tried]),
        (rule.failures, [*opening, *again]),
        (rule.failures + 1, [*opening, *again, *again]),
    )
    for until, beats in plans:
        fault = _fault(bench, event, until=until, takes_s=takes_s)
        if fault is None:
            bench.leave_open(f"no fault can take {event.boundary} down")
            return
        run = bench.tried(fault, drive=Drive(beats=tuple(beats)))
        if run is not None:
            _judge(bench, event, rule, run)


def _judge(
    bench: Bench, event: Event, rule: Breaker, run: FaultedRun, *, patience_s: float | None = None
) -> None:
    mine = alike(run, event)
    demands = [Demand(started_s=turn.started_s, ended_s=turn.ended_s) for turn in turns_of(run)]
    found = illegal_edges(passages(mine), rule, demands=demands, patience_s=patience_s)
    bench.note(f"{event.boundary}: {len(demands)} times asked, {len(mine)} calls, under {run.schedule}")
    for one in found:
        bench.find(
            Harm.INVARIANT_BROKEN,
            f"{one.edge}:{event.boundary}",
            f"the breaker of {event.boundary}: {one.edge}: {one.text}",
            run,
            edge=one.edge.value,
            target=event.boundary,
            at_s=one.at_s,
        )


def _learn(bench: Bench, event: Event) -> bool:
    """Without a declaration: see whether it opens, when it tries again, and hold it against that."""
    fault = _fault(bench, event, until=None)
    if fault is None:
        return False
    pauses = [min(2.0**number, _LONGEST_S) for number in range(18)]
    beats = (*[Beat(after_s=0.01)] * _LEARNING, *[Beat(after_s=pause) for pause in pauses])
    run = bench.tried(fault, drive=Drive(beats=beats))
    if run is None:
        return False
    mine, turns = alike(run, event), turns_of(run)
    idle = [one for one in turns[:_LEARNING] if not _within(one, mine)]
    if not idle:
        bench.note(f"no breaker around {event.boundary} is to be seen")
        return False
    before = [one for one in mine if one.started_s <= idle[0].started_s]
    later = [one for one in mine if one.started_s > idle[0].started_s]
    opened_s = before[-1].ended_s
    if not later:
        text = f"the breaker of {event.boundary} lets nothing try it for {turns[-1].ended_s - opened_s:g} s"
        subject = f"{Edge.NO_RECLOSE}:{event.boundary}"
        bench.find(
            Harm.INVARIANT_BROKEN, subject, text, run, edge=Edge.NO_RECLOSE.value, target=event.boundary
        )
        return True
    refused = [
        one.started_s for one in turns if not _within(one, mine) and one.started_s < later[0].started_s
    ]
    at_least_s, at_most_s = refused[-1] - opened_s, later[0].started_s - opened_s
    bench.note(
        f"{event.boundary}: opens after {len(before)} failures, tries again after {at_most_s:g} s at most"
    )
    _reclose(bench, event, Breaker(failures=len(before), cooldown_s=at_least_s), at_most_s)
    return True


def _within(turn: Turn, events: Sequence[Event]) -> bool:
    return any(turn.started_s <= one.started_s <= turn.ended_s for one in events)


def _reclose(bench: Bench, event: Event, rule: Breaker, wait_s: float) -> None:
    """It is well again when it is tried: whoever comes then, and later, has to be served.

    It is asked again and again while it is shut, which must not keep it shut.
    """
    fault = _fault(bench, event, until=rule.failures, takes_s=_TAKES_S)
    assert fault is not None
    beats = [
        *[Beat(after_s=0.01)] * rule.failures,
        *[Beat(after_s=0.35 * wait_s)] * 6,
        *[Beat(after_s=1.0)] * 3,
    ]
    run = bench.tried(fault, drive=Drive(beats=tuple(beats)))
    if run is not None:
        _judge(bench, event, rule, run, patience_s=wait_s)
