"""A watch: looks at files as they grow, and what is decided at each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from agentops_eval.domain import Arm, Decision, DecisionValue, Reason, RunMisuse, Sample
from agentops_eval.gate import Gate, JudgeTrust, decide
from agentops_eval.harness.gating._counted import Added, Counted
from agentops_eval.harness.gating._extents import Extent, Signature, extent_of, signatures_of
from agentops_eval.harness.gating._guards import guarded
from agentops_eval.harness.gating._sample_file import Form, SampleFile
from agentops_eval.harness.gating._taking import WatchOptions, added_now
from agentops_eval.harness.gating._watch_log import WatchLog
from agentops_eval.harness.gating._watch_rows import LookRow

_NOBODY: Mapping[str, JudgeTrust] = MappingProxyType({})
_SELF_HEALING = "torn-line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look, by its number from 1; 0 while there was nothing to look at.

    ``new`` samples came to count, ``waiting`` may later, ``late`` never will. ``fresh`` says that it is not
    the look before once more. ``ended``: there is nothing more to decide. ``begun`` says that there is a
    sample of the candidate, counted or not.
    """

    number: int
    decision: Decision
    new: int = 0
    waiting: int = 0
    late: int = 0
    fresh: bool = False
    ended: bool = False
    begun: bool = True


class Watch:
    """Decides about growing files, one decision a look, each look going on where the one before ended.

    ``read`` reads one arm's file. With a ``log`` that was opened, a watch goes on where the log ends.
    Decisions are valid at every look: what was counted never changes, a rollback is never taken back.
    """

    def __init__(
        self,
        gate: Gate,
        paths: Mapping[Arm, Path],
        read: Callable[[Path, Arm], SampleFile],
        *,
        options: WatchOptions | None = None,
        log: WatchLog | None = None,
        trusts: Mapping[str, JudgeTrust] = _NOBODY,
    ) -> None:
        self._gate, self._paths, self._read, self._trusts = gate, dict(paths), read, trusts
        self._options = options or WatchOptions(seed=gate.seed)
        self._log = log
        before = () if log is None else log.before
        self._counted = Counted(gate).after(*(row.added for row in before))
        self._row = before[-1] if before else None
        self._extents = dict(before[-1].extents) if before else dict.fromkeys(Arm, Extent())
        self._signatures: dict[Arm, Signature] | None = None
        self._last: Look | None = None
        self._confirmed = set() if log is None else set(log.confirmed)

    def look(self, *, now_s: float) -> Look:
        """Look at both files. ``now_s`` is in seconds since 1970.

        A look at files that nobody wrote to since is the look before once more. Raises WatchInvalid where
        what was read is not there any more, and what reading a file raises.
        """
        if self._last is not None and self._last.ended:
            return replace(self._last, fresh=False)
        if self._row is not None and _ends(self._row.value, self._row.next_stage):
            self._last = self._told(self._again(self._row), Added(), fresh=False)
            return self._last
        signatures = signatures_of(self._paths)
        if self._last is not None and signatures == self._signatures and not self._ages:
            return replace(self._last, fresh=False)
        self._last = self._look(now_s)
        self._signatures = signatures
        return self._last

    @property
    def confirmed(self) -> frozenset[str]:
        """The stages that the rollout was let out of; empty for its first step."""
        return frozenset(self._confirmed)

    def confirm(self, stage: str, *, now_s: float) -> None:
        """Remember, also in the log, that the rollout was let out of a stage. Raises OSError."""
        if self._log is not None:
            self._log.confirm(stage, now_s)
        self._confirmed.add(stage)

    @property
    def absent(self) -> tuple[str, ...]:
        """The files that are not there yet."""
        return tuple(str(path) for path in self._paths.values() if not path.exists())

    @property
    def _ages(self) -> bool:
        return self._gate.quality.max_age_h is not None

    def _look(self, now_s: float) -> Look:
        extents = {arm: extent_of(path, self._extents[arm]) for arm, path in self._paths.items()}
        files: dict[Arm, Sequence[Sample]] = {}
        doubts: list[Reason] = []
        for arm, extent in extents.items():
            if extent.bytes:
                found = self._read(self._paths[arm], arm)
                _check_form(found, self._paths[arm])
                files[arm] = found.samples
                doubts += [one for one in found.doubts if one.code != _SELF_HEALING]
        added = added_now(self._gate, self._counted, files, self._options, now_s=now_s)
        counted = self._counted.after(added)
        absent = {arm: str(path) for arm, path in self._paths.items() if not path.exists()}
        decision = guarded(self._gate, self._decide(counted, now_s, doubts), added, files, absent=absent)
        row = LookRow(
            look=1 if self._row is None else self._row.look + 1,
            at=now_s,
            extents=extents,
            added=added,
            value=decision.value,
            stage=decision.stage,
            next_stage=decision.next_stage,
            reasons=tuple(one.code for one in decision.reasons),
        )
        fresh = self._differs(row)
        if fresh:
            if self._log is not None:
                self._log.append(row, decision)
            # Not before it is on the disk: what could not be logged is looked at again.
            self._counted, self._row, self._extents = counted, row, extents
        begun = bool(files.get(Arm.CANDIDATE))
        return replace(self._told(decision, added, fresh=fresh), begun=begun)

    def _differs(self, row: LookRow) -> bool:
        """Whether a look found anything that the one before did not."""
        before = self._row
        if row.added.taken or row.extents != self._extents:
            return True
        return before is not None and (before.value, before.reasons) != (row.value, row.reasons)

    def _decide(self, counted: Counted, now_s: float, doubts: Sequence[Reason] = ()) -> Decision:
        return decide(
            self._gate,
            counted.samples,
            seed=self._options.seed,
            now_s=now_s if self._ages else None,
            trusts=self._trusts,
            order=counted.order,
            doubts=doubts,
        )

    def _again(self, row: LookRow) -> Decision:
        """The last decision of a log that has ended, made once more of what it holds."""
        found = self._decide(self._counted, row.at)
        if found.value is row.value:
            return found
        said = Reason(code="logged", message=f"look {row.look} decided {row.value}; that stays", blocks=False)
        return replace(found, value=row.value, reasons=(said, *found.reasons))

    def _told(self, decision: Decision, added: Added, *, fresh: bool) -> Look:
        return Look(
            number=0 if self._row is None else self._row.look,
            decision=decision,
            new=len(added.taken),
            waiting=added.waiting,
            late=added.late,
            fresh=fresh,
            ended=self._row is not None and _ends(decision.value, decision.next_stage),
        )


def _ends(value: DecisionValue, next_stage: str) -> bool:
    """Whether nothing is left to decide: it was rolled back, or promoted from the last stage."""
    return value is DecisionValue.ROLLBACK or (value is DecisionValue.PROMOTE and not next_stage)


def _check_form(found: SampleFile, path: Path) -> None:
    if found.form is Form.PARQUET:
        raise RunMisuse(
            "Parquet does not grow by lines",
            where=str(path),
            remedy="write JSON lines or CSV, or decide once: agentops-eval gate decide",
        )
