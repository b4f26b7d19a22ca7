"""Both sides of a comparison, case by case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from agentops_eval.domain import Result, ResultsInvalid, Tally
from agentops_eval.evals.comparing._samples import sample_of
from agentops_eval.stats import Collapsed, collapse

Diverges: TypeAlias = Callable[[Result, Result], str]
"""The first step at which the second run differs from the first, in one line; empty where it is not known."""

_Key: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The results of one case on one side, and what they come to."""

    results: tuple[Result, ...] = ()
    counted: Collapsed = field(default_factory=Collapsed)

    @property
    def tally(self) -> Tally:
        """The independent trials of the case."""
        return next(iter(self.counted.tallies.values()), Tally())

    @property
    def rate(self) -> Fraction | None:
        """The exact share that passed; None without any judged trial."""
        return Fraction(self.tally.passed, self.tally.judged) if self.tally.judged else None

    @property
    def unanimous(self) -> bool:
        """Whether all judged trials came out the same."""
        return self.rate in {0, 1}

    def first(self, *, passed: bool) -> Result | None:
        """A result that came out so, else any."""
        chosen = (result for result in self.results if result.passed is passed)
        return next(chosen, self.results[0] if self.results else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One case on both sides; a side without results did not run it."""

    suite: str
    case: str
    variant: str
    baseline: Side
    candidate: Side

    @property
    def difference(self) -> Fraction | None:
        """How the pass rate changed; None where one side has no judged trial."""
        before, after = self.baseline.rate, self.candidate.rate
        return None if before is None or after is None else after - before

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that either side gives the case, in order."""
        return tuple(sorted({tag for result in self._results() for tag in result.tags}))

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that the case belongs to: ``tag:refund``, ``language:de``."""
        segments = {f"{name}:{value}" for one in self._results() for name, value in one.segments.items()}
        return tuple(sorted({f"tag:{tag}" for tag in self.tags} | segments))

    def _results(self) -> Iterator[Result]:
        yield from self.candidate.results
        yield from self.baseline.results


def pairs_of(
    baseline: Sequence[Result], candidate: Sequence[Result], names: tuple[str, str]
) -> tuple[Pair, ...]:
    """Cases of both sides in their order, first those of the baseline.

    Where each side is one variant throughout, these are compared; else like is compared with like.
    Raises ResultsInvalid where a side holds a trial twice.
    """
    alone = all(len({result.variant for result in side}) == 1 for side in (baseline, candidate))
    before = _by_case(baseline, names[0], alone=alone)
    after = _by_case(candidate, names[1], alone=alone)
    return tuple(
        Pair(
            suite=key[0],
            case=key[1],
            variant=key[2],
            baseline=_side(before.get(key, ())),
            candidate=_side(after.get(key, ())),
        )
        for key in dict.fromkeys((*before, *after))
    )


def _by_case(results: Sequence[Result], name: str, *, alone: bool) -> Mapping[_Key, Sequence[Result]]:
    cases: dict[_Key, list[Result]] = {}
    seen: set[tuple[_Key, int]] = set()
    for result in results:
        key = (result.suite, result.case, "" if alone else result.variant)
        if (key, result.trial) in seen:
            what = f"trial {result.trial} of case {result.case!r} is there twice"
            raise ResultsInvalid(what, where=name, remedy="compare two runs, each in a file of its own")
        seen.add((key, result.trial))
        cases.setdefault(key, []).append(result)
    return cases


def _side(results: Sequence[Result]) -> Side:
    return Side(results=tuple(results), counted=collapse(map(sample_of, results)))
