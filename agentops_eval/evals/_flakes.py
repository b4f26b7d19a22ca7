"""Cases whose trials do not agree, and who is to blame for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from agentops_eval.domain import Ending, ErrorSource, Result, VerdictValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Flake:
    """A case that flaps: of so many trials so many passed. ``evaluators`` are those that did not agree.

    ``source`` is the judge where the trials differ in nothing but what judges say of equal answers; the
    simulator or the infrastructure where a trial broke off for their sake; else the agent.
    """

    suite: str
    case: str
    variant: str
    source: ErrorSource
    passed: int
    trials: int
    evaluators: tuple[str, ...] = ()


def flakes(results: Iterable[Result], *, judges: Collection[str] = ()) -> tuple[Flake, ...]:
    """The cases that flap, in their order. ``judges`` are the names of evaluators that ask an llm.

    A case of which some trials ended without a verdict, and the judged ones agree, flaps for the sake of
    what they broke off with. One that needs a recording does not flap.
    """
    groups: dict[tuple[str, str, str], list[Result]] = defaultdict(list)
    for one in results:
        if one.ending is not Ending.NEEDS_RECORDING:
            groups[(one.suite, one.case, one.variant)].append(one)
    found = (_flake(key, group, frozenset(judges)) for key, group in groups.items() if len(group) > 1)
    return tuple(one for one in found if one is not None)


def _flake(key: tuple[str, str, str], group: Sequence[Result], judges: frozenset[str]) -> Flake | None:
    judged = [one for one in group if one.ending is Ending.JUDGED]
    broken = [one for one in group if one.ending is Ending.ERROR]
    names = _disagreeing(judged)
    if len({one.value for one in judged}) > 1:
        source = _of_judges(judged, names, judges)
    elif judged and broken:
        first = broken[0].error
        source = ErrorSource.INFRASTRUCTURE if first is None else first.source
    else:
        return None
    suite, case, variant = key
    passed = sum(one.passed is True for one in judged)
    return Flake(
        suite=suite,
        case=case,
        variant=variant,
        source=source,
        passed=passed,
        trials=len(group),
        evaluators=names,
    )


def _disagreeing(judged: Sequence[Result]) -> tuple[str, ...]:
    """The evaluators whose verdicts are not the same in all trials."""
    seen: dict[str, set[VerdictValue]] = defaultdict(set)
    for one in judged:
        for verdict in one.verdicts:
            seen[verdict.evaluator].add(verdict.value)
    return tuple(name for name, values in seen.items() if len(values) > 1)


def _of_judges(judged: Sequence[Result], names: Sequence[str], judges: frozenset[str]) -> ErrorSource:
    same_answers = all(one.output == judged[0].output for one in judged)
    only_judges = bool(names) and all(name in judges for name in names)
    return ErrorSource.JUDGE if same_answers and only_judges else ErrorSource.AGENT
