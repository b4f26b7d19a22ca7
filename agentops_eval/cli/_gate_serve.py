"""``gate serve``: the decision over HTTP, for Argo Rollouts, Flagger and scripts."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from agentops_eval.cli._gate_followed import Followed, followed, opened, print_look, tell_look, watched
from agentops_eval.cli._output import flush, plain, print_json, say
from agentops_eval.domain import AgentopsError, is_loopback


@click.command(short_help="Answer Argo Rollouts, Flagger and scripts over HTTP.")
@followed
@click.option(
    "--log",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Keeps every look; without it a new start counts everything anew.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8808, show_default=True, help="0 is any free one."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document a look.")
def serve(log: Path | None, host: str, port: int, as_json: bool, **given: object) -> int:
    """Answer what is decided by the samples of both versions as they are now.

    GET /decision, GET /argo/decision, POST /flagger/HOOK, GET /healthz. Read-only; each request looks at the
    files anew. Ctrl-C ends it.
    """
    from agentops_eval.harness.gating import GateServer

    asked = watched(Followed(**given), log)  # type: ignore[arg-type]
    with suppress(KeyboardInterrupt), opened(asked) as files:
        told = print_look if as_json else tell_look
        server = GateServer(asked.gate.gate, files, told=told, failed=_tell_failure)
        with server.listening(host, port) as listening:
            if not is_loopback(host):
                warning = f"warning: whoever reaches {host} can read the decision; nothing asks who they are"
                click.echo(plain(warning), err=True)
            url = f"http://{f'[{host}]' if ':' in host else host}:{listening.server_port}"
            print_json({"url": url}) if as_json else say(f"serving {url}")
            flush()
            listening.serve_forever()
    return 0


def _tell_failure(error: AgentopsError | OSError) -> None:
    """Say on stderr why requests are answered 503, for whoever reads the server's log."""
    click.echo(f"503: {plain(str(error))}", err=True)
