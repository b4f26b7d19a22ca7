"""``trace``: read runs of any origin, compare them, and make tests of them."""

from __future__ import annotations

import click

from agentops_eval.cli._compare import diff
from agentops_eval.cli._decisions import decisions
from agentops_eval.cli._import import import_traces
from agentops_eval.cli._lint import lint
from agentops_eval.cli._push import push
from agentops_eval.cli._show import show
from agentops_eval.cli._stats import stats


@click.group(short_help="Read runs of any framework, compare them, make tests of them.")
def trace() -> None:
    """Read goldens, recordings and traces of any framework, compare them, and make tests of them."""


for command in (show, diff, import_traces, lint, stats, decisions, push):
    trace.add_command(command)
