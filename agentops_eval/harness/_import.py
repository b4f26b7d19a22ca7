"""Runs that were traced elsewhere, made into recordings, goldens and scenarios of this project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from agentops_eval.domain import CassetteWrite, Event, Json, Trace
from agentops_eval.evals.suites import suite_yaml, verbatim
from agentops_eval.harness._filter import Sieve
from agentops_eval.harness._keys import key_of, redactor_of
from agentops_eval.harness._outputs import (
    ImportKind,
    already_there,
    refuse_misnamed,
    refuse_used,
    targets_of,
    title_of,
)
from agentops_eval.harness._selection import Group, ImportFacts, ImportFilter, import_facts, select
from agentops_eval.harness._settings import Settings
from agentops_eval.replay import CassetteHeader, CassetteWriter
from agentops_eval.traces import (
    Pricer,
    cost_of,
    draft_scenario,
    synthesise,
    write_golden,
    write_new,
    write_whole,
)
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import NormalTrace, essential
from agentops_eval.traces.reading import Spool, weight_of
from agentops_eval.traces.redaction import Redactor

_HELD_RUNS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRun:
    """A run that was imported: where it is kept, and what its trace does not tell.

    ``calls`` counts the recorded calls, the spans of a golden, the expected tool calls of a scenario.
    ``written`` is false where the trace holds nothing to keep. ``alike`` are further runs that repeat it.
    """

    trace_id: str
    path: Path
    written: bool
    calls: int
    gaps: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of an import; ``sieve`` has counted the runs that were read, and those left out."""

    runs: tuple[ImportedRun, ...]
    sieve: Sieve


def import_runs(
    runs: Iterable[NormalTrace],
    settings: Settings,
    *,
    kind: ImportKind,
    out: Path,
    wanted: ImportFilter,
    force: bool = False,
    price: Pricer = cost_of,
) -> Imported:
    """Import the wanted among the runs; of those that repeat each other, the first.

    ``out`` is a file for one run (its name ends in the suffix of its kind) or for scenarios, else a
    folder. Memory holds few runs at a time. ``price`` tells what llm calls cost. Raises CassetteWrite or
    GoldenWrite, before anything is written, where a file is there already or ``out`` cannot be what is
    wanted.
    """
    refuse_misnamed(out, kind)
    sieve = Sieve(wanted=wanted)
    with Spool(_weight, held=_HELD_RUNS) as spool:
        groups = select(_fitting(runs, wanted, spool, sieve, price), wanted)
        _redact_names(groups, redactor_of(settings))
        targets = targets_of([group.facts for group in groups], out, kind)
        refuse_used(targets.values(), kind, force=force)
        chosen = {group.facts.number: group for group in groups}
        kept_back = ((chosen[number], run) for number, run in _spooled(spool) if number in chosen)
        keeper = _Keeper(settings, kind, targets, force=force)
        kept = tuple(keeper.keep(group, run) for group, run in kept_back)
        keeper.finish()
    return Imported(runs=kept, sieve=sieve)


def _weight(run: NormalTrace) -> int:
    """A run is kept twice: as it was emitted, and in the conventions' words."""
    return 2 * sum(weight_of(one.span.attributes) for one in run.sources.values())


def _fitting(
    runs: Iterable[NormalTrace],
    wanted: ImportFilter,
    spool: Spool[NormalTrace],
    sieve: Sieve,
    price: Pricer,
) -> Iterator[ImportFacts]:
    for number, run in enumerate(runs):
        if run.trace.spans:
            facts = import_facts(run, number, price=None if wanted.min_cost_usd is None else price)
            if sieve.count(facts, wanted.judge_import(facts)):
                spool.add(str(number), run)
                yield facts


def _spooled(spool: Spool[NormalTrace]) -> Iterator[tuple[int, NormalTrace]]:
    for number, (run,) in spool.groups():
        yield int(number), run


def _redact_names(groups: Iterable[Group], redactor: Redactor) -> None:
    """Files are named after runs, and a name may hold a secret."""
    for group in groups:
        group.facts = replace(group.facts, name=redactor.text(group.facts.name))


def _redacted(texts: Iterable[str], redactor: Redactor) -> tuple[str, ...]:
    made = redactor.json([*texts])
    assert isinstance(made, list)
    return tuple(map(str, made))


def _no_room(target: Path, error: OSError) -> CassetteWrite:
    return CassetteWrite(
        f"the recording could not be written: {error.strerror or error}; what was there before is untouched",
        where=str(target),
        remedy="free some space or mend the permissions, then import again",
    )


# -- what -------------------------------------------------------------------------------------


