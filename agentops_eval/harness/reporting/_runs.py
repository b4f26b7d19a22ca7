"""What was run, as rows of a report and the pages behind them: results, decisions, game days."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from agentops_eval.domain import Decision
from agentops_eval.harness.reporting import _files as files
from agentops_eval.harness.reporting._names import named
from agentops_eval.harness.reporting._pages import INDEX, Page, day_page, results_page
from agentops_eval.harness.reporting._proven import Proven, decision_of
from agentops_eval.harness.reporting._shown import Shown, proof_of
from agentops_eval.harness.reporting._traces import TracePages
from agentops_eval.reports import RunKind, RunView, Tone, decision_html

_DECIDED = {"promote": Tone.GOOD, "hold": Tone.OPEN, "rollback": Tone.BAD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Makes the rows; the pages behind them are put into ``pages``. ``copy`` brings a source along."""

    root: Path
    shown: Shown
    pages: dict[str, Page]
    traces: TracePages
    proven: Proven
    copy: Callable[[str], str]

    def rows(self, results: Sequence[files.Stamp], journals: Sequence[files.Stamp]) -> Iterator[RunView]:
        """All rows, each with its page where there is one."""
        yield from self._results(results)
        yield from self._decisions()
        yield from self._days(journals)
        yield from self.proven.rows(self.shown.latest)

    def _results(self, found: Sequence[files.Stamp]) -> Iterator[RunView]:
        for stamp in found[: files.MOST_RUNS]:
            name = stamp.path.relative_to(self.root).as_posix()
            anchor = named(name, stamp.path.stem)
            page = f"results/{anchor}.html"
            view = files.results_view(stamp, name, f"r-{anchor}", page)
            if view.page:
                beside = name.removesuffix(stamp.path.name)
                told = self.traces.of_results(beside, files.results_report(stamp, name).results)
                self.pages[page] = partial(results_page, stamp, name, told)
            yield view

    def _days(self, found: Sequence[files.Stamp]) -> Iterator[RunView]:
        for stamp in found[: files.MOST_RUNS]:
            source = stamp.path.relative_to(self.root).as_posix()
            anchor = named(source, stamp.path.stem)
            page = f"gamedays/{anchor}.html"
            view = files.day_view(stamp, source, f"d-{anchor}", page)
            if view.page:
                self.pages[page] = partial(day_page, stamp)
            yield view

    def _decisions(self) -> Iterator[RunView]:
        for kept in self.shown.decisions:
            item = kept.evidence
            assert item is not None
            anchor = named(kept.digest, item.subject)
            page = f"gates/{anchor}.html"
            decision, problem = decision_of(proof_of(self.root, item).get("decision"))
            if decision is not None:
                self.pages[page] = partial(decision_html, self._beside(decision), back=INDEX)
            word = "" if decision is None else str(decision.value)
            yield RunView(
                anchor=f"g-{anchor}",
                kind=RunKind.GATE,
                name=item.subject,
                source=item.source,
                word=word or item.verdict.value,
                told=item.says,
                tone=_DECIDED.get(word, Tone.OPEN),
                at=item.at,
                page=page if decision is not None else "",
                problem=problem,
            )

    def _beside(self, decision: Decision) -> Decision:
        """The decision with its runs told; of one that is not here the name is left, and no link."""

        def found(trace: str) -> str:
            path, sign, rest = trace.partition("#")
            if path.startswith(("http://", "https://")):
                return trace
            told = self.traces.of(path, rest)
            if told:
                return f"../{told}"
            copied = self.copy(path)
            return f"../{copied}{sign}{rest}" if copied else Path(path).name.partition(".")[0]

        return decision.with_traces(found)
