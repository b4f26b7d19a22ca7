"""What a journal shows: weaknesses, each with a role and what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from agentops_eval.documents import shown
from agentops_eval.domain import (
    ActivityRun,
    ActivityStatus,
    Journal,
    JournalStatus,
    Json,
    Mode,
    SteadyState,
    Weakness,
    WeaknessKind,
)

_REMEDIES = {
    WeaknessKind.DEVIATED: "make it hold under this, or change what is expected of it; then run it again",
    WeaknessKind.UNSAFE: "let the agent fail safely here, and keep the schedule as a regression test",
    WeaknessKind.UNDECLARED: "declare this mode in the agent's contract, or let the agent signal it",
    WeaknessKind.NOT_STEADY: "make the state steady first: nothing was tried",
    WeaknessKind.ABORTED: "see why its abort condition was met, and make the experiment smaller",
    WeaknessKind.NOT_RUN: "mend what could not be carried out: the experiment has shown nothing",
    WeaknessKind.NOT_RESTORED: "undo it by hand, or run: agentops-eval gameday restore",
}
_NO_VERDICT = frozenset({WeaknessKind.NOT_STEADY, WeaknessKind.NOT_RUN, WeaknessKind.NOT_RESTORED})


def weaknesses_of(journal: Journal, *, owner: str = "", remedy: str = "") -> tuple[Weakness, ...]:
    """What an experiment showed, the worst first. A dry run shows nothing.

    ``remedy`` stands for what the state's deviation and an agent's harm ask for, where it is given.
    """
    if journal.dry:
        return ()
    found = [
        Weakness(
            kind=kind,
            experiment=journal.title,
            what=what,
            activity=activity,
            owner=owner,
            remedy=_REMEDIES[kind] if kind in _NO_VERDICT else remedy or _REMEDIES[kind],
        )
        for kind, what, activity in _found(journal)
    ]
    order = list(WeaknessKind)
    return tuple(sorted(dict.fromkeys(found), key=lambda one: order.index(one.kind)))


def exit_code_of(weaknesses: Iterable[Weakness]) -> int:
    """0 where nothing was found, 1 for a finding, 2 where something could not be carried out."""
    kinds = {one.kind for one in weaknesses}
    if kinds & _NO_VERDICT:
        return 2
    return 1 if kinds else 0


def _found(journal: Journal) -> Iterator[tuple[WeaknessKind, str, str]]:
    for what in journal.not_restored:
        yield WeaknessKind.NOT_RESTORED, what, ""
    if journal.before is not None and journal.before.met is False:
        for run, why in _out(journal.before):
            yield WeaknessKind.NOT_STEADY, f"it was not steady before the method: {why}", run.name
    for state in (*journal.during, *([] if journal.after is None else [journal.after])):
        for run, why in _out(state):
            yield WeaknessKind.DEVIATED, why, run.name
    for run in journal.run:
        yield from _shown_by(run, journal)
        if run.tolerance_met is False:
            why = run.told or f"it gave {shown(run.output)}, which is out of its tolerance"
            yield WeaknessKind.DEVIATED, why, run.name
    undone = {run.name for run in journal.rollbacks if run.status is ActivityStatus.SUCCEEDED}
    for run in journal.rollbacks:
        if run.name not in undone:
            yield WeaknessKind.NOT_RESTORED, f"the rollback {_why(run)}", run.name
    if journal.status is JournalStatus.ABORTED:
        yield WeaknessKind.ABORTED, journal.reason or "it was ended early", ""
    if journal.status is JournalStatus.INTERRUPTED:
        yield WeaknessKind.NOT_RUN, journal.reason or "it was interrupted", ""
    if journal.status is None:
        yield WeaknessKind.NOT_RUN, "it did not end: whoever ran it was killed", ""


def _out(state: SteadyState) -> Iterator[tuple[ActivityRun, str]]:
    for run in state.probes:
        if run.tolerance_met is False:
            yield run, run.told or f"it gave {shown(run.output)}, which is out of its tolerance"


def _why(run: ActivityRun) -> str:
    last = run.exception[-1].strip() if run.exception else "it was not finished"
    return f"{run.name} was not carried out: {last}"


def _shown_by(run: ActivityRun, journal: Journal) -> Iterator[tuple[WeaknessKind, str, str]]:
    if run.status is ActivityStatus.FAILED:
        yield WeaknessKind.NOT_RUN, _why(run), run.name
    if not _is_agents(run):
        return
    output: Mapping[str, Any] = run.output if isinstance(run.output, Mapping) else {}
    mode, why = output.get("mode"), _reasons(output)
    if mode in (Mode.HUNG, Mode.FAILED_UNSAFE):
        yield WeaknessKind.UNSAFE, f"under {output.get('faults') or 'no fault'} it was {mode}{why}", run.name
    elif mode == Mode.DEGRADED_UNDECLARED and not _accepted(run.name, mode, journal):
        yield (
            WeaknessKind.UNDECLARED,
            f"under {output.get('faults') or 'no fault'} it was {mode}{why}",
            run.name,
        )
    elif mode == Mode.UNKNOWN:
        told = output.get("why") or "it left its recording"
        yield WeaknessKind.NOT_RUN, f"nobody can say how it would have gone on: {told}", run.name


def _is_agents(run: ActivityRun) -> bool:
    provider = run.activity.get("provider")
    return isinstance(provider, Mapping) and provider.get("type") == "agent"


def _reasons(output: Mapping[str, Any]) -> str:
    reasons: Json = output.get("reasons")
    texts = [str(one.get("text") or one.get("harm")) for one in reasons or [] if isinstance(one, Mapping)]  # type: ignore[union-attr]
    return f": {'; '.join(texts)}" if texts else ""


def _accepted(name: str, mode: str, journal: Journal) -> bool:
    """Whether a look at this run accepts the mode by name."""
    states = [state for state in (journal.before, *journal.during, journal.after) if state is not None]
    runs = (*journal.run, *(run for state in states for run in state.probes))
    for run in runs:
        provider = run.activity.get("provider")
        if isinstance(provider, Mapping) and provider.get("type") == "impact" and provider.get("of") == name:
            modes = provider.get("mode")
            if isinstance(modes, list) and mode in modes:
                return True
    return False
