"""Comparing a run with its golden, and approving a new one."""

from __future__ import annotations

import os
from pathlib import Path

from agentops_eval.domain import GoldenCorrupt, GoldenDiverged, GoldenMissing, Trace
from agentops_eval.harness._run import ActiveRun
from agentops_eval.harness._settings import refuse_approving_in_ci
from agentops_eval.traces import (
    GOLDEN_SUFFIX,
    FileKind,
    diverge,
    divergence_head,
    divergence_sides,
    is_or_was,
    read_golden,
    render_divergence,
    semconv,
    write_golden,
)


class GoldenFile:
    """The approved trace of one case: ``check`` compares a run with it, ``approve`` accepts a run.

    ``==`` with a trace compares as well. A missing golden is unequal to everything, and ``explain``
    says how to approve one. ``approve_command`` is what errors tell to do; by default a line for the
    script.
    """

    def __init__(self, path: str | Path, *, approve_command: str = "", shown_path: str = "") -> None:
        self.path = Path(path)
        self.shown_path = shown_path or str(path)
        self.approve_command = approve_command or f"GoldenFile({str(path)!r}).approve(run)"
        self.explanation = ""

    def __repr__(self) -> str:
        return f"<golden {self.shown_path}>"

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Trace):
            return NotImplemented
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
            if corrupt.remedy and is_or_was(self.path, FileKind.GOLDEN, GOLDEN_SUFFIX):
                corrupt.remedy = self.approve_command
            raise

    def check(self, trace: Trace) -> None:
        """Do nothing where ``trace`` equals the golden.

        Raises GoldenDiverged with the first difference and both sides; GoldenMissing, GoldenCorrupt or
        MergeConflict where the golden cannot be read.
        """
        divergence = diverge(self.trace, trace)
        if divergence is not None:
            raise GoldenDiverged(
                divergence_head(divergence, agent=_agent_of(trace), golden_path="its golden"),
                where=self.shown_path,
                difference="\n".join(divergence_sides(divergence)),
                remedy=self.approve_command,
            )

    def explain(self, trace: Trace) -> str:
        """Why ``trace`` differs from the golden, empty where it does not."""
        try:
            divergence = diverge(self.trace, trace)
        except GoldenMissing as missing:
            return str(missing)
        if divergence is None:
            return ""
        return render_divergence(
            divergence,
            agent=_agent_of(trace),
            golden_path=self.shown_path,
            approve_command=self.approve_command,
        )

    def approve(self, run: ActiveRun) -> None:
        """Accept what ``run`` did: write its trace, redacted, as the golden.

        Raises RecordingRefused while ``CI`` is set, SecretFound where redaction overlooked something,
        and GoldenWrite where the disk refuses.
        """
        refuse_approving_in_ci(os.environ)
        write_golden(self.path, run.trace, redactor=run.redactor)


def _agent_of(trace: Trace) -> str:
    return str(trace.resource.get(semconv.SERVICE_NAME, "the run"))
