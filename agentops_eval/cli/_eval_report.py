"""Reports of suites: to the terminal, and into files whose suffix says the format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._report_file import say_report, write_report

if TYPE_CHECKING:
    from agentops_eval.reports import Report

F = TypeVar("F", bound=Callable[..., Any])


def _json(report: Report) -> bytes:
    import json

    from agentops_eval.reports import results_json

    return json.dumps(results_json(report), ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace")


def _html(report: Report) -> bytes:
    from agentops_eval.reports import results_html

    return results_html(report).encode("utf-8", "backslashreplace")


def _markdown(report: Report) -> bytes:
    from agentops_eval.reports import results_markdown

    return results_markdown(report).encode("utf-8", "backslashreplace")


def _junit(report: Report) -> bytes:
    from agentops_eval.reports import results_junit

    return results_junit(report)


FORMATS: Mapping[str, Callable[[Report], bytes]] = {
    ".html": _html,
    ".json": _json,
    ".md": _markdown,
    ".xml": _junit,
}


def reporting(command: F) -> F:
    """Add the options that write reports."""
    files = click.option(
        "--report",
        "reports",
        type=click.Path(path_type=Path),
        multiple=True,
        metavar="FILE",
        help="Write a report: .html, .md, .xml (JUnit) or .json. May be repeated.",
    )
    github = click.option("--annotations", is_flag=True, help="Print GitHub annotations as well.")
    return files(github(command))


def check_reports(files: Sequence[Path]) -> None:
    """Raise Misused for a file whose suffix is no format, before anything runs."""
    for file in files:
        if file.suffix.lower() not in FORMATS:
            remedy = f"name a file that ends in {', '.join(FORMATS)}"
            raise Misused(f"no report is written as {file.name}", remedy=remedy)


def write_reports(report: Report, files: Sequence[Path], *, annotations: bool, quiet: bool) -> None:
    """Write each file, whole or not at all, and print annotations where they are wanted."""
    for file in files:
        write_report(file, FORMATS[file.suffix.lower()](report))
        if not quiet:
            say_report(file)
    if annotations:
        from agentops_eval.reports import results_annotations

        text = results_annotations(report)
        if text:
            click.echo(text, err=quiet)
