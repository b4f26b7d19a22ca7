"""``trace audit``: for each action with an effect who did it, on whose authority, why, and what changed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._evidenced import keep
from agentops_eval.cli._filters import left_out_lines, run_filters, say_left_out, sieve_json, sieve_of
from agentops_eval.cli._loading import runs_in
from agentops_eval.cli._output import json_option, many, print_json, prose, say, say_lines
from agentops_eval.cli._prices import prices_option
from agentops_eval.cli._problems import (
    note_problems,
    problems_json,
    problems_of,
    say_no_runs,
    say_problems,
    say_unmatched,
)
from agentops_eval.cli._report_file import format_of, refuse_input, written_to
from agentops_eval.domain import Json

if TYPE_CHECKING:
    from agentops_eval.harness import Settings, Sieve
    from agentops_eval.traces.audit import Gap, RunAudit, Sealed
    from agentops_eval.traces.dialects import NormalTrace
    from agentops_eval.traces.prices import Pricing
    from agentops_eval.traces.reading import Problems
    from agentops_eval.traces.redaction import Redactor

_MOST_TOOLS = 1_000
_FORMATS = ("text", "csv", "json")
_FILE = click.Path(path_type=Path)


@click.command("audit", short_help="Tell who did what, on whose authority, and why.")
@click.argument("files", metavar="FILE...", type=_FILE, nargs=-1, required=True)
@click.option(
    "--effect", "effects", multiple=True, metavar="TOOL", help="This tool changes something. May be repeated."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="How the records are written; else by the suffix of --out, or as text.",
)
@click.option("--out", type=_FILE, help="Write the records to this file.")
@prices_option
@run_filters
@json_option
def decisions(
    files: tuple[Path, ...],
    effects: tuple[str, ...],
    form: str | None,
    out: Path | None,
    prices: Path | None,
    as_json: bool,
    **conditions: Any,
) -> int:
    """Audit what was done in the runs in FILE...: by whom, on whose authority, why, and with what result.

    FILE is a golden, a recording (ours or vcrpy's), an export of any framework, or a log or eval set.
    An action is a call of a tool whose effect is told as write or external or that --effect names, or an
    HTTP request that writes. What the trace does not tell is said to be not told. Secrets are taken out,
    and every record carries a digest of itself and of all records before it.
    """
    from agentops_eval.harness import load_lint_config, pricing_of, redactor_of, settings_for_reading
    from agentops_eval.harness.evidencing import AuditTally, Witness, noted_of_audit

    form = format_of(form, as_json=as_json, out=out, formats=_FORMATS)
    refuse_input(out, files, option="--out")
    settings = settings_for_reading(Path.cwd())
    pricing = pricing_of(settings, Path.cwd(), prices=prices)
    problems, sieve = problems_of(settings), sieve_of(conditions)
    seen, tally = Witness(), AuditTally(destructive=load_lint_config(Path.cwd()).destructive_tools)
    runs = seen.through(sieve.through(runs_in(files, problems)))
    audits = tally.through(_audits(runs, effects, settings, pricing))
    chain = _Chain(audits, effects, redactor_of(settings))
    with written_to(out):
        if form == "json":
            _print(files, chain, pricing, sieve, problems)
        elif form == "csv":
            _say_csv(chain)
        else:
            _say(files, chain, sieve, problems)
    keep(settings, lambda: noted_of_audit(tally, seen, settings, files), of=sieve.wanted)
    if form == "csv":
        for text in left_out_lines(sieve):
            click.echo(text, err=True)
        note_problems(problems)
    return 0 if chain.runs else 1


def _audits(
    runs: Iterable[NormalTrace], effects: tuple[str, ...], settings: Settings, pricing: Pricing
) -> Iterator[RunAudit]:
    from agentops_eval.traces import Told, answered_calls
    from agentops_eval.traces.audit import audit

    attribution, told = settings.attributed_by, Told()
    for run in runs:
        calls = answered_calls(run.trace.spans, told=told)
        yield audit(run, effects=effects, calls=calls, attribution=attribution, price=pricing)


class _Chain:
    """Seals the records of one run after the other, each upon the one before it."""

    def __init__(self, audits: Iterable[RunAudit], effects: tuple[str, ...], redactor: Redactor) -> None:
        self._audits = audits
        self.unmatched = dict.fromkeys(effects)
        self.tools: set[str] = set()
        self._redactor = redactor
        self.runs = self.records = 0
        self.sha256 = ""

    def __iter__(self) -> Iterator[tuple[RunAudit, list[Sealed]]]:
        from agentops_eval.traces.audit import seal

        for one in self._audits:
            sealed = list(seal(one.records, self._redactor, start=self.sha256))
            self.runs += 1
            if self.unmatched:  # names of tools are wanted for a suggestion only
                self.tools |= one.tools if len(self.tools) < _MOST_TOOLS else set()
                for name in one.tools & self.unmatched.keys():
                    del self.unmatched[name]
            self.records += len(sealed)
            self.sha256 = sealed[-1].sha256 if sealed else self.sha256
            yield replace(one, gaps=tuple(map(self._redacted, one.gaps))), sealed

    def _redacted(self, gap: Gap) -> Gap:
        """A gap names the tool, and a name may hold a secret."""
        redactor = self._redactor
        return replace(gap, why=redactor.text(gap.why), fix=redactor.text(gap.fix))


def _print(
    files: tuple[Path, ...], chain: _Chain, pricing: Pricing, sieve: Sieve, problems: Problems
) -> None:
    from agentops_eval.traces.audit import gap_json

    records: list[Json] = []
    gaps: list[Json] = []
    for run, sealed in chain:
        records += [{**one.record, "sha256": one.sha256} for one in sealed]
        gaps += [{"trace_id": run.trace_id, **gap_json(gap)} for gap in run.gaps]
    print_json(
        {
            "inputs": [{"path": str(file), "sha256": _digest(file)} for file in files],
            "runs": chain.runs,
            "records": records,
            "gaps": gaps,
            "unmatched": list(chain.unmatched),
            "sha256": chain.sha256 or None,
            "price_tables": list(pricing.tables),
            **sieve_json(sieve),
            **problems_json(problems),
        }
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _say_csv(chain: _Chain) -> None:
    from agentops_eval.traces.audit import COLUMNS, cells, csv_line

    say_lines([csv_line(COLUMNS)])
    for _, sealed in chain:
        if sealed:
            say_lines([csv_line(cells(one)) for one in sealed])


def _say(files: tuple[Path, ...], chain: _Chain, sieve: Sieve, problems: Problems) -> None:
    from agentops_eval.cli._records import say_gaps, say_record

    missing: Counter[tuple[str, str, str]] = Counter()
    for run, sealed in chain:
        if sealed:
            say(f"trace {run.trace_id}", style="bold")
        for one in sealed:
            say_record(one.record)
        missing.update((gap.field, gap.why, gap.fix) for gap in run.gaps)
    if not sieve.read:
        say_no_runs(files)
    elif chain.runs:
        prose(f"{many(chain.records, 'action')} with an effect in {many(chain.runs, 'run')}", style="bold")
    if chain.sha256:
        prose(f"sha256 {chain.sha256}, over all records", hang=7, style="dim")
    say_gaps(missing)
    say_unmatched("--effect", chain.unmatched, chain.tools)
    say_left_out(sieve)
    say_problems(problems)
