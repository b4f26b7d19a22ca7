"""Whether the judges of a gate's metrics are calibrated."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from agentops_eval.domain import JudgeInvalid
from agentops_eval.gate import Gate, JudgeTrust
from agentops_eval.harness._calibrations import Trust, calibration_path


def read_trusts(gate: Gate, folder: Path) -> Mapping[str, JudgeTrust]:
    """What the calibrations in ``folder`` say of each judge that a metric names; nothing of those without."""
    found: dict[str, JudgeTrust] = {}
    for name in sorted({metric.judge for metric in gate.metrics if metric.judge}):
        try:
            path = calibration_path(folder, name)
            told = msgspec.json.decode(path.read_bytes(), type=Trust)
        except (FileNotFoundError, JudgeInvalid):
            continue
        except (OSError, msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            found[name] = JudgeTrust(
                trusted=False, shortfalls=(f"its calibration cannot be read: {type(error).__name__}",)
            )
            continue
        found[name] = JudgeTrust(trusted=told.trusted, shortfalls=told.shortfalls)
    return found
