"""What an exploration keeps of a run: its behaviour, how it was judged, and where it can be faulted next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TypeAlias

from agentops_eval.chaos._kind import Kind, Parameters
from agentops_eval.chaos._targets import call_of, is_target
from agentops_eval.chaos.exploring._signature import asked, signature
from agentops_eval.domain import (
    ConfigInvalid,
    Event,
    Fault,
    FaultedRun,
    Impact,
    Json,
    Mode,
    Schedule,
    Where,
    nearest,
)

Runner: TypeAlias = Callable[[Schedule], FaultedRun]
Judge: TypeAlias = Callable[[FaultedRun], Impact]
Pick: TypeAlias = tuple[int, str]
"""One fault of an explored schedule: the number of its variant, and the site that it hits."""
Picks: TypeAlias = tuple[Pick, ...]
"""A schedule as the search knows it: its faults in the order in which they happen."""
Reason: TypeAlias = tuple[str, str]
"""Why a run is a finding: the harm and its subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One kind of fault with the parameters that are tried."""

    kind: Kind
    parameters: Parameters = field(default_factory=dict)

    def at(self, site: str) -> Fault:
        """The fault that hits the call at this site."""
        return Fault(kind=self.kind.name, parameters=self.parameters, where=Where(site=site))

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in sorted(self.parameters.items()))
        return f"{self.kind.name}({told})" if told else self.kind.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One call that can be faulted: its site, what it calls, and the numbers of the variants that fit.

    ``again`` says that it asks once more what the last fault hit: whoever handles a second failure may look
    at what kind it is, even where the first did not matter.
    """

    site: str
    callee: str
    fits: tuple[int, ...]
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of one run. ``places`` are those behind its last fault, where they were asked for.

    ``met`` are the rules of the contract, by number, that speak of what this run called. ``weight`` is what
    its schedule weighs in a score, ``contained`` whether the fault stayed where it happened.
    """

    signature: str
    mode: Mode
    reasons: tuple[Reason, ...] = ()
    not_injected: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    labels: Mapping[str, int] = field(default_factory=dict)
    met: frozenset[int] = frozenset()
    weight: float = 1.0
    contained: bool = True


class Space:
    """The faults that are tried: every variant of every kind, at calls whose callee is a target."""

    def __init__(self, kinds: Iterable[Kind], *, targets: Iterable[str] = (), seed: int = 0) -> None:
        self.variants = tuple(
            Variant(kind=kind, parameters=parameters) for kind in kinds for parameters in kind.variants
        )
        self.targets = tuple(targets)
        self.seed = seed

    def schedule(self, picks: Picks) -> Schedule:
        """The schedule of these picks."""
        return Schedule(
            faults=tuple([self.variants[number].at(site) for number, site in picks]), seed=self.seed
        )

    def places(self, run: FaultedRun) -> tuple[Place, ...]:
        """Where the run can be faulted behind its last fault, in order."""
        last = max((one.index for one in run.injections), default=-1)
        hit = next((event for event in run.events if event.index == last), None)
        found = (
            self._place(event, site, hit)
            for event, site in zip(run.events, run.sites, strict=False)
            if event.index > last and site
        )
        return tuple(place for place in found if place.fits)

    def _place(self, event: Event, site: str, hit: Event | None) -> Place:
        call = call_of(event)
        if self.targets and not any(is_target(target, call) for target in self.targets):
            return Place(site=site, callee="", fits=())
        fits: list[int] = []
        known: dict[int, bool] = {}
        for number, variant in enumerate(self.variants):
            kind = variant.kind
            if call.seam not in kind.seams:
                continue
            if id(kind) not in known:
                known[id(kind)] = kind.fits(call)
            if known[id(kind)]:
                fits.append(number)
        callee = f"{event.seam.value} {event.boundary}"
        return Place(site=site, callee=callee, fits=tuple(fits), again=hit is not None and _same(event, hit))


def chosen(names: Iterable[str], kinds: Mapping[str, Kind]) -> tuple[Kind, ...]:
    """The kinds with these names, which are globs; all of them without any. Raises ConfigInvalid."""
    found: dict[str, Kind] = {}
    for name in names:
        fitting = {known: kind for known, kind in kinds.items() if fnmatchcase(known, name)}
        if not fitting:
            raise ConfigInvalid(
                f"there is no fault {name!r}",
                remedy=nearest(name, kinds) or "agentops-eval chaos faults lists them",
            )
        found |= fitting
    wanted = found or dict(kinds)
    return tuple(kind for name, kind in kinds.items() if name in wanted)


def _same(one: Event, other: Event) -> bool:
    return (one.seam, one.boundary) == (other.seam, other.boundary) and asked(one.request) == asked(
        other.request
    )


def _none(_: FaultedRun) -> frozenset[int]:
    return frozenset()


def _one(_: Impact) -> float:
    return 1.0


def observe(
    picks: Picks,
    space: Space,
    runner: Runner,
    judge: Judge,
    *,
    undeclared: bool = False,
    onward: bool = True,
    met: Callable[[FaultedRun], frozenset[int]] = _none,
    weigh: Callable[[Impact], float] = _one,
) -> Seen:
    """Run one schedule and keep what a search needs. ``onward`` says that its places will be asked for.

    ``undeclared`` counts degradation that no contract declares as a finding. ``met`` tells which rules of the
    contract a run meets, ``weigh`` what its schedule weighs.
    """
    run = runner(space.schedule(picks))
    impact = judge(run)
    timed = sorted(str(space.variants[number]) for number, _ in picks if space.variants[number].kind.timed)
    reasons = reasons_of(impact, undeclared=undeclared)
    also: Json = [impact.mode.value, [list(reason) for reason in reasons], list[Json](timed)]
    return Seen(
        signature=signature(run, also=also),
        mode=impact.mode,
        reasons=reasons,
        not_injected=run.not_injected,
        places=space.places(run) if onward else (),
        labels=dict(sorted(impact.labels.items())),
        met=met(run),
        weight=weigh(impact),
        contained=impact.blast_radius.contained,
    )


def reasons_of(impact: Impact, *, undeclared: bool) -> tuple[Reason, ...]:
    """Why this counts as a finding; empty where it does not."""
    bad = {Mode.HUNG, Mode.FAILED_UNSAFE} | ({Mode.DEGRADED_UNDECLARED} if undeclared else set())
    if impact.mode not in bad:
        return ()
    found = {(reason.harm.value, reason.subject) for reason in impact.reasons}
    return tuple(sorted(found)) or ((impact.mode.value, ""),)


def seen_to_json(seen: Seen) -> dict[str, Json]:
    """As journals keep it: what is at its default is left out."""
    told: dict[str, Json] = {"signature": seen.signature, "mode": seen.mode.value}
    if seen.reasons:
        told["reasons"] = [list(reason) for reason in seen.reasons]
    if seen.not_injected:
        told["not_injected"] = list(seen.not_injected)
    if seen.places:
        told["places"] = [[place.site, place.callee, list(place.fits), place.again] for place in seen.places]
    if seen.labels:
        told["labels"] = dict(seen.labels)
    if seen.met:
        told["met"] = sorted(seen.met)
    if seen.weight != 1.0:
        told["weight"] = seen.weight
    if not seen.contained:
        told["contained"] = False
    return told


def seen_from_json(told: Mapping[str, object]) -> Seen:
    """The inverse. Raises ValueError, KeyError or TypeError for what no journal holds."""
    places: Iterable[tuple[str, str, list[int], bool]] = told.get("places", ())  # type: ignore[assignment]
    reasons: Iterable[list[str]] = told.get("reasons", ())  # type: ignore[assignment]
    missed: Iterable[str] = told.get("not_injected", ())  # type: ignore[assignment]
    labels: Mapping[str, int] = told.get("labels", {})  # type: ignore[assignment]
    met: Iterable[int] = told.get("met", ())  # type: ignore[assignment]
    return Seen(
        signature=str(told["signature"]),
        mode=Mode(str(told["mode"])),
        reasons=tuple((str(harm), str(subject)) for harm, subject in reasons),
        not_injected=tuple(map(str, missed)),
        places=tuple(
            Place(site=site, callee=callee, fits=tuple(fits), again=again)
            for site, callee, fits, again in places
        ),
        labels=dict(labels),
        met=frozenset(met),
        weight=float(str(told.get("weight", 1.0))),
        contained=told.get("contained", True) is True,
    )
