"""The failures that a project's evidence, its journals, explorations and runs have shown."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from agentops_eval.domain import (
    AgentopsError,
    Dependency,
    Evidence,
    FailureSeen,
    IncidentClass,
    Json,
    ShownBy,
)
from agentops_eval.harness._inventory import ROLE
from agentops_eval.harness._settings import Settings
from agentops_eval.harness.evidencing import agent_called, journal_proofs, name_kept
from agentops_eval.harness.operating._impacts import seen_of
from agentops_eval.harness.operating._lens import Happened
from agentops_eval.harness.reporting import _files as files
from agentops_eval.harness.reporting._shown import Shown, proof_of, shown_in

Note = Callable[[str, str], object]
"""Hears where something could not be read, and why."""

_KINDS = {"chaos.explore": ShownBy.EXPLORATION, "chaos.check": ShownBy.CHECK, "chaos.fault": ShownBy.FAULTS}
_HEAD = 4_096
_LARGEST = 64 * 1024 * 1024
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a project has shown of failures, before runs are looked at. ``read`` counts what was looked at."""

    seen: tuple[FailureSeen, ...]
    incidents: tuple[FailureSeen, ...]
    shown: Shown
    read: int


def known_failures(root: Path, settings: Settings, note: Note, *, now: datetime | None = None) -> Known:
    """What evidence that stands, and the latest journal of each experiment, show. Raises OSError."""
    shown = shown_in(root, now or datetime.now(UTC))
    seen = list(_of_evidence(root, shown))
    journals = list(_journals(root, note))
    told = {item.subject for item in _items(shown, "chaos.fault")}
    for source, journal in journals:
        # Where evidence tells of the same faults it knows what came later, and whose run it was: a journal
        # does not say what its agent was called then.
        runs = _of_journal(journal, lambda spec: agent_called(settings, spec), source=source)
        seen += [one for one in runs if name_kept(one.under) not in told]
    return Known(
        seen=tuple(seen),
        incidents=tuple(_of_incidents(root, shown)),
        shown=shown,
        read=shown.count + len(journals),
    )


def _items(shown: Shown, kind: str) -> Iterator[Evidence]:
    for agent in sorted(shown.standings):
        for kept in shown.of_kind(kind, agent):
            if kept.evidence is not None:
                yield kept.evidence


def _of_evidence(root: Path, shown: Shown) -> Iterator[FailureSeen]:
    for kind, by in _KINDS.items():
        for item in _items(shown, kind):
            proof = proof_of(root, item)
            yield from _of_experiments(proof, item)
            for row in _rows_of(proof, item):
                impact, spec = row.get("impact"), str(row.get("agent") or proof.get("agent") or "")
                if not isinstance(impact, Mapping):
                    continue
                test = _below(str(row.get("test") or ""), root)
                one = seen_of(impact, agent=item.agent, by=by, source=item.source, test=test)
                if one is not None:
                    yield replace(one, command=_again(one, spec, item.subject if by is ShownBy.CHECK else ""))


def _of_experiments(proof: Mapping[str, Json], item: Evidence) -> Iterator[FailureSeen]:
    """The runs of experiments that an item is of: those under its faults, of its agent where names tell."""
    journals = _rows(proof.get("journals")) if item.kind == "chaos.fault" else []
    found = [one for journal in journals for one in _of_journal(journal, _callable, source=item.source)]
    under = [one for one in found if name_kept(one.under) == item.subject]
    own = [one for one in under if one.agent == item.agent]
    yield from (replace(one, agent=item.agent) for one in own or under)


def _callable(spec: str) -> str:
    return spec.rpartition(":")[2]


def _rows_of(proof: Mapping[str, Json], item: Evidence) -> Iterator[Mapping[str, Json]]:
    """The findings, or impacts, of a proof that are this item's."""
    if item.kind == "chaos.explore":
        yield from _rows(proof.get("findings"))
    elif item.kind == "chaos.check":
        for check in _rows(proof.get("checks")):
            if check.get("check") == item.subject:
                yield from _rows(check.get("findings"))
    else:
        for impact in _rows(proof.get("impacts")):
            if name_kept(str(impact.get("faults"))) == item.subject:
                yield {"agent": impact.get("agent"), "impact": impact}


def _again(one: FailureSeen, spec: str, check: str = "") -> str:
    """What shows it again; empty where that is not known."""
    if one.test:
        return f"pytest {shlex.quote(one.test)}"
    if ":" not in spec:
        return ""
    if check:
        return f"agentops-eval chaos check {shlex.quote(spec)} --only {shlex.quote(check)}"
    named = f" --faults {shlex.quote(','.join(one.kinds))}" if one.kinds else ""
    depth = len(one.under.split(" + "))
    return f"agentops-eval chaos explore {shlex.quote(spec)}{named} --depth {min(depth, 6)}"


def _of_incidents(root: Path, shown: Shown) -> Iterator[FailureSeen]:
    """The classes into which runs were sorted last, by the evidence of that."""
    for item in _items(shown, "trace.stats"):
        if item.subject != "incidents":
            continue
        for row in _rows(proof_of(root, item).get("first_incidents")):
            yield from _incident(row, agent=item.agent, source=item.source)


