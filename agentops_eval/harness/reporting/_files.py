"""The files of a project that reports are made of: results, journals, and the agents that traces name."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path

from agentops_eval.chaos.experiments import report_of as day_of
from agentops_eval.domain import AgentopsError, GamedayReport, JournalInvalid, moment_text
from agentops_eval.harness._settings import Settings
from agentops_eval.harness.evaluating import Results, read_results, report_of
from agentops_eval.harness.experimenting import JOURNALS, read_entries
from agentops_eval.reports import Report, RunKind, RunView, Tone, figure, percent, within

MOST_RUNS, MOST_TRACES = 200, 200
_LEFT_ALONE = frozenset({"node_modules", "__pycache__", "site-packages"})
_BEGINS = b'{"agentops_results":'
_AGENT = re.compile(
    rb'"gen_ai\.agent\.name"\s*,\s*"value"\s*:\s*\{\s*"stringValue"\s*:\s*("(?:[^"\\]|\\.)*")'
)
_LARGEST_TRACE = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file as it is: who has the same stamp has the same content."""

    path: Path
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """Look at a file. Raises OSError."""
        stat = path.stat()
        return cls(path, stat.st_size, stat.st_mtime_ns)

    @property
    def at(self) -> str:
        """When it was written last."""
        return moment_text(datetime.fromtimestamp(self.mtime_ns / 1e9, UTC))


def stamps(paths: Iterable[Path]) -> list[Stamp]:
    """The stamps of those files that are there, the latest first."""
    found = []
    for path in paths:
        try:
            found.append(Stamp.of(path))
        except OSError:  # gone meanwhile
            continue
    return sorted(found, key=lambda one: (-one.mtime_ns, str(one.path)))


def results_files(root: Path) -> list[Stamp]:
    """Files that ``eval run --out`` wrote, the latest first; not in hidden folders but our own."""
    return stamps(path for path in _lines_files(root) if _is_results(path))


def _lines_files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if _is_looked_into(Path(folder, name)))
        yield from (Path(folder, name) for name in names if name.endswith(".jsonl"))


def _is_looked_into(folder: Path) -> bool:
    name = folder.name
    if name == ".agentops":
        return True
    alone = name.startswith(".") or name in _LEFT_ALONE or name.endswith(".traces")
    return not alone and not (folder / "pyvenv.cfg").exists()


def _is_results(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_BEGINS)) == _BEGINS
    except OSError:
        return False


def journals(root: Path) -> list[Stamp]:
    """The journals of experiments and game days, the latest first."""
    return stamps((root / JOURNALS).glob("*.jsonl"))


def _problem(error: AgentopsError) -> str:
    return f"{error.what}, {error.where}" if error.where else error.what


# -- results ------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _results(stamp: Stamp) -> Results:
    return read_results(stamp.path)


@lru_cache(maxsize=4)
def results_report(stamp: Stamp, name: str) -> Report:
    """Everything that the page of a file of results shows. Raises ResultsInvalid."""
    found = _results(stamp)
    notes = [one for one in (found.unfinished, "its last line was cut off" if found.torn else "") if one]
    return report_of(found.rows, title=name, command="agentops-eval report build", notes=notes)


def results_view(stamp: Stamp, name: str, anchor: str, page: str) -> RunView:
    """A file of results as a row; one that cannot be read says why."""
    try:
        found, report = _results(stamp), results_report(stamp, name)
    except AgentopsError as error:
        problem = _problem(error)
        return RunView(
            anchor=anchor, kind=RunKind.RESULTS, name=name, source=name, at=stamp.at, problem=problem
        )
    passed = sum(one.passed is True for one in found.rows)
    failed = sum(one.passed is False for one in found.rows)
    whole = not found.unfinished and passed == len(found.rows) > 0
    rate = report.info.pass_rate
    sure = "" if rate is None else f"; pass rate {percent(rate.value)} {within(rate.low, rate.high, 'share')}"
    spent = [one.spend.cost_usd for one in found.rows if one.spend.cost_usd is not None]
    cost = f"; {figure(sum(spent), 'USD')} spent" if spent else ""
    going = f"{len(found.rows):,} of {found.header.planned:,} planned trials" if found.unfinished else ""
    return RunView(
        anchor=anchor,
        kind=RunKind.RESULTS,
        name=name,
        source=name,
        word="failed" if failed else "passed" if whole else "not ended" if going else "not judged",
        told=f"{passed:,} of {len(found.rows):,} trials passed, {failed:,} failed{sure}{cost}",
        tone=Tone.BAD if failed else Tone.GOOD if whole else Tone.OPEN,
        at=stamp.at,
        page=page,
        going=going,
    )


# -- game days ----------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def day_report(stamp: Stamp) -> GamedayReport:
    """What came of a game day, finished or not. Raises JournalInvalid."""
    entries = read_entries(stamp.path)
    if not entries:
        what = "the journal is empty: what it is of was killed before it began"
        raise JournalInvalid(what, where=str(stamp.path), remedy="run it again")
    return day_of(entries)


def day_view(stamp: Stamp, source: str, anchor: str, page: str) -> RunView:
    """A journal as a row; one that cannot be read says why."""
    try:
        found = day_report(stamp)
    except AgentopsError as error:
        return RunView(
            anchor=anchor,
            kind=RunKind.GAMEDAY,
            name=stamp.path.name,
            source=source,
            at=stamp.at,
            problem=_problem(error),
        )
    dry = bool(found.journals) and all(one.dry for one in found.journals)
    planned = len(found.planned) or len(found.journals)
    going = f"{len(found.journals)} of {planned} experiments ended" if found.ending is None else ""
    word = "not ended" if going else "dry run" if dry else "steady" if found.steady else "not steady"
    return RunView(
        anchor=anchor,
        kind=RunKind.GAMEDAY,
        name=found.title or next((one.title for one in found.journals), "") or stamp.path.stem,
        source=source,
        word=word,
        told=f"{len(found.weaknesses)} findings in {len(found.journals)} of {planned} experiments",
        tone=Tone.BAD if found.weaknesses else Tone.GOOD if word == "steady" else Tone.OPEN,
        at=stamp.at if going else found.end or stamp.at,
        page=page,
        going=going,
    )


# -- agents that traces name --------------------------------------------------------------------------


def agents_in_traces(root: Path, settings: Settings, results: Iterable[Stamp]) -> set[str]:
    """The agents that goldens name, and the first traces of each file of results."""
    goldens = (root / settings.golden_dir).rglob("*.otlp.jsonl")
    kept = (
        islice(stamp.path.with_name(f"{stamp.path.name}.traces").glob("*.json"), MOST_TRACES)
        for stamp in results
    )
    found: set[str] = set()
    for path in (*goldens, *(one for some in kept for one in some)):
        try:
            found |= _named_in(Stamp.of(path))
        except OSError:
            continue
    return found


@lru_cache(maxsize=16_384)
def _named_in(stamp: Stamp) -> frozenset[str]:
    if stamp.size > _LARGEST_TRACE:
        return frozenset()
    names = set()
    for text in set(_AGENT.findall(stamp.path.read_bytes())):
        try:
            names.add(str(json.loads(text)))
        except ValueError:
            continue
    return frozenset(names - {""})
