"""A decision about files, as both shells make it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from agentops_eval.documents import MAX_BYTES
from agentops_eval.domain import Arm, Decision, GateInvalid, SamplesInvalid
from agentops_eval.gate import GateFile, decide, read_gate
from agentops_eval.harness._judge_settings import load_judge_settings
from agentops_eval.harness.gating._gather import Gathered, Source, gather
from agentops_eval.harness.gating._trusts import read_trusts


def load_gate(path: Path) -> GateFile:
    """The gate of a file. Raises GateInvalid."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)  # one more is refused, however many follow
    except OSError as error:
        raise GateInvalid(
            f"the gate file cannot be read: {error.strerror or error}",
            where=str(path),
            remedy="write one with at least  metrics: [{name: passed, kind: binary, margin: 0.05}]",
        ) from None
    return read_gate(data, str(path))


def decide_files(
    gate: GateFile,
    sources: Iterable[Source],
    *,
    root: Path,
    seed: int | None = None,
    order: Sequence[str] = (),
    now_s: float | None = None,
) -> Decision:
    """Decide by what the files say now; ``root`` is where settings are looked for.

    Raises SamplesInvalid for files that cannot be read, ConfigInvalid for settings.
    """
    return decide_gathered(gate, gather(gate, sources), root=root, seed=seed, order=order, now_s=now_s)


def decide_gathered(
    gate: GateFile,
    found: Gathered,
    *,
    root: Path,
    seed: int | None = None,
    order: Sequence[str] = (),
    now_s: float | None = None,
) -> Decision:
    """Decide by samples that are at hand.

    Raises ConfigInvalid for settings, and SamplesInvalid for cases that an ``order`` does not name.
    """
    if order:
        _refuse_unordered(gate, found, order)
    folder = root / load_judge_settings(root).folder
    return decide(
        gate.gate,
        found.samples,
        seed=seed,
        order=order,
        now_s=now_s,
        trusts=read_trusts(gate.gate, folder),
        doubts=found.doubts,
    )


def _refuse_unordered(gate: GateFile, found: Gathered, order: Sequence[str]) -> None:
    """An order that does not name all pairs was not fixed for them."""
    first, pairs = gate.gate.stages[0], {stage.name for stage in gate.gate.stages if stage.share is None}
    cases = {
        arm: {one.case for one in found.samples if one.arm is arm and (one.stage or first.name) in pairs}
        for arm in Arm
    }
    strange = sorted((cases[Arm.BASELINE] & cases[Arm.CANDIDATE]).difference(order))
    if strange:
        raise SamplesInvalid(
            f"the order does not name {len(strange)} of the cases that both arms ran",
            difference=f"the first is {strange[0]}; the order begins with {order[0]}",
            remedy="fix the order of the cases that run:  agentops-eval gate order CASES --out order.json",
        )
