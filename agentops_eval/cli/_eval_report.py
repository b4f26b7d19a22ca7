"""Reports of suites: to the terminal, and into files whose suffix says the format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentops_eval.cli._report_file import Forms, reports_option, write_as

if TYPE_CHECKING:
    from agentops_eval.reports import Report

F = TypeVar("F", bound=Callable[..., Any])


def reporting(command: F) -> F:
    """Add the options that write reports."""
    github = click.option("--annotations", is_flag=True, help="Print GitHub annotations as well.")
    return reports_option(github(command))


def write_reports(report: Report, files: Sequence[Path], *, annotations: bool, quiet: bool) -> None:
    """Write each file, whole or not at all, and print annotations where they are wanted."""
    if files:
        from agentops_eval.reports import results_html, results_json, results_junit, results_markdown

        forms: Forms[Report] = {
            ".html": results_html,
            ".json": results_json,
            ".md": results_markdown,
            ".xml": results_junit,
        }
        for file in files:
            write_as(file, report, forms, quiet=quiet)
    if annotations:
        from agentops_eval.reports import results_annotations

        text = results_annotations(report)
        if text:
            click.echo(text, err=quiet)