class _Keeper:
    """Writes one run after the other; scenarios are collected and written at the end."""

    def __init__(
        self, settings: Settings, kind: ImportKind, targets: dict[int, Path], *, force: bool
    ) -> None:
        self._settings = settings
        self._kind = kind
        self._targets = targets
        self._force = force
        self._scenarios: list[Json] = []
        self._named: set[str] = set()

    def keep(self, group: Group, run: NormalTrace) -> ImportedRun:
        """Keep one run. Raises CassetteWrite, GoldenWrite, SecretFound."""
        path = self._targets[group.facts.number]
        redactor = redactor_of(self._settings)
        gaps: Iterable[str] = ()
        if self._kind is ImportKind.GOLDEN:
            calls = self._approve(run, path, redactor)
            written = bool(calls)
            gaps = () if written else ("no span tells of an agent, an llm call, a tool or an approval",)
        elif self._kind is ImportKind.SCENARIO:
            calls, written = self._draft(group.facts, run, redactor)
            gaps = () if written else ("the trace does not tell what was asked",)
        else:
            made = synthesise(run)
            gaps, calls = made.gaps, len(made.events)
            written = bool(calls)
            if written:
                self._write_cassette(run, made.events, path, redactor)
        return ImportedRun(
            trace_id=group.facts.trace_id,
            path=path,
            written=written,
            calls=calls,
            gaps=_redacted(gaps, redactor),
            unmapped=_redacted(run.unmapped_keys, redactor),
            alike=tuple(group.alike),
        )

    def _approve(self, run: NormalTrace, path: Path, redactor: Redactor) -> int:
        trace = _golden(run)
        if not trace.spans:
            return 0
        return len(write_golden(path, trace, redactor=redactor, exclusive=not self._force).trace)

    def finish(self) -> None:
        """Write the scenarios, if there are any."""
        if not self._scenarios:
            return
        path = next(iter(self._targets.values()))
        text = suite_yaml({"scenarios": self._scenarios})
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            (write_whole if self._force else write_new)(path, text.encode())
        except FileExistsError as error:
            raise already_there(path, ImportKind.SCENARIO) from error

    def _draft(self, facts: ImportFacts, run: NormalTrace, redactor: Redactor) -> tuple[int, bool]:
        name = title_of(facts, digits=8)
        name = title_of(facts, digits=32) if name in self._named else name
        made = draft_scenario(essential(run), name=name)
        if made is None:
            return 0, False
        self._named.add(name)
        self._scenarios.append(verbatim(redactor.json(made)))  # no text of a run names a variable
        expected = made["expect"]
        tools = expected.get("tools") if isinstance(expected, dict) else None
        return len(tools) if isinstance(tools, list) else 0, True

    def _write_cassette(
        self, run: NormalTrace, events: Iterable[Event], path: Path, redactor: Redactor
    ) -> None:
        from agentops_eval import __version__

        started_s = run.trace.spans[0].start_ns / 1e9
        header = CassetteHeader(
            case="",
            agent=redactor.text(next(_agents(run), "agent")),
            recorded_at=datetime.fromtimestamp(started_s, UTC).isoformat(timespec="seconds"),
            tool=f"agentops-eval {__version__}, from trace {run.trace.trace_id}",
            wall_start_s=started_s,
            rules=self._settings.match_rules.digest,
        )
        key = key_of(self._settings, redactor)
        writer = CassetteWriter(path, header, redactor=redactor, key=key, exclusive=not self._force)
        try:
            for event in redactor.events(events):
                writer.append(event)
            writer.commit()
        except BaseException as error:
            writer.discard()
            if isinstance(error, CassetteWrite) and isinstance(error.__cause__, OSError):
                raise _no_room(path, error.__cause__) from error.__cause__
            raise


def _golden(run: NormalTrace) -> Trace:
    """What the agent did; the resource says that it was not this project that saw it."""
    core = essential(run)
    dialects = sorted(set(run.dialects.values()) - {"unknown"})
    if dialects == ["agentops"]:
        told_before = next(iter(run.sources.values())).origin.resource.get(sc.AGENTOPS_SOURCE_DIALECT)
        if not isinstance(told_before, str):
            return core
        dialects = [told_before]  # a golden of such a run, sent somewhere and read again
    told = {**core.resource, sc.AGENTOPS_SOURCE_DIALECT: ", ".join(dialects) or "unknown"}
    return replace(core, resource=told)


def _agents(run: NormalTrace) -> Iterator[str]:
    for span in run.trace.spans:
        name = span.attributes.get(sc.AGENT_NAME)
        if isinstance(name, str) and name:
            yield name
