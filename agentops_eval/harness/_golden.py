"""Comparing a run with its golden, and approving a new one."""

from __future__ import annotations

import os
from pathlib import Path

from agentops_eval.domain import GoldenCorrupt, GoldenDiverged, GoldenMissing, Trace
from agentops_eval.harness._run import ActiveRun
from agentops_eval.harness._settings import refuse_approving_in_ci
from agentops_eval.traces import diverge, read_golden, render_divergence, semconv, write_golden
from agentops_eval.traces.redaction import Redactor


class GoldenFile:
    """The approved trace of one case: ``check`` compares a run with it, ``approve`` accepts a run.

    ``==`` with a trace compares as well. A missing golden is unequal to everything, and ``explain``
    says how to approve one. With ``approving`` the comparison succeeds and remembers the trace for
    ``save``. ``approve_command`` is what errors tell to do; by default a line for the script.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        approve_command: str = "",
        approving: bool = False,
        shown_path: str = "",
    ) -> None:
        self.path = Path(path)
        self.approving = approving
        self.shown_path = shown_path or str(path)
        self.approve_command = approve_command or f"GoldenFile({str(path)!r}).approve(run)"
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

    def check(self, run: Trace) -> None:
        """Do nothing where ``run`` equals the golden.

        Raises GoldenDiverged with the first difference and both sides, or what reading ``trace`` does.
        """
        told = self._told(run, "its golden", approve_command="")
        if told:
            what, *sides = told.splitlines()
            raise GoldenDiverged(
                what,
                where=self.shown_path,
                difference="\n".join(side.strip() for side in sides),
                remedy=self.approve_command,
            )

    def explain(self, run: Trace) -> str:
        """Why ``run`` differs from the golden, empty where it does not."""
        try:
            return self._told(run, self.shown_path, approve_command=self.approve_command)
        except GoldenMissing as missing:
            return str(missing)

    def _told(self, run: Trace, name: str, *, approve_command: str) -> str:
        divergence = diverge(self.trace, run)
        if divergence is None:
            return ""
        agent = str(run.resource.get(semconv.SERVICE_NAME, "the run"))
        return render_divergence(divergence, agent=agent, golden_path=name, approve_command=approve_command)

    def approve(self, run: ActiveRun) -> None:
        """Accept what ``run`` did: write its trace, redacted, as the golden.

        Raises RecordingRefused while ``CI`` is set, SecretFound where redaction overlooked something,
        and GoldenWrite where the disk refuses.
        """
        refuse_approving_in_ci(os.environ)
        write_golden(self.path, run.trace, redactor=run.redactor)

    def save(self, redactor: Redactor) -> bool:
        """Write the compared trace as the new golden; False when nothing was compared."""
        if self.pending is None:
            return False
        write_golden(self.path, self.pending, redactor=redactor)
        return True
