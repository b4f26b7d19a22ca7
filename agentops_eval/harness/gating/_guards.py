"""What is known of growing files beside the samples that count, and what it does to a decision. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from agentops_eval.domain import Arm, Decision, DecisionValue, Reason
from agentops_eval.gate import Gate
from agentops_eval.harness.gating._counted import Added, Files, stage_of

_LATE_REMEDY = (
    "what is slow may be what failed; begin anew with --trials or --settle, for all to be waited for"
)


def guarded(
    gate: Gate, decision: Decision, added: Added, files: Files, *, absent: Mapping[Arm, str]
) -> Decision:
    """The decision with what its samples do not tell: what is missing is no pass.

    ``absent`` has the files that are not there. Of an arm that is absent, or whose samples all wait, nobody
    is told that it has none.
    """
    first = list(_nothing_counts(gate, decision, added, files, absent))
    more = list(_missing(gate, added))
    known = [f"the {arm} " for arm in Arm if arm in absent or files.get(arm)]
    kept = [
        one for one in decision.reasons if one.code != "no-data" or not one.message.startswith(tuple(known))
    ]
    held = decision.value is DecisionValue.PROMOTE and any(one.blocks for one in (*first, *more))
    return replace(
        decision,
        value=DecisionValue.HOLD if held else decision.value,
        reasons=(*first, *kept, *more),
        n_needed=None if held else decision.n_needed,
    )


def _nothing_counts(
    gate: Gate, decision: Decision, added: Added, files: Files, absent: Mapping[Arm, str]
) -> Iterator[Reason]:
    if absent:
        verb, it = ("is", "it") if len(absent) == 1 else ("are", "they")
        yield Reason(
            code="absent",
            message=f"{' and '.join(absent.values())} {verb} not there yet: {it} {verb} waited for",
            remedy="append samples to it, or name the file that has them",
        )
    if added.waiting and any(one.code == "no-data" for one in decision.reasons):
        wanted = _waited_for(gate, files)
        yield Reason(code="waiting", message=f"no sample counts yet: {added.waiting:,} wait for {wanted}")


def _waited_for(gate: Gate, files: Files) -> str:
    lacking = [arm for arm in Arm if not files.get(arm)]
    if lacking:
        return f"samples of the {lacking[0]}"
    shares = {stage.name: stage.share for stage in gate.stages}
    live = {
        shares.get(stage_of(gate, sample)) is not None for samples in files.values() for sample in samples
    }
    wanted = {True: "later sessions of both arms", False: "the other arm's trials of their cases"}
    return " or ".join(said for kind, said in wanted.items() if kind in live)


def _missing(gate: Gate, added: Added) -> Iterator[Reason]:
    if added.pending > gate.quality.most_missing * added.known:
        yield Reason(
            code="pending",
            message=f"not complete in both arms yet: {added.pending} of {added.known} cases",
            remedy="wait for them, or run what is missing",
        )
    if added.late:
        came = "1 sample came" if added.late == 1 else f"{added.late:,} samples came"
        many = added.late_share > gate.quality.most_missing
        yield Reason(
            code="late",
            message=f"{came} for what was counted before; left out",
            remedy=_LATE_REMEDY if many else "",
            blocks=many,
        )
