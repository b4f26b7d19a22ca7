"""Metrics that rest on a judge: whether the judge may be believed, and whether it is being played."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentops_eval.domain import Arm, Reason, Sample
from agentops_eval.gate._gate import Gate, Metric
from agentops_eval.gate._values import Flaw, value_of

_FEWEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeTrust:
    """What a calibration says of a judge: whether it reached its floors, else where it fell short."""

    trusted: bool
    shortfalls: tuple[str, ...] = ()


def judge_reasons(
    gate: Gate, arms: Mapping[Arm, Sequence[Sample]], trusts: Mapping[str, JudgeTrust]
) -> Iterator[Reason]:
    """Why metrics that rest on judges cannot be used."""
    for metric in gate.metrics:
        if metric.judge:
            yield from _trust(metric, trusts.get(metric.judge))
            yield from _alike(gate, metric, arms)


def _trust(metric: Metric, trust: JudgeTrust | None) -> Iterator[Reason]:
    if trust is None:
        message = f"{metric.name} rests on the judge {metric.judge}, which is not calibrated"
    elif not trust.trusted:
        message = f"{metric.name} rests on the judge {metric.judge}, which is below its floor"
        message += f": {'; '.join(trust.shortfalls)}" if trust.shortfalls else ""
    else:
        return
    yield Reason(
        code="judge-untrusted",
        message=message,
        metric=metric.name,
        remedy=f"agentops-eval judge calibrate --name {metric.judge}",
    )


def _alike(gate: Gate, metric: Metric, arms: Mapping[Arm, Sequence[Sample]]) -> Iterator[Reason]:
    """One answer to everything, or one score for everything, where the baseline's vary.

    A judge can be won over by an answer that fits every question. Where answers are not known, scores
    without any variety are as suspicious.
    """
    shares = {arm: _most_alike(samples) for arm, samples in arms.items()}
    mine, theirs = shares[Arm.CANDIDATE], shares[Arm.BASELINE]
    if mine is not None:
        if mine >= gate.quality.most_alike and (
            theirs is None or mine - theirs > gate.quality.most_alike / 2
        ):
            yield Reason(
                code="answers-alike",
                message=f"{mine:.0%} of the candidate's answers to different cases are one and the same",
                metric=metric.name,
                remedy="read it: an answer that fits every question may please the judge and help nobody",
            )
        return
    mine_n, mine_values = _scores(metric, arms[Arm.CANDIDATE])
    _, their_values = _scores(metric, arms[Arm.BASELINE])
    if mine_n >= _FEWEST and len(mine_values) == 1 and len(their_values) > 1:
        yield Reason(
            code="scores-alike",
            message=f"the judge gave each of {mine_n} answers of the candidate the same {metric.name}",
            metric=metric.name,
            remedy="give the answers (columns: {answer: ...}), so that their variety can be seen",
        )


def _most_alike(samples: Sequence[Sample]) -> float | None:
    """The share of cases that got the most frequent answer; None where answers are not known."""
    cases: dict[str, str] = {}
    for sample in samples:
        if sample.answer and sample.counts:
            cases.setdefault(sample.case, sample.answer)
    if len(cases) < _FEWEST:
        return None
    return Counter(cases.values()).most_common(1)[0][1] / len(cases)


def _scores(metric: Metric, samples: Sequence[Sample]) -> tuple[int, set[float]]:
    found = [value_of(metric, sample) for sample in samples if sample.counts]
    known = [value for value in found if not isinstance(value, Flaw)]
    return len(known), set(known)
