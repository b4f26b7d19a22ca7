"""The fields of a gate file. Errors, the JSON Schema and the reference page are made of these.

What they say by default, and between which ends numbers lie, is said once: by the gate and by its bounds.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from agentops_eval.gate._gate import Asks, Direction, Kind, Role, RollbackNull
from agentops_eval.stats import Spending

# In Python alone, $ also fits before a line break at the end; the lookahead means the same everywhere.
PERCENT = r"^[0-9]{1,3}(\.[0-9]{1,9})? ?%$(?!\n)"
FORMS = {PERCENT: "a share (0.05) or a percentage (5 %)"}
"""Patterns in words."""

MayBe: TypeAlias = UnsetType | None


class MetricFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """One thing that must not get worse, or must get better."""

    name: Annotated[str, Meta(description="Its name, which is that of its column unless `columns` differs.")]
    kind: Annotated[Kind | UnsetType, Meta(description="What values it has.")] = UNSET
    margin: Annotated[
        float | MayBe,
        Meta(
            description="The loss that is let pass; needed, but for a limit. In points for binary metrics "
            "(0.05), in their own units for bounded ones, relative for unbounded ones and counts (0.2 is "
            "20 %). Of a limit, the rate that has to be ruled out before promotion. Below 0 for a goal: the "
            "gain that is asked for."
        ),
    ] = UNSET
    direction: Annotated[
        Direction | MayBe,
        Meta(description="Which change is for the better. By default higher for binary and bounded ones."),
    ] = UNSET
    role: Annotated[
        Role | UnsetType,
        Meta(description="A guardrail may roll back; a goal only has to be reached before promotion."),
    ] = UNSET
    weight: Annotated[
        float | UnsetType, Meta(description="A guardrail's part of `alpha`, relative to the others'.")
    ] = UNSET
    rollback: Annotated[
        RollbackNull | UnsetType,
        Meta(description="Roll back what is worse than the baseline, or only what is worse than the margin."),
    ] = UNSET
    range: Annotated[
        list[float] | UnsetType,
        Meta(description="The least and the greatest value of a bounded metric."),
    ] = UNSET
    quantile: Annotated[
        float | MayBe,
        Meta(description="Compare the tail of an unbounded metric (0.95) in place of what is typical."),
    ] = UNSET
    limit: Annotated[
        float | UnsetType,
        Meta(description="Of kind limit: the share of units with an event that is allowed. 0 for none ever."),
    ] = UNSET
    most: Annotated[
        float | UnsetType,
        Meta(description="The largest value that can be meant, of unbounded metrics, counts and limits."),
    ] = UNSET
    judge: Annotated[
        str | UnsetType, Meta(description="The judge that gives the values; it has to be calibrated.")
    ] = UNSET
    may_be_constant: Annotated[
        bool | UnsetType, Meta(description="Whether the same value everywhere may be meant.")
    ] = UNSET
    min_n: Annotated[int | UnsetType, Meta(description="So many units it needs before promotion.")] = UNSET
    max_n: Annotated[int | MayBe, Meta(description="Units after these do not count for it.")] = UNSET


class StageFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """One step of a rollout."""

    name: Annotated[str, Meta(description="Its name, as in the samples' column `stage`.")]
    share: Annotated[
        float | Annotated[str, Meta(pattern=PERCENT)] | MayBe,
        Meta(
            description="The candidate's part of the traffic, as 0.05 or `5 %`. Without it, pairs of cases."
        ),
    ] = UNSET
    min_n: Annotated[
        int | UnsetType, Meta(description="So many units the stage needs; more than the gate's.")
    ] = UNSET
    max_n: Annotated[int | MayBe, Meta(description="Units after these do not count in the stage.")] = UNSET
    asks: Annotated[
        Asks | UnsetType,
        Meta(description="What ends the stage: all metrics shown to be within margins, or no harm seen."),
    ] = UNSET


class PlannedFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A plan of looks, for one stage of pairs: evidence counts at these alone, and needs fewer units."""

    n: Annotated[int, Meta(description="The number of pairs at the last look.")]
    looks: Annotated[
        int | UnsetType,
        Meta(description="How many looks at most, evenly spread; they are 20 units apart or more."),
    ] = UNSET
    spending: Annotated[
        Spending | UnsetType,
        Meta(description="How alpha is spent over the looks: mostly late, mostly early, or evenly."),
    ] = UNSET


class QualityFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """What makes evidence unusable. Shares are of an arm's samples."""

    most_missing: Annotated[
        float | UnsetType,
        Meta(description="The share that may lack a metric, or their case in the other arm."),
    ] = UNSET
    most_errors: Annotated[
        float | UnsetType,
        Meta(description="The share that may have ended in errors that are not the agent's."),
    ] = UNSET
    alpha: Annotated[
        float | UnsetType,
        Meta(
            description="The level at which arms differ in this, and traffic is split otherwise than meant."
        ),
    ] = UNSET
    max_age_h: Annotated[
        float | MayBe, Meta(description="How old the newest sample may be, in hours. By default any age.")
    ] = UNSET
    disorder_s: Annotated[
        float | UnsetType, Meta(description="How far times may run backwards, in seconds.")
    ] = UNSET
    most_alike: Annotated[
        float | UnsetType,
        Meta(description="From this share of one answer to different cases on, a judged metric is refused."),
    ] = UNSET


class ColumnsFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """What the samples' columns are called; dots lead into nested objects (`spend.cost_usd`)."""

    case: Annotated[str | UnsetType, Meta(description="The case, or of traffic the session.")] = UNSET
    trial: Annotated[str | UnsetType, Meta(description="The number of the trial of a case.")] = UNSET
    passed: Annotated[str | UnsetType, Meta(description="Whether it passed.")] = UNSET
    error: Annotated[str | UnsetType, Meta(description="What it broke off with, if it did.")] = UNSET
    at: Annotated[str | UnsetType, Meta(description="When it was.")] = UNSET
    stage: Annotated[str | UnsetType, Meta(description="The stage that it belongs to.")] = UNSET
    arm: Annotated[str | UnsetType, Meta(description="Whether it is the baseline's or the candidate's.")] = (
        UNSET
    )
    trace: Annotated[str | UnsetType, Meta(description="Where its trace is.")] = UNSET
    answer: Annotated[str | UnsetType, Meta(description="What the agent answered.")] = UNSET
    recording: Annotated[
        str | UnsetType, Meta(description="The recording that it replayed: trials of one are one.")
    ] = UNSET
    metrics: Annotated[
        dict[str, str] | UnsetType, Meta(description="The column of each metric that has another name.")
    ] = UNSET


class GateFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A gate file."""

    metrics: Annotated[
        list[MetricFields], Meta(description="What is compared. All have to be fit to promote.")
    ]
    name: Annotated[
        str | UnsetType,
        Meta(description="What decisions call the gate."),
    ] = UNSET
    alpha: Annotated[
        float | UnsetType,
        Meta(description="The chance of rolling back a candidate that is no worse, over all guardrails."),
    ] = UNSET
    alpha_promote: Annotated[
        float | UnsetType, Meta(description="The chance of promoting one that is worse than a margin.")
    ] = UNSET
    min_n: Annotated[int | UnsetType, Meta(description="So many units every stage needs.")] = UNSET
    max_n: Annotated[int | MayBe, Meta(description="Units of a stage after these do not count.")] = UNSET
    block: Annotated[
        int | UnsetType,
        Meta(description="So many successive units of traffic are one, where they depend on each other."),
    ] = UNSET
    seed: Annotated[
        int | UnsetType, Meta(description="Fixes the order of pairs before results are seen.")
    ] = UNSET
    stages: Annotated[
        list[StageFields] | UnsetType,
        Meta(description="The steps of the rollout. By default one, of pairs."),
    ] = UNSET
    planned: Annotated[
        PlannedFields | MayBe, Meta(description="A plan of looks in place of evidence at any time.")
    ] = UNSET
    quality: Annotated[QualityFields | UnsetType, Meta(description="What makes evidence unusable.")] = UNSET
    columns: Annotated[
        ColumnsFields | UnsetType, Meta(description="What the samples' columns are called.")
    ] = UNSET
