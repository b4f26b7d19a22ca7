"""``trace stats``: service levels and costs of many runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._evidenced import keep
from agentops_eval.cli._filters import run_filters, say_left_out, sieve_json, sieve_of
from agentops_eval.cli._loading import runs_in
from agentops_eval.cli._output import json_option, print_json
from agentops_eval.cli._prices import prices_option
from agentops_eval.cli._problems import problems_json, problems_of, say_no_runs, say_problems

if TYPE_CHECKING:
    from agentops_eval.harness import Sieve
    from agentops_eval.traces.levels import ServiceLevels
    from agentops_eval.traces.prices import Pricing
    from agentops_eval.traces.reading import Problems

_FILE = click.Path(path_type=Path)
_BY = ("agent", "task", "team", "tenant", "use_case", "llm")


@click.command("stats", short_help="Sum up many runs: success, latency, tools, cost.")
@click.argument("files", metavar="FILE...", type=_FILE, nargs=-1, required=True)
@click.option(
    "--by",
    multiple=True,
    type=click.Choice(_BY),
    help="A table of costs by this; llm by default. May be repeated.",
)
@click.option(
    "--unknown-llm",
    type=click.Choice(["error", "zero", "unknown"]),
    default="unknown",
    show_default=True,
    help="What a call costs whose llm has no price.",
)
@prices_option
@run_filters
@json_option
def stats(
    files: tuple[Path, ...],
    by: tuple[str, ...],
    unknown_llm: str,
    prices: Path | None,
    as_json: bool,
    **conditions: Any,
) -> int:
    """Tell the service levels of the runs in FILE...: success, latency, tools, retries, tokens and cost.

    FILE is a golden, a recording (ours or vcrpy's), an export of any framework, or a log or eval set.
    A golden's clock is logical, so that its durations are unknown. What is unknown is counted and never 0.
    Exit code 1 where --unknown-llm error finds an llm without a price.
    """
    from agentops_eval.harness import pricing_of, redactor_of, settings_for_reading
    from agentops_eval.harness.evidencing import ATTRIBUTED, Witness, noted_of_levels
    from agentops_eval.traces.levels import Tally, levels_json, without_secrets
    from agentops_eval.traces.prices import UnknownLlm

    settings = settings_for_reading(Path.cwd())
    pricing = pricing_of(settings, Path.cwd(), prices=prices, unknown=UnknownLlm(unknown_llm))
    asked = tuple(dict.fromkeys(by)) or ("llm",)
    dimensions = tuple(dict.fromkeys((*asked, *ATTRIBUTED)))
    tally = Tally(price=pricing, attribution=settings.attributed_by, by=dimensions)
    problems, sieve, seen = problems_of(settings), sieve_of(conditions), Witness()
    for run in seen.through(sieve.through(runs_in(files, problems))):
        tally.add(run)
    every = without_secrets(tally.levels(), redactor_of(settings))
    keep(settings, lambda: noted_of_levels(every, seen, settings, files), of=sieve.wanted)
    levels = replace(every, groups={name: every.groups[name] for name in asked})
    if as_json:
        told = {**levels_json(levels), "price_tables": list(_tables(pricing, levels))}
        print_json(
            {"paths": [str(file) for file in files], **told, **sieve_json(sieve), **problems_json(problems)}
        )
    else:
        _say(files, levels, pricing, sieve, problems)
    return 0 if levels.endings.runs else 1


def _tables(pricing: Pricing, levels: ServiceLevels) -> tuple[str, ...]:
    return pricing.dates(frozenset(levels.bill.sources))


def _say(
    files: tuple[Path, ...], levels: ServiceLevels, pricing: Pricing, sieve: Sieve, problems: Problems
) -> None:
    from agentops_eval.cli._levels import say_levels

    if levels.endings.runs:
        say_levels(levels, tables=_tables(pricing, levels), asked=pricing.tables)
    elif not sieve.read:
        say_no_runs(files)
    say_left_out(sieve)
    say_problems(problems)
