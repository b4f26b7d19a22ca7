"""A decision about samples that are at hand, as a test has them."""

from __future__ import annotations

from pathlib import Path

from agentops_eval.domain import Decision
from agentops_eval.gate import GateFile, decide
from agentops_eval.harness._judge_settings import load_judge_settings
from agentops_eval.harness.gating._gather import Gathered
from agentops_eval.harness.gating._trusts import read_trusts


def decide_gathered(
    gate: GateFile, found: Gathered, *, root: Path, seed: int | None = None, now_s: float | None = None
) -> Decision:
    """Decide by samples of both arms; ``root`` is where settings are looked for. Raises ConfigInvalid."""
    return decide(
        gate.gate,
        found.samples,
        seed=seed,
        now_s=now_s,
        trusts=read_trusts(gate.gate, root / load_judge_settings(root).folder),
        faults=found.faults,
    )
