"""Comparing a run with its golden, and approving a new one."""

from __future__ import annotations

from pathlib import Path

from agentops_eval.domain import GoldenCorrupt, GoldenMissing, Trace
from agentops_eval.traces import diverge, read_golden, render_divergence, write_golden
from agentops_eval.traces.redaction import Redactor


class GoldenFile:
    """The approved trace of one case, compared with ``==``.

    A missing golden is unequal to everything, and ``explain`` says how to approve one. With
    ``approving`` the comparison succeeds and remembers the trace for ``save``.
    """

    def __init__(
        self,
        path: Path,
        *,
        agent: str = "agent",
        approve_command: str = "",
        approving: bool = False,
        shown_path: str = "",
    ) -> None:
        self.path = path
        self.agent = agent
        self.approving = approving
        self.shown_path = shown_path or str(path)
        self.approve_command = approve_command or f"agentops-eval replay ... --golden {path} --approve"
        self.pending: Trace | None = None
        self.explanation = ""

    def __repr__(self) -> str:
        return f"<golden {self.shown_path}>"

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Trace):
            return NotImplemented
        if self.approving:
            self.pending = other
            return True
        self.explanation = self.explain(other)
        return not self.explanation

    @property
    def trace(self) -> Trace:
        """The approved trace. Raises GoldenMissing, GoldenCorrupt or MergeConflict."""
        try:
            return read_golden(self.path).trace
        except GoldenMissing as missing:
            missing.where = self.shown_path
            missing.remedy = self.approve_command
            raise
        except GoldenCorrupt as corrupt:
            corrupt.remedy = corrupt.remedy and self.approve_command
            raise

    def explain(self, run: Trace) -> str:
        """Why ``run`` differs from the golden, empty where it does not."""
        try:
            approved = self.trace
        except GoldenMissing as missing:
            return str(missing)
        divergence = diverge(approved, run)
        if divergence is None:
            return ""
        return render_divergence(
            divergence,
            agent=self.agent,
            golden_path=self.shown_path,
            approve_command=self.approve_command,
        )

    def save(self, redactor: Redactor) -> bool:
        """Write the compared trace as the new golden; False when nothing was compared."""
        if self.pending is None:
            return False
        write_golden(self.path, self.pending, redactor=redactor)
        return True
