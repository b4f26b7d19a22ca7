"""A decision about files, as both shells make it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from agentops_eval.domain import Decision, GateInvalid
from agentops_eval.gate import GateFile, decide, read_gate
from agentops_eval.harness._judge_settings import load_judge_settings
from agentops_eval.harness.gating._gather import Source, gather
from agentops_eval.harness.gating._trusts import read_trusts


def load_gate(path: Path) -> GateFile:
    """The gate of a file. Raises GateInvalid."""
    try:
        data = path.read_bytes()
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
    now_s: float | None = None,
) -> Decision:
    """Decide by what the files say now; ``root`` is where settings are looked for.

    Raises SamplesInvalid for files that cannot be read, ConfigInvalid for settings.
    """
    found = gather(gate, sources)
    folder = root / load_judge_settings(root).folder
    return decide(
        gate.gate,
        found.samples,
        seed=seed,
        now_s=now_s,
        trusts=read_trusts(gate.gate, folder),
        faults=found.faults,
    )
