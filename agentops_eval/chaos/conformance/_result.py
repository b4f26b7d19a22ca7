"""What a conformance check found."""

from __future__ import annotations

from dataclasses import dataclass

from agentops_eval.domain import ChaosFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """The outcome of one check of one agent.

    ``passed`` is None where it cannot be told, which ``why`` explains: nothing to check, nothing declared,
    a fault that could not be injected. ``evidence`` are lines that say what was tried and seen.
    """

    name: str
    passed: bool | None
    runs: int = 0
    findings: tuple[ChaosFinding, ...] = ()
    why: str = ""
    evidence: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """``passed``, ``failed`` or ``cannot tell``."""
        return "cannot tell" if self.passed is None else "passed" if self.passed else "failed"