def _incident(row: Mapping[str, Json], **more: Any) -> Iterator[FailureSeen]:
    kind, mast, sure = str(row.get("kind") or ""), row.get("mast"), row.get("confidence")
    if kind in {*IncidentClass} - {IncidentClass.UNKNOWN}:
        yield FailureSeen(
            by=ShownBy.RUN,
            causes=(kind,),
            reasons=(str(row.get("reason") or ""),),
            confidence=float(sure) if isinstance(sure, int | float) else None,
            mast=tuple(map(str, mast)) if isinstance(mast, list) else (),
            **more,
        )


def seen_in_run(one: Happened, settings: Settings, *, traces: str, source: str) -> FailureSeen | None:
    """The failure of a run in operation; None where no rule says what went wrong."""
    what = one.incident
    if what.kind is IncidentClass.UNKNOWN:
        return None
    return FailureSeen(
        agent=agent_called(settings, one.agent),
        by=ShownBy.RUN,
        causes=(what.kind.value,),
        dependencies=((Dependency.TOOL, one.tool),) if one.tool else (),
        reasons=(what.reason,),
        confidence=what.confidence,
        mast=what.mast,
        trace=one.trace,
        source=source,
        command=f"agentops-eval trace show {traces} --trace {one.trace[:12]}",
    )


# -- journals ----------------------------------------------------------------------------------------


def _journals(root: Path, note: Note) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """The latest journal of each experiment, as evidence would prove it, and its file."""
    known: set[str] = set()
    for stamp in files.journals(root):
        source = _below(str(stamp.path), root)
        try:
            day = files.day_report(stamp)
        except AgentopsError as error:
            note(source, error.what)
            continue
        for journal in journal_proofs(day.journals, day):
            name = str(journal.get("path") or journal.get("title"))
            if name not in known and not journal.get("dry"):
                known.add(name)
                yield source, journal


def _of_journal(
    journal: Mapping[str, Json], called: Callable[[str], str], *, source: str
) -> Iterator[FailureSeen]:
    """The runs of agents under faults in an experiment, as its proof tells them."""
    path, undo = str(journal.get("path") or ""), journal.get("rollbacks")
    for run in _rows(journal.get("runs")):
        if not run.get("faults") or not run.get("agent"):
            continue
        one = seen_of(
            run,
            agent=called(str(run["agent"])),
            by=ShownBy.EXPERIMENT,
            source=source,
            owner=_role(journal.get("owner")),
            remedy=str(journal.get("remedy") or ""),
            undo=tuple(map(str, undo)) if isinstance(undo, list) else (),
            contract=str(run.get("contract") or ""),
            command=f"agentops-eval chaos run {shlex.quote(path)}" if path else "",
        )
        if one is not None:
            yield one


def _role(owner: Json) -> str:
    """An owner that is a role; people are not named."""
    return str(owner) if isinstance(owner, str) and ROLE.fullmatch(owner) else ""


# -- files of explorations ---------------------------------------------------------------------------


def is_exploration(path: Path) -> bool:
    """Whether a file is the journal of an exploration, or what ``chaos explore --json`` printed."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    first = head.partition(b"\n")[0]
    return b'"exploration":' in first or (b'"schedule":' in first and b'"found_with":' in first)


def explored_in(path: Path, root: Path, settings: Settings, note: Note) -> Iterator[FailureSeen]:
    """The findings of such a file; a line that is not as it was written is told and passed over."""
    source, spec = _below(str(path), root), ""
    if path.stat().st_size > _LARGEST:
        note(source, "the file is larger than an exploration's journal gets")
        return
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            told = json.loads(line)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            note(f"{source}:{number}", "a line of the exploration is not as it was written")
            continue
        spec = str(told.get("agent") or spec)
        finding = told.get("finding", told)
        if isinstance(finding, Mapping) and "schedule" in finding and "mode" in finding:
            test = _below(str(finding.get("test") or ""), root)
            agent = agent_called(settings, spec)
            one = seen_of(finding, agent=agent, by=ShownBy.EXPLORATION, source=source, test=test)
            if one is not None:
                yield replace(one, command=_again(one, spec))


# -- words -------------------------------------------------------------------------------------------


def redacted(value: T, redact: Callable[[str], str]) -> T:
    """The same without secrets, in all of its texts."""
    if isinstance(value, str) and not isinstance(value, Dependency | ShownBy):
        return redact(value)  # type: ignore[return-value]  # a text of a text
    if isinstance(value, tuple):
        return tuple(redacted(one, redact) for one in value)  # type: ignore[return-value]
    if is_dataclass(value) and not isinstance(value, type):
        told = {one.name: redacted(getattr(value, one.name), redact) for one in fields(value)}
        return replace(value, **told)
    return value


def _below(path: str, root: Path) -> str:
    """A path as the project says it; one that lies elsewhere as it is."""
    if not path:
        return ""
    whole = (root / path).resolve()
    return whole.relative_to(root.resolve()).as_posix() if whole.is_relative_to(root.resolve()) else path


def _rows(value: Json) -> list[Mapping[str, Json]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list | tuple) else []
