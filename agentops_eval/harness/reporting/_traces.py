"""Runs that results, decisions and evidence cite, each told on a page of its own; a bounded number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from agentops_eval.domain import Result, TraceUnreadable
from agentops_eval.harness._keys import redactor_of
from agentops_eval.harness._ours import is_golden, is_recording
from agentops_eval.harness._pricing import pricing_of
from agentops_eval.harness._recorded import Recorded, read_recorded, recorded_beside
from agentops_eval.harness._runs import read_runs
from agentops_eval.harness._settings import Settings
from agentops_eval.harness._story import RunToTell, story_of
from agentops_eval.harness.evaluating import TRACES_SUFFIX, kept_trace
from agentops_eval.harness.reporting._names import named
from agentops_eval.harness.reporting._pages import INDEX
from agentops_eval.harness.reporting._shown import inside
from agentops_eval.replay import CASSETTE_SUFFIX
from agentops_eval.reports import TraceStory, trace_html
from agentops_eval.traces import GOLDEN_SUFFIX, read_golden
from agentops_eval.traces.dialects import normal_of, without_secrets
from agentops_eval.traces.reading import Problems

MOST_TRACES, MOST_OF_RESULTS = 200, 40
_LARGEST = 16 * 1024 * 1024


@dataclass(slots=True, kw_only=True)
class TracePages:
    """Adds a page to ``pages`` for each run that is asked for, until there are enough.

    ``copy`` gives the address of a copy of a file, empty where there can be none.
    """

    root: Path
    settings: Settings
    pages: MutableMapping[str, Callable[[], str | bytes]]
    copy: Callable[[str], str]
    count: int = 0

    def of(self, name: str, trace_id: str = "", *, case: str = "") -> str:
        """The address of the page that tells a run; empty for a file that is not in the project, or too many.

        ``name`` is a file, relative to the project's root; ``trace_id`` says which of several runs in it;
        ``case`` what it is a run of, where the file does not tell.
        """
        path = inside(self.root, name)
        if path is None or path.stat().st_size > _LARGEST:
            return ""
        address = f"traces/{named(f'{name}#{trace_id}', case or path.name.partition('.')[0])}.html"
        if address not in self.pages:
            if self.count >= MOST_TRACES:
                return ""
            self.count += 1
            self.pages[address] = partial(
                _page, self.root, self.settings, path, name, trace_id, case, self.copy(name)
            )
        return address

    def of_case(self, subject: str) -> str:
        """The page of the golden, else of the recording, whose path without its suffix this is."""
        if not subject:
            return ""
        return self.of(f"{subject}{GOLDEN_SUFFIX}") or self.of(f"{subject}{CASSETTE_SUFFIX}")

    def of_results(self, beside: str, rows: Iterable[Result]) -> dict[str, str]:
        """Addresses by trace file, of trials that failed before others. ``beside`` is the results' folder."""
        kept = sorted((row for row in rows if row.trace_file), key=lambda row: row.passed is not False)
        found: dict[str, str] = {}
        for row in kept:
            if len(found) >= MOST_OF_RESULTS:
                break
            address = found.get(row.trace_file) or self.of(f"{beside}{row.trace_file}", case=row.case)
            if address:
                found[row.trace_file] = address
        return found


def _page(root: Path, settings: Settings, path: Path, name: str, trace_id: str, case: str, copy: str) -> str:
    """The run, told; of a file that cannot be read the page says why."""
    try:
        run = replace(_read(path, settings, trace_id), source=name)
        story = story_of(run, price=pricing_of(settings, root))
        story = replace(story, case=case or story.case)
    except Exception as error:  # whatever somebody made of the file
        problem = f"it cannot be read: {str(error).partition(chr(10))[0] or type(error).__name__}"
        story = TraceStory(title="", source=name, trace_id=trace_id, steps=(), notes=(problem,))
    return trace_html(story, back=INDEX, copy=f"../{copy}" if copy else "")


def _read(path: Path, settings: Settings, trace_id: str) -> RunToTell:
    """Goldens and recordings hold no secrets; whatever else there is has them taken out."""
    if is_golden(path):
        return _own(recorded_beside(path, read_golden(path).trace))
    if is_recording(path):
        return _own(read_recorded(path))
    if path.parent.name.endswith(TRACES_SUFFIX):
        normal = normal_of(kept_trace(path))
    else:
        runs = read_runs([path], Problems())
        found = next((run for run in runs if run.trace.trace_id.startswith(trace_id)), None)
        if found is None:
            raise TraceUnreadable("the run is not in it", where=str(path))
        normal = found
    clean = without_secrets(normal, redactor_of(settings))
    return RunToTell(trace=clean.trace, normal=clean, timed=clean.trace)


def _own(found: Recorded) -> RunToTell:
    notes = (found.note,) if found.note else ()
    normal = normal_of(found.trace)
    return RunToTell(trace=found.trace, normal=normal, timed=found.timed, labels=found.labels, notes=notes)
