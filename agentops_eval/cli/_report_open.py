"""``report open``: the report of a project in the browser, built where that is needed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from agentops_eval.cli._output import plain, say
from agentops_eval.cli._report_options import of_project, order_of, out_option, place_of


@click.command("open", short_help="Open a project's report, built where needed.")
@of_project
@out_option
@click.option("--print", "only_print", is_flag=True, help="Print the path of the page, and open nothing.")
def opened(
    folder: Path,
    criteria: tuple[Path, ...],
    attestations: tuple[Path, ...],
    out: Path | None,
    only_print: bool,
) -> int:
    """Open the report in the browser. It is built anew where files have changed since, or a day has gone by.

    In CI, and where there is no display, the path of the page is printed.
    """
    from agentops_eval.harness.reporting import build, is_current

    order, place = order_of(folder, criteria, attestations), place_of(folder, out)
    index = place / "index.html"
    if not is_current(order, place):
        index = build(order, place).index
    if only_print or not _has_display():
        click.echo(plain(index))
        return 0
    import webbrowser

    if not webbrowser.open(index.resolve().as_uri()):
        say("no browser could be opened", style="yellow")
    say(plain(index))
    return 0


def _has_display() -> bool:
    """Whether somebody could see a browser."""
    if os.environ.get("CI", "").lower() not in {"", "0", "false"}:
        return False
    shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("BROWSER")
    return sys.platform in {"darwin", "win32"} or bool(shown)
