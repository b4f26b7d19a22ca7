"""Which trials a command means: every case, variant and repetition, in a fixed order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from agentops_eval.domain import Scenario, ScenarioInvalid, Suite, Variant, nearest
from agentops_eval.harness._paths import case_paths, safe_case


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which trials to take: patterns of case ids, tags of which one is enough, variants, repetitions.

    Empty means all; ``variants`` empty means the baseline alone. ``repeat`` overrides the scenarios'.
    ``candidate`` names a change of the agent itself, such as a prompt that is being edited: its runs
    are kept as branches of the recordings.
    """

    cases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    all_variants: bool = False
    repeat: int | None = None
    candidate: str = ""

    def takes(self, scenario: Scenario) -> bool:
        """Whether the scenario is among the chosen cases and tags, and not skipped."""
        if scenario.skip:
            return False
        by_case = not self.cases or any(fnmatchcase(scenario.id, one) for one in self.cases)
        return by_case and (not self.tags or any(tag in scenario.tags for tag in self.tags))

    def trials_of(self, scenario: Scenario) -> int:
        """How many trials of a case are meant."""
        return self.repeat or scenario.repeat

    def takes_variant(self, variant: Variant) -> bool:
        """Whether the variant is among the chosen ones."""
        if self.all_variants:
            return True
        return variant.name in self.variants if self.variants else not variant.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One run to come. ``cassette`` is its recording, ``branch`` the branch of it that is meant.

    ``path`` is the file of its suite, ``of`` how many trials of the case there are. Every trial of a case
    has a recording of its own, so that repeats are independent runs.
    """

    scenario: Scenario
    variant: Variant
    number: int
    cassette: Path
    candidate: str = ""
    path: str = ""
    of: int = 1

    @property
    def branch(self) -> str:
        """The branch of the recording: the candidate's name and that of the variant; empty for neither."""
        return "-".join(filter(None, (self.candidate, self.variant.name)))

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What tells trials apart: suite, case, candidate with its variant, number."""
        return (self.scenario.suite, self.scenario.id, self.branch, self.number)

    @property
    def seed(self) -> int:
        """A seed of its own, the same in every run of this trial."""
        text = "\n".join((self.scenario.suite, self.scenario.id, str(self.number)))
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def plan(suites: Iterable[Suite], choice: Choice, golden_dir: Path) -> tuple[Trial, ...]:
    """The trials of the chosen cases: suite by suite, case by case, variant by variant."""
    return tuple(
        replace(_trial(suite, scenario, variant, number, choice, golden_dir), of=choice.trials_of(scenario))
        for suite in suites
        for scenario in suite.scenarios
        if choice.takes(scenario)
        for variant in suite.variants
        if choice.takes_variant(variant)
        for number in range(1, choice.trials_of(scenario) + 1)
    )


def unknown_variants(suites: Sequence[Suite], choice: Choice) -> tuple[str, ...]:
    """Names of variants that were asked for and that no suite has."""
    known = {variant.name for suite in suites for variant in suite.variants}
    return tuple(name for name in choice.variants if name not in known)


def nothing_chosen(suites: Sequence[Suite], choice: Choice) -> ScenarioInvalid | None:
    """What is wrong with a choice that no case fits: a pattern or a tag that nothing has; None for a fit."""
    scenarios = [scenario for suite in suites for scenario in suite.scenarios]
    if not scenarios or any(choice.takes(scenario) for scenario in scenarios):
        return None
    ids = {scenario.id for scenario in scenarios}
    for pattern in choice.cases:
        found = [one for one in ids if fnmatchcase(one, pattern)]
        if not found:
            return ScenarioInvalid(f"no case is called {pattern!r}", remedy=nearest(pattern, ids))
    tags = {tag for scenario in scenarios for tag in scenario.tags}
    for tag in choice.tags:
        if tag not in tags:
            return ScenarioInvalid(
                f"no case has the tag {tag!r}", remedy=nearest(tag, tags) or "none has any"
            )
    return ScenarioInvalid(
        "no case fits all of what was chosen", remedy="leave out --case or --tag, or see skip:"
    )


def _trial(
    suite: Suite, scenario: Scenario, variant: Variant, number: int, choice: Choice, golden_dir: Path
) -> Trial:
    case = safe_case(scenario.id, "" if number == 1 else f"trial {number}")
    return Trial(
        scenario=scenario,
        variant=variant,
        number=number,
        cassette=case_paths(golden_dir, scenario.suite, case).cassette,
        candidate=choice.candidate,
        path=suite.path,
    )
