"""``ops review``: the operational review of a month: what was spent, why, and what to change."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._levels import table
from agentops_eval.cli._ops_options import (
    Looked,
    agent_option,
    at_option,
    looking,
    moment_of,
    paths_argument,
    share,
)
from agentops_eval.cli._output import json_option, line, many, print_json, prose, say
from agentops_eval.cli._prices import prices_option
from agentops_eval.cli._report_file import say_written

if TYPE_CHECKING:
    from agentops_eval.domain import MonthReview, ReviewStep, SheetLine

_PATH = click.Path(path_type=Path)
_WHY = ("before", "after", "by runs", "by tokens", "by price", "not split")
_SPENT = ("runs", "failed", "before", "after")
_STEPS, _USUAL_RISK = 8, 3


class Month(click.ParamType[str]):
    """``2026-10``."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Raises BadParameter for what is no month, or has none before or after it that a calendar tells."""
        from agentops_eval.operations import month_start_s, next_month

        month = str(value)
        try:
            month_start_s(month)
            month_start_s(next_month(month, -1))
            month_start_s(next_month(month))
        except (ValueError, OverflowError):
            self.fail(f"{month!r} is no month; write 2026-10.", param, ctx)
        return month


@click.command(short_help="Review a month: what was spent, why, what to change.")
@paths_argument
@agent_option
@prices_option
@click.option(
    "--month", type=Month(), metavar="MONTH", help="2026-10; the last whole one of PATH by default."
)
@click.option("--objectives", type=_PATH, metavar="FILE", help="What is promised: a file of objectives.")
@at_option
@click.option("--out", type=_PATH, metavar="FOLDER", help="Write MONTH.md, .json and .html there.")
@json_option
def review(
    paths: tuple[Path, ...],
    month: str | None,
    objectives: Path | None,
    at: datetime | None,
    out: Path | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Review the runs of a month in PATH... against those of the month before.

    What was spent and why it changed, how objectives stand, incidents, drift, what the next quarter
    costs, and what to change first. In the Markdown file what people write stays. Exit code 1 where there
    is no run in the month.
    """
    from agentops_eval.operations import review_json

    looked, made = _made(paths, month, objectives, at, given)
    if made is None:
        if as_json:
            print_json({**looked.json(), "month": month, "runs": 0, "written": []})
        else:
            prose("no month that has ended by then has a run", style="bold yellow")
            looked.say_rest()
        return 1
    written = [] if out is None else _write(made, out)
    if as_json:
        print_json({**looked.json(), **review_json(made), "written": [str(path) for path in written]})
    else:
        _say(made, looked)
        say_written(*written)
    return 0 if made.runs else 1


def _made(
    paths: Sequence[Path],
    month: str | None,
    objectives: Path | None,
    at: datetime | None,
    given: dict[str, Any],
) -> tuple[Looked, MonthReview | None]:
    from agentops_eval.harness.operating import Months, load_objectives, load_reviews, paths_in_words
    from agentops_eval.operations import (
        Indicator,
        ReviewFacts,
        last_whole_month,
        month_start_s,
        next_month,
        review_month,
    )

    promised, now = None if objectives is None else load_objectives(objectives), moment_of(at)
    if month is not None and month_start_s(next_month(month)) > now.timestamp():
        last = next_month(now.strftime("%Y-%m"), -1)
        raise Misused(f"{month} has not ended", remedy=f"--month {last}, or leave it out")
    looked = looking(agent="" if promised is None else promised.agent, **given)
    months = Months(looked.lens)
    months.take(looked.through(paths))
    agents = months.agents
    chosen = month or last_whole_month(agents, now_s=now.timestamp())
    if not chosen:
        return looked, None
    asks = promised is not None and any(one.indicator is Indicator.AGREEMENT for one in promised.objectives)
    facts = ReviewFacts(
        runs=months.runs,
        agents=agents,
        incidents=months.incidents,
        objectives=promised,
        reviews=load_reviews(Path.cwd()) if asks else (),
        objectives_file="" if objectives is None else shlex.quote(str(objectives)),
        traces=paths_in_words(paths),
    )
    return looked, review_month(chosen, facts)


def _write(made: MonthReview, out: Path) -> list[Path]:
    """The three files; what people wrote in the first stays."""
    import json

    from agentops_eval.cli._report_file import write_report
    from agentops_eval.harness.operating import sheet_in_file
    from agentops_eval.operations import review_headline, review_json, review_sheet
    from agentops_eval.reports import sheets_html

    sheet = review_sheet(made)
    tone = "bad" if any(one.risk > _USUAL_RISK for one in made.steps) else "open"
    page = sheets_html([sheet], title="Operational review", headline=review_headline(made), tone=tone)
    text = json.dumps(review_json(made), indent=2, sort_keys=True)
    path = out / f"{made.month}.md"
    merged = sheet_in_file(sheet, path, Path.cwd())
    if merged.why:
        raise Misused(f"{path} was left alone: {merged.why}", remedy="name another folder with --out")
    write_report(path, merged.text.encode("utf-8", "surrogateescape"))
    write_report(path.with_suffix(".json"), f"{text}\n")
    write_report(path.with_suffix(".html"), page)
    return [path, path.with_suffix(".json"), path.with_suffix(".html")]


def _say(made: MonthReview, looked: Looked) -> None:
    from agentops_eval.operations import review_headline, usd_of

    prose(review_headline(made), hang=2, style="bold")
    before = {one.agent: one.spent.whole for one in made.agents_before}
    rows = [
        (
            _named(one.agent),
            (str(one.runs), str(one.failed), usd_of(before.get(one.agent)), usd_of(one.spent.whole)),
        )
        for one in made.agents
    ]
    if rows:
        table("agent", _SPENT, rows)
    changes = [(f"{_named(one.agent)} {line(one.llm, limit=60)}", one) for one in made.changes]
    if changes:
        table("why", _WHY, [(name, tuple(map(usd_of, _parts(one)))) for name, one in changes])
    say()
    for one in made.statuses:
        left = "" if one.budget_left is None else f", {share(one.budget_left)} of its budget left"
        prose(f"objective {line(one.name, limit=60)}: {one.verdict.value}{left}", hang=2)
    told = ", ".join(f"{after} {name} ({before})" for name, (before, after) in made.incidents.items())
    prose(f"incidents, and the month before: {told or 'none'}", hang=2)
    for moved in made.drifts:
        prose(f"{moved.measure}: {moved.verdict.value}{f', {line(moved.why)}' if moved.why else ''}", hang=2)
    _say_steps(made.steps)
    looked.say_rest()


def _parts(one: Any) -> tuple[Any, ...]:
    return (one.before, one.after, one.volume, one.tokens, one.price, one.unsplit)


def _named(agent: str) -> str:
    return line(agent, limit=60) or "(unattributed)"


def _say_steps(steps: Sequence[ReviewStep]) -> None:
    say()
    prose("what to change" if steps else "no rule finds anything to change", style="bold")
    for number, one in enumerate(steps[:_STEPS], start=1):
        prose(f"{number}. {_text(one.do)} {_text(one.shown_by)}", hang=3)
        say(f"   {line(one.command, limit=500)}", style="dim")
    if len(steps) > _STEPS:
        say(f"and {many(len(steps) - _STEPS, 'more step')}, with --json or --out")


def _text(told: SheetLine) -> str:
    return line("".join(piece.text for piece in told), limit=400)
