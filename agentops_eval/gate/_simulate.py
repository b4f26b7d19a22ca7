"""What a gate does to candidates of which the truth is known: the gate is tried before it is needed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agentops_eval.domain import DecisionValue
from agentops_eval.gate._bets import Bet
from agentops_eval.gate._bettors import bettor_of
from agentops_eval.gate._characteristics import Characteristic, OperatingCharacteristics, Rollout, summed_up
from agentops_eval.gate._decide_metric import Bars, looked_at
from agentops_eval.gate._draws import Draws, KnownBets, traffic
from agentops_eval.gate._gate import Gate, Kind, Stage
from agentops_eval.gate._peeking import Peeking
from agentops_eval.gate._planned import looks_of
from agentops_eval.gate._track import Track
from agentops_eval.gate._truth import MADE_UP, MadeUp, Truth
from agentops_eval.gate._walk import most_units, new_tracks

_AS_IT_IS = Truth()


def simulate(
    gate: Gate,
    *,
    candidates: Sequence[MadeUp] = MADE_UP,
    truth: Truth = _AS_IT_IS,
    repetitions: int = 1_000,
    n: int = 400,
    seed: int = 0,
    peeking: bool = True,
) -> OperatingCharacteristics:
    """Let the gate decide about made-up candidates, looking after every unit as nobody could more often.

    In each repetition evidence comes unit by unit, up to ``n`` pairs, or sessions of traffic, in each stage;
    one that promotes leads to the next that compares. The bets are those of ``decide``, and the same inputs
    give the same figures. Beside it ``peeking`` does what many do: a z-test after every tenth unit
    from the twentieth on. Raises ValueError for no repetition, no unit, or a gate that compares nothing.
    """
    if repetitions < 1 or n < 1:
        raise ValueError(f"{repetitions} repetitions of {n} units show nothing")
    stages = comparing(gate)
    found: list[Characteristic] = []
    for candidate in candidates:
        simulation = _Simulation(gate, stages, candidate, truth, n=n, seed=seed, peeking=peeking)
        found.append(summed_up(candidate, [simulation.run(number) for number in range(repetitions)]))
    return OperatingCharacteristics(
        gate=gate.name, n=n, repetitions=repetitions, seed=seed, truth=truth, candidates=tuple(found)
    )


def comparing(gate: Gate) -> list[Stage]:
    """The stages in which a candidate has a baseline beside it. Raises ValueError where there is none."""
    stages = [stage for stage in gate.stages if stage.share is None or stage.share < 1]
    if not stages:
        raise ValueError("no stage of the gate compares a candidate with a baseline")
    return stages


def draws_of(gate: Gate, candidate: MadeUp, truth: Truth) -> list[Draws]:
    """What befalls each metric of a gate."""
    return [Draws(metric, truth, candidate.of(metric)) for metric in gate.metrics]


def begin(
    draws: Sequence[Draws], candidate: MadeUp, truth: Truth, *, seed: int, number: int
) -> random.Random:
    """Begin a repetition: what it draws depends on its number and not on what others drew.

    Metrics that move together draw the same. Gives what decides of which arm the next session is.
    """
    name = f"{seed}\n{candidate.name}\n{number}"
    for at, draw in enumerate(draws):
        draw.begin(f"{name}\n" if truth.together else f"{name}\n{at}")
    return random.Random(f"{name}\ntraffic")  # noqa: S311 - no secret


@dataclass(slots=True)
class _Leg:
    """One stage as it is simulated: what it asks, and where its units come from."""

    stage: Stage
    bars: list[Bars]
    bets: list[KnownBets]
    fewest: int
    most: int | None


class _Simulation:
    """Rollouts of one made-up candidate, one after the other."""

    def __init__(
        self,
        gate: Gate,
        stages: Sequence[Stage],
        candidate: MadeUp,
        truth: Truth,
        *,
        n: int,
        seed: int,
        peeking: bool,
    ) -> None:
        self._gate, self._n, self._peeking = gate, n, peeking
        self._looks = None if gate.planned is None else frozenset(looks_of(gate.planned))
        self._candidate, self._truth, self._seed = candidate, truth, seed
        self._draws = draws_of(gate, candidate, truth)
        self._arrivals = begin(self._draws, candidate, truth, seed=seed, number=0)
        self._legs = [self._leg(stage) for stage in stages]

    def _leg(self, stage: Stage) -> _Leg:
        gate = self._gate
        return _Leg(
            stage=stage,
            bars=[Bars.of(gate, stage, metric) for metric in gate.metrics],
            bets=[self._known_bets(at, stage) for at in range(len(gate.metrics))],
            fewest=max(gate.min_n, stage.min_n),
            most=most_units(gate, stage),
        )

    def _known_bets(self, at: int, stage: Stage) -> KnownBets:
        metric, live = self._gate.metrics[at], stage.share is not None
        bettor = bettor_of(metric, live=live, block=self._gate.block)
        return KnownBets(metric, bettor, share=stage.share)

    def run(self, number: int) -> Rollout:
        """Roll one candidate out."""
        gate = self._gate
        self._arrivals = begin(self._draws, self._candidate, self._truth, seed=self._seed, number=number)
        tracks = new_tracks(gate)
        peeking = Peeking(gate) if self._peeking else None
        value, total = DecisionValue.HOLD, 0
        for leg in self._legs:
            for track in tracks:
                track.begin(live=leg.stage.share is not None, block=gate.block)
            value, n = self._stage(leg, tracks, peeking)
            total += n
            if value is not DecisionValue.PROMOTE:
                break
        return Rollout(value=value, n=total, peeking=peeking)

    def _stage(
        self, leg: _Leg, tracks: Sequence[Track], peeking: Peeking | None
    ) -> tuple[DecisionValue, int]:
        """What a stage comes to, and after how many pairs or sessions.

        Who peeks does not stop where the gate does, but on the same units.
        """
        planned, units, seen = self._looks is not None, 0, 0
        value, at = DecisionValue.HOLD, self._n
        for weight, bets in self._units(leg):
            seen += weight
            if seen > self._n or (leg.most is not None and units >= leg.most):
                break
            units += 1
            if peeking is not None and not peeking.done:
                peeking.see(bets, tracks)
            if value is not DecisionValue.HOLD:
                if peeking is None or peeking.done:
                    break
                continue
            for track, bet in zip(tracks, bets, strict=True):
                if bet is not None and not track.full:
                    track.settle(bet, keep_plain=planned)
            value = self._value(leg, tracks, units)
            at = seen
        return value, at

    def _value(self, leg: _Leg, tracks: Sequence[Track], units: int) -> DecisionValue:
        """The decision after a unit, as ``decide`` would have it."""
        lowest = DecisionValue.PROMOTE if units >= leg.fewest else DecisionValue.HOLD
        for track, bars in zip(tracks, leg.bars, strict=True):
            value = self._of_metric(track, bars)
            if value is DecisionValue.ROLLBACK:
                return value
            if value is DecisionValue.HOLD:
                lowest = value
        return lowest

    def _of_metric(self, track: Track, bars: Bars) -> DecisionValue:
        if self._looks is None or track.metric.kind is Kind.LIMIT:
            return bars.value(track)
        return looked_at(self._gate, track).value if track.n in self._looks else DecisionValue.HOLD

    def _units(self, leg: _Leg) -> Iterator[tuple[int, Sequence[Bet | None]]]:
        """Units without an end: how many pairs or sessions each is, and what it says of each metric."""
        share = leg.stage.share
        bets = leg.bets
        for at, metric in enumerate(self._gate.metrics):
            if metric.quantile is not None:  # it learns as it goes, and begins anew
                bets[at] = self._known_bets(at, leg.stage)
        if share is None:
            sources = [map(known.of, draw.pairs()) for known, draw in zip(bets, self._draws, strict=True)]
            for said in zip(*sources, strict=True):
                yield 1, said
        else:
            for theirs, mine in traffic(self._arrivals, share, self._gate.block):
                pairs = zip(bets, self._draws, strict=True)
                yield theirs + mine, [known.of(draw.session(theirs, mine)) for known, draw in pairs]
