"""What makes evidence unusable: each reason keeps a candidate where it is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from agentops_eval.domain import Arm, Reason, counted
from agentops_eval.gate._census import Census
from agentops_eval.gate._gate import RELATIVE, Gate, Kind, Metric, Stage
from agentops_eval.gate._track import Track
from agentops_eval.gate._values import Flaw
from agentops_eval.stats import fisher_mid_p, log_assignment_evidence

CONSTANT_ARM = "constant-arm"
"""A doubt that keeps a candidate from being promoted, and not from being rolled back."""

_DAY_H = 24
_MOST_LET_PASS = 0.5
_SCATTERS = frozenset((Kind.BOUNDED, Kind.UNBOUNDED))
_FEWEST = 5
"""With fewer samples, all alike tells nothing."""


def arm_reasons(gate: Gate, arms: Mapping[Arm, Census], stage: Stage) -> Iterator[Reason]:
    """What is wrong with each arm of a stage alone."""
    of_stage = f" of stage {stage.name}" if len(gate.stages) > 1 else ""
    for arm, found in arms.items():
        if not found.rows:
            yield Reason(code="no-data", message=f"the {arm} has no samples{of_stage}")
            continue
        yield from _row_reasons(gate, arm, found)
        for metric in gate.metrics:
            if metric.kind is Kind.LIMIT and arm is Arm.BASELINE:
                continue
            yield from _metric_reasons(gate, arm, found, metric)


def _row_reasons(gate: Gate, arm: Arm, found: Census) -> Iterator[Reason]:
    quality = gate.quality
    if found.twice:
        more = f" and {len(found.twice) - 1} more" if len(found.twice) > 1 else ""
        yield Reason(
            code="duplicate",
            message=f"the {arm} has the same sample twice: {found.twice[0]}{more}",
            remedy="leave one row for each case and trial; number repeats by `trial`",
        )
    backwards, where = found.backwards
    if backwards > quality.disorder_s:
        yield Reason(
            code="time-backwards",
            message=f"times of the {arm} run backwards by {backwards:g} s at {where}",
            remedy=f"sort the rows by time, or let it pass: quality: {{disorder_s: {math.ceil(backwards)}}}",
        )
    if found.bad_time:
        yield Reason(
            code="time-unknown", message=f"the time of {found.bad_time} of the {arm} is no finite number"
        )
    if found.errors > quality.most_errors * found.rows:
        yield Reason(
            code="errors",
            message=f"{found.errors} of {found.rows} samples of the {arm} broke off without its fault",
            remedy="mend what broke and run them again; errors are no scores",
        )


def _metric_reasons(gate: Gate, arm: Arm, found: Census, metric: Metric) -> Iterator[Reason]:
    name, missing = metric.name, found.missing[metric.name]
    if found.counted and missing == found.counted:
        message = f"no sample of the {arm} has {name}"
        yield Reason(
            code="missing-metric", message=message, metric=name, remedy="map its column: columns.metrics"
        )
    elif missing > gate.quality.most_missing * found.counted:
        yield Reason(
            code="missing-values",
            message=f"{missing} of {found.counted} samples of the {arm} lack {name}",
            metric=name,
            remedy=f"what is missing may be what failed{_more_missing(missing, found.counted)}",
        )
    for (which, flaw), count in found.flaws.items():
        if which == name:
            where = found.first_flaw[which, flaw]
            yield Reason(
                code="invalid-values",
                message=f"{counted(count, 'value')} of {name} of the {arm}: {flaw}, first at {where}",
                metric=name,
                remedy=_range_remedy(metric) if flaw is Flaw.OUT_OF_RANGE else "mend what writes them",
            )


def _range_remedy(metric: Metric) -> str:
    if metric.kind is Kind.BINARY:
        return "a binary value is true or false; for scores write kind: bounded"
    if metric.kind is Kind.BOUNDED:
        return f"check the unit, or write the range; it is [{metric.range[0]:g}, {metric.range[1]:g}] now"
    if metric.kind in {Kind.COUNT, Kind.LIMIT}:
        return f"a count is a whole number from 0 to `most`, {metric.most:g} now; else write kind: unbounded"
    return f"check the unit; from 0 to `most`, which is {metric.most:g} now"


def unpaired_reason(alone: int, cases: int, strays: Mapping[Arm, str]) -> Reason:
    """That too many cases were run by one arm alone, with the first of each."""
    examples = ", ".join(f"the {arm} has {case}" for arm, case in strays.items())
    if alone == cases:
        return Reason(
            code="unpaired",
            message=f"no case was run by both arms: {examples}",
            remedy="run the same cases in both arms, under the same names",
        )
    return Reason(
        code="unpaired",
        message=f"{alone} of {counted(cases, 'case')} were run by one arm alone: {examples}",
        remedy=f"run the same cases in both arms{_more_missing(alone, cases)}",
    )


def _more_missing(missing: int, of: int) -> str:
    """What lets so many pass, where that is not most of them."""
    share = math.ceil(100 * missing / of) / 100
    return f"; let so many pass: quality: {{most_missing: {share:g}}}" if share <= _MOST_LET_PASS else ""


def both_reasons(gate: Gate, arms: Mapping[Arm, Census]) -> Iterator[Reason]:
    """What is wrong with the arms side by side."""
    baseline, candidate = arms[Arm.BASELINE], arms[Arm.CANDIDATE]
    if not baseline.rows or not candidate.rows:
        return
    before, after = ((one.errors, one.rows) for one in (baseline, candidate))
    yield from _differs(gate, "broke off without the agent's fault", before, after)
    for metric in gate.metrics:
        name = metric.name
        if metric.kind is Kind.LIMIT:
            continue
        before, after = ((one.missing[name], one.counted) for one in (baseline, candidate))
        yield from _differs(gate, f"lack {name}", before, after, metric=name)
        yield from _constant(metric, arms)


def _constant(metric: Metric, arms: Mapping[Arm, Census]) -> Iterator[Reason]:
    """Whether nothing shows that a metric can change, in both arms, or in one alone where it scatters.

    All may pass, or none retry. But costs that are all alike are those of a meter that hangs, and scores that
    are all alike may be those of a judge that was won over.
    """
    if metric.may_be_constant:
        return
    values = {arm: found.values[metric.name] for arm, found in arms.items()}
    stuck = [arm for arm, found in arms.items() if len(values[arm]) == 1 and found.counted >= _FEWEST]
    remedy = "if it may be so, write may_be_constant: true"
    if len(set().union(*values.values())) == 1:
        value = next(iter(set().union(*values.values())))
        message = f"{metric.name} is {value:g} in all samples: nothing shows that it can change"
        yield Reason(code="constant", message=message, metric=metric.name, remedy=remedy)
    elif len(stuck) == 1 and metric.kind in _SCATTERS and not metric.judge:  # a judge's answers are looked at
        value = next(iter(values[stuck[0]]))
        message = f"{metric.name} is {value:g} in all samples of the {stuck[0]} alone: what measures may hang"
        yield Reason(code=CONSTANT_ARM, message=message, metric=metric.name, remedy=remedy)


def _differs(
    gate: Gate, what: str, baseline: tuple[int, int], candidate: tuple[int, int], metric: str = ""
) -> Iterator[Reason]:
    """Whether the arms differ in what they lack, beyond chance."""
    (b, b_all), (c, c_all) = baseline, candidate
    if not b_all or not c_all or b == c == 0:
        return
    one_sided = min(fisher_mid_p((b, b_all), (c, c_all)), fisher_mid_p((c, c_all), (b, b_all)))
    if 2 * one_sided <= gate.quality.alpha:
        yield Reason(
            code="quality-differs",
            message=f"{b} of {b_all} samples of the baseline {what}, {c} of {c_all} of the candidate",
            metric=metric,
            remedy="the arms are not measured alike: find out why before you compare them",
        )


def age_reasons(gate: Gate, arms: Mapping[Arm, Census], now_s: float | None) -> Iterator[Reason]:
    """Whether the newest evidence is too old; no time is as bad as an old one, where age is asked for."""
    limit = gate.quality.max_age_h
    if limit is None:
        return
    for arm, found in arms.items():
        if not found.rows:
            continue
        if found.newest_s is None or now_s is None:
            yield Reason(code="stale", message=f"nobody can say how old the samples of the {arm} are")
        elif now_s - found.newest_s > limit * 3_600:
            age_h = (now_s - found.newest_s) / 3_600
            aged = f"{age_h / _DAY_H:.1f} days" if age_h >= 2 * _DAY_H else f"{age_h:.1f} hours"
            yield Reason(
                code="stale",
                message=f"the newest sample of the {arm} is {aged} old, more than {limit:g} hours",
                remedy="run it again",
            )


def assignment_reasons(
    gate: Gate, stage: str, share: float, baseline: int, candidate: int
) -> Iterator[Reason]:
    """Whether sessions were split as the stage says (a sample-ratio test that may be read at any time)."""
    n = baseline + candidate
    if n and log_assignment_evidence(candidate, n, share=share) >= -math.log(gate.quality.alpha):
        yield Reason(
            code="assignment",
            message=f"{candidate} of {n} sessions of {stage} are the candidate's, not {share:.4g} of them",
            remedy="look for what loses or adds sessions of one arm; the arms may not be alike",
        )


def burst_reasons(tracks: Iterable[Track]) -> Iterator[Reason]:
    """Whether events come in bursts: then they are fewer witnesses than there are events."""
    for track in tracks:
        found = track.dispersion
        if found.bursts():
            name = track.metric.name
            yield Reason(
                code="bursts",
                message=f"events of {name} come in bursts: chance scatters them {found.index:.1f} times less",
                metric=name,
                remedy="count what has any event (kind: binary), or compare typical counts (kind: unbounded)",
            )


def dependence_reasons(gate: Gate, tracks: Iterable[Track]) -> Iterator[Reason]:
    """Whether successive blocks resemble each other: then they are fewer witnesses than they seem."""
    for track in tracks:
        if track.serial.depends():
            found = track.serial.correlation
            block = gate.block * math.ceil(2 * (1 + found) / max(1 - found, 0.05))
            yield Reason(
                code="dependent",
                message=f"successive blocks are alike in {track.metric.name} (correlation {found:.2f})",
                metric=track.metric.name,
                remedy=f"split traffic at random, session by session; or merge blocks: block: {block}",
            )


def wide_reasons(gate: Gate) -> Iterator[Reason]:
    """Margins that let a value more than double: percentages, perhaps. They block nothing."""
    for metric in gate.metrics:
        if metric.kind in RELATIVE and (metric.margin or 0) > 1:
            margin = metric.margin or 0
            yield Reason(
                code="wide-margin",
                message=f"{metric.name} may become {1 + margin:g} times as much: its margin is relative",
                metric=metric.name,
                remedy=f"where {margin:g} % was meant, write margin: {margin / 100:g}",
                blocks=False,
            )
