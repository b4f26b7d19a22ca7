"""``report open``: the report of a project in the browser, built where that is needed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from agentops_eval.cli._output import json_option, plain, print_json
from agentops_eval.cli._report_options import of_project, order_of, out_option, place_of


@click.command("open", short_help="Open a project's report, built where needed.")
@of_project
@out_option
@click.option("--print", "only_print", is_flag=True, help="Print the path of the page, and open nothing.")
@json_option
def opened(
    folder: Path,
    criteria: tuple[Path, ...],
    attestations: tuple[Path, ...],
    out: Path | None,
    only_print: bool,
    as_json: bool,
) -> int:
    """Open the report in the browser. It is built anew where files have changed since, or a day has gone by.

    In CI, and where there is no display, the path of the page is printed.
    """
    from agentops_eval.harness.reporting import build, is_current

    order, place = order_of(folder, criteria, attestations), place_of(folder, out)
    index, built = place / "index.html", not is_current(order, place)
    if built:
        build(order, place)
    shown = not only_print and _has_display() and _open(index)
    if as_json:
        print_json({"index": index.as_posix(), "built": built, "opened": shown})
    else:
        click.echo(plain(index))
    return 0


def _open(index: Path) -> bool:
    import webbrowser

    opened = webbrowser.open(index.resolve().as_uri())
    if not opened:
        click.echo("no browser could be opened", err=True)
    return opened


def _has_display() -> bool:
    """Whether somebody could see a browser."""
    if os.environ.get("CI", "").lower() not in {"", "0", "false"}:
        return False
    shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("BROWSER")
    return sys.platform in {"darwin", "win32"} or bool(shown)
