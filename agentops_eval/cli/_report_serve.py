"""``report serve``: a project's report over HTTP, on this machine alone."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from agentops_eval.cli._output import flush, plain, print_json, say
from agentops_eval.cli._report_options import of_project, order_of
from agentops_eval.domain import AgentopsError


@click.command(short_help="Show a project live, on this machine alone.")
@of_project
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8809, show_default=True, help="0 is any free one."
)
@click.option("--json", "as_json", is_flag=True, help="Print the address as one JSON document.")
def serve(
    folder: Path, criteria: tuple[Path, ...], attestations: tuple[Path, ...], port: int, as_json: bool
) -> int:
    """Serve the fleet of a project: its agents, findings, objectives and costs, as they are now.

    Read-only, and on loopback alone; other hosts are refused. The page looks again every two seconds, so that
    suites and game days are seen as they run. Ctrl-C ends it.
    """
    from agentops_eval.harness.reporting import FleetServer

    server = FleetServer(order_of(folder, criteria, attestations), port, failed=_tell_failure)
    with suppress(KeyboardInterrupt), server:
        print_json({"url": server.url}) if as_json else say(f"serving {server.url}")
        flush()
        server.serve_forever()
    return 0


def _tell_failure(error: AgentopsError | OSError) -> None:
    """Say on stderr why requests are answered 503, for whoever reads the server's log."""
    click.echo(f"503: {plain(str(error))}", err=True)
