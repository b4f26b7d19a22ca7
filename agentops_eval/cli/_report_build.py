"""``report build``: the pages of a project, written to a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._output import json_option, line, many, print_json, prose, say
from agentops_eval.cli._report_file import say_written, write_report
from agentops_eval.cli._report_options import of_project, order_of, out_option, place_of

if TYPE_CHECKING:
    from agentops_eval.harness.reporting import Built

_SHOWN = 3


@click.command(short_help="Write the pages of a project.")
@of_project
@out_option
@click.option(
    "--markdown", type=click.Path(path_type=Path), metavar="FILE", help="Write a summary for a pull request."
)
@json_option
def build(
    folder: Path,
    criteria: tuple[Path, ...],
    attestations: tuple[Path, ...],
    out: Path | None,
    markdown: Path | None,
    as_json: bool,
) -> int:
    """Write what a project has shown as pages: an index, scorecards, results, gates, game days, findings.

    Every figure leads to its evidence, of which copies lie beside the pages: the folder can be moved and
    opened from disk. What is missing is said, with the command that brings it. Nothing is run, and nothing
    but the report is written.
    """
    from agentops_eval.harness.reporting import build as written
    from agentops_eval.reports import fleet_json, fleet_markdown

    place = place_of(folder, out)
    built = written(order_of(folder, criteria, attestations), place)
    fleet = built.site.fleet
    if markdown is not None:
        write_report(markdown, fleet_markdown(fleet))
    if as_json:
        print_json({**fleet_json(fleet), "index": built.index.as_posix(), "pages": built.pages})
        return 0
    _tell(built)
    if markdown is not None:
        say_written(markdown)
    return 0


def _tell(built: Built) -> None:
    from agentops_eval.reports import plain_title

    fleet = built.site.fleet
    found = [one.item for one in fleet.findings]
    unsafe = sum(bool(item.harms) for item in found)
    told = f"{many(len(fleet.agents), 'agent')}, {many(len(found), 'open finding')}"
    say(f"{told}, {unsafe} unsafe" if unsafe else told, style="red" if unsafe else "")
    for item in found[:_SHOWN]:
        title = plain_title(item.kind, item.subject, failed=True)
        prose(f"  {line(title)} ({line(item.kind)} {line(item.subject)}): {line(item.says)}", hang=4)
    if len(found) > _SHOWN:
        say(f"  and {len(found) - _SHOWN} more", style="dim")
    for one in fleet.missing:
        prose(f"missing: {line(one.what)}", hang=9, style="yellow")
        if one.command:
            say(f"         {line(one.command)}", style="dim")
    say_written(built.index)
    say(f"           {many(built.pages, 'page')} and sources", style="dim")
