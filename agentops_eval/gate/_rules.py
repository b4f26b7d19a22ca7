"""What can be meant by a gate, and what cannot: for gate files, and for gates that are made in Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args, get_type_hints

from agentops_eval.documents import path_text
from agentops_eval.domain import GateInvalid, nearest, shorten
from agentops_eval.gate._bounds import MAX_NAME, GateProblem, check_name, check_part
from agentops_eval.gate._gate import Asks, Gate, Kind, Metric, Planned, Stage
from agentops_eval.gate._metric_rules import check_metric

MAX_METRICS = 256
MAX_STAGES = 64

_MOST_SHARE = 0.999999
_SHOWN = 10
_FIRST = "metrics: [{name: passed, kind: binary, margin: 0.05}]"


def check_gate(gate: Gate) -> tuple[GateProblem, ...]:
    """Everything about a gate that cannot be meant, in the order of its fields; nothing for a good one.

    Fields are held against each other once each of them can be meant by itself.
    """
    many = [*_too_many(gate)]
    if many:
        return tuple(many)
    found = [*check_part(gate, ()), *_gate_name(gate)]
    for at, metric in enumerate(gate.metrics):
        found += check_metric(metric, ("metrics", at))
    for at, stage in enumerate(gate.stages):
        path = ("stages", at)
        found += [*check_name(stage.name, (*path, "name")), *check_part(stage, path)]
    if gate.planned is not None:
        found += [*check_part(gate.planned, ("planned",)), *_spending(gate.planned)]
    found += check_part(gate.quality, ("quality",))
    if found:
        return tuple(found)
    return (*_twice("metrics", gate.metrics), *_stages(gate), *_sizes(gate), *_block(gate), *_planned(gate))


def refuse_invalid(gate: Gate) -> None:
    """Raise GateInvalid for a gate that cannot be meant, with everything that is wrong with it."""
    problems = check_gate(gate)
    if not problems:
        return
    first = problems[0]
    if len(problems) == 1:
        raise GateInvalid(first.message, where=_where(first), remedy=first.remedy)
    lines = [f"{_where(one)}: {one.message}\n    {one.remedy}" for one in problems[:_SHOWN]]
    lines += [f"and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
    raise GateInvalid(
        f"{len(problems)} problems in the gate",
        where=f"gate {gate.name}".rstrip(),
        difference="\n".join(lines),
    )


def _where(problem: GateProblem) -> str:
    return f"gate {path_text(problem.path)}"


def _too_many(gate: Gate) -> Iterator[GateProblem]:
    if not gate.metrics:
        message = "the gate has no metrics, so that anything would pass it"
        yield GateProblem(path=("metrics",), message=message, remedy=_FIRST)
    elif len(gate.metrics) > MAX_METRICS:
        message = f"the gate has {len(gate.metrics)} metrics, and may have {MAX_METRICS}"
        yield GateProblem(path=("metrics",), message=message, remedy="keep those that would stop a release")
    if not gate.stages:
        yield GateProblem(
            path=("stages",), message="the gate has no stages", remedy="leave stages out for one"
        )
    elif len(gate.stages) > MAX_STAGES:
        message = f"the gate has {len(gate.stages)} stages, and may have {MAX_STAGES}"
        yield GateProblem(path=("stages",), message=message, remedy="merge those whose shares are near")


def _gate_name(gate: Gate) -> Iterator[GateProblem]:
    if len(gate.name) > MAX_NAME or not gate.name.isprintable():
        message = f"a gate's name is one line of at most {MAX_NAME} characters"
        yield GateProblem(path=("name",), message=message, remedy="name: refunds")


def _spending(planned: Planned) -> Iterator[GateProblem]:
    choices = get_args(get_type_hints(Planned)["spending"])
    if planned.spending not in choices:
        message = f"there is no way {planned.spending!r} of spending alpha"
        remedy = nearest(str(planned.spending), choices)
        yield GateProblem(path=("planned", "spending"), message=message, remedy=remedy)


def _twice(field: str, parts: Sequence[Metric | Stage]) -> Iterator[GateProblem]:
    first: dict[str, int] = {}
    for at, part in enumerate(parts):
        before = first.setdefault(part.name, at)
        if before != at:
            message = f"the name {shorten(part.name, 60)} is that of {field}[{before}], too"
            yield GateProblem(path=(field, at, "name"), message=message, remedy=f"name: {part.name}-2")


def _stages(gate: Gate) -> Iterator[GateProblem]:
    """Pairs come before traffic, and traffic only grows; a comparison needs a share that the baseline has."""
    yield from _twice("stages", gate.stages)
    largest, before = 0.0, ""
    for at, stage in enumerate(gate.stages):
        if stage.share is None:
            if before:
                message = f"{stage.name} compares pairs of cases, and comes after {before}, which has traffic"
                remedy = "move it to the front, or give it a share: 0.1"
                yield GateProblem(path=("stages", at), message=message, remedy=remedy)
            continue
        if stage.share < largest:
            message = f"the share falls from {largest:g} in {before} to {stage.share:g}"
            remedy = "put the stages in the order of their shares"
            yield GateProblem(path=("stages", at, "share"), message=message, remedy=remedy)
        if _MOST_SHARE < stage.share < 1:
            message = f"the share {stage.share} leaves no traffic to compare with, and is not all of it"
            yield GateProblem(path=("stages", at, "share"), message=message, remedy="share: 1.0")
        largest, before = max(largest, stage.share), stage.name
    first = gate.stages[0].share
    if first is not None and first >= 1 and any(one.kind is not Kind.LIMIT for one in gate.metrics):
        message = f"{gate.stages[0].name} has all traffic, so that there is no baseline to compare with"
        yield GateProblem(path=("stages", 0, "share"), message=message, remedy="share: 0.5")


def _sizes(gate: Gate) -> Iterator[GateProblem]:
    """A stage whose least number of units is beyond its greatest never ends."""
    if gate.max_n is not None and gate.min_n > gate.max_n:
        message = f"min_n, {gate.min_n}, is more than max_n, {gate.max_n}, so that it is never reached"
        yield GateProblem(path=("min_n",), message=message, remedy=f"min_n: {gate.max_n}")
        return
    for at, stage in enumerate(gate.stages):
        fewest, most = _fewest(gate, stage), _most(gate, stage)
        if most is not None and fewest > most:
            field = "min_n" if stage.min_n == fewest else "max_n"
            message = f"{stage.name} asks for {fewest} units and takes {most} at most, so that it never ends"
            remedy = f"{field}: {most if field == 'min_n' else fewest}"
            yield GateProblem(path=("stages", at, field), message=message, remedy=remedy)


def _fewest(gate: Gate, stage: Stage) -> int:
    return max(gate.min_n, stage.min_n)


def _most(gate: Gate, stage: Stage) -> int | None:
    return min((one for one in (gate.max_n, stage.max_n) if one is not None), default=None)


def _block(gate: Gate) -> Iterator[GateProblem]:
    if gate.block > 1 and all(stage.share is None for stage in gate.stages):
        message = "block merges units of traffic, and no stage has a share of it"
        remedy = "leave block out, or stages: [{name: 5 %, share: 0.05}]"
        yield GateProblem(path=("block",), message=message, remedy=remedy)


def _planned(gate: Gate) -> Iterator[GateProblem]:
    """Looks are planned at one number of pairs, all of which can be reached."""
    if gate.planned is None:
        return
    planned, stage = gate.planned, gate.stages[0]
    if len(gate.stages) > 1 or stage.share is not None:
        message = "looks are planned for one stage of pairs, and this gate has other stages"
        remedy = "leave planned out: evidence counts at any time then; or leave stages out"
        yield GateProblem(path=("planned",), message=message, remedy=remedy)
        return
    if planned.looks > planned.n:
        message = f"{planned.n} units cannot be looked at {planned.looks} times"
        yield GateProblem(path=("planned", "looks"), message=message, remedy=f"looks: {planned.n}")
    fewest = _fewest(gate, stage)
    if planned.n < fewest:
        message = f"the last look, at {planned.n} units, comes before the {fewest} that are asked for"
        yield GateProblem(
            path=("planned", "n"), message=message, remedy=f"n: {fewest}, or min_n: {planned.n}"
        )
    limits = (_most(gate, stage), *(metric.max_n for metric in gate.metrics))
    most = min((one for one in limits if one is not None), default=None)
    if most is not None and most < planned.n:
        message = f"the last look is at {planned.n} units, and max_n, {most}, ends before it"
        yield GateProblem(path=("planned", "n"), message=message, remedy=f"n: {most}, or leave max_n out")
    if stage.asks is Asks.NO_HARM:
        message = "planned looks ask of every metric that it is within its margin, so that asks says nothing"
        yield GateProblem(path=("stages", 0, "asks"), message=message, remedy="leave asks out")
