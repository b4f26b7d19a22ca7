"""``toxiproxy``: a server for faults on the wire, and putting one back after a crash."""

from __future__ import annotations

import os
from pathlib import Path

import click

from agentops_eval.cli._lazy import LazyGroup
from agentops_eval.cli._output import flush, json_option, line, many, print_json, say

_COMMANDS = {"restore": "_toxiproxy:restore", "serve": "_toxiproxy:serve"}


@click.group(
    "toxiproxy",
    cls=LazyGroup,
    commands_at=_COMMANDS,
    short_help="Serve faults on the wire, and put a server back after a crash.",
)
def toxiproxy() -> None:
    """Faults on the wire: a TCP proxy with Toxiproxy's HTTP API, on loopback."""


@click.command(short_help="Serve Toxiproxy's HTTP API on loopback.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8474, show_default=True, help="0 is any free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address, such as ::1.")
@click.option("--seed", type=int, default=0, show_default=True, help="Decides toxicity, jitter and slices.")
@click.option(
    "--allow", multiple=True, metavar="HOST", help="A host beyond loopback that proxies may lead to; repeats."
)
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Written with the URL once it listens, removed at the end.",
)
@json_option
def serve(
    port: int, host: str, seed: int, allow: tuple[str, ...], ready_file: Path | None, as_json: bool
) -> int:
    """Serve until Ctrl-C or SIGTERM; every connection is broken then, and nothing is left behind."""
    from agentops_eval.chaos.toxiproxy import EmbeddedServer
    from agentops_eval.harness import wait_for_interruption

    def announce() -> None:
        if ready_file is not None:
            _write_ready(ready_file, server.url)
        if as_json:
            print_json({"url": server.url, "seed": seed, "pid": os.getpid()})
        else:
            say(f"serving {server.url}")
            say(f"  use it   export TOXIPROXY_URL={server.url}")
        flush()

    _check_host(host)
    with EmbeddedServer(host=host, port=port, seed=seed, allowed=allow) as server:
        try:
            wait_for_interruption(announce)
        finally:
            if ready_file is not None:
                ready_file.unlink(missing_ok=True)
    return 0


@click.command(short_help="Take back what a process that is gone left at a server.")
@click.argument("ledger", type=click.Path(path_type=Path))
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 600),
    default=5.0,
    show_default=True,
    help="Seconds to wait.",
)
@json_option
def restore(ledger: Path, timeout: float, as_json: bool) -> int:
    """Take back every change that LEDGER tells of, latest first, and remove it.

    A LEDGER that a living process holds is left alone.
    """
    from agentops_eval.chaos.toxiproxy import restore as put_back

    done = put_back(ledger, timeout_s=timeout)
    if as_json:
        print_json({"server": done.server, "undone": list(done.undone), "gone": list(done.gone)})
        return 0
    say(f"{line(done.server) or 'no server'}: {many(len(done.undone), 'change')} taken back", style="bold")
    for step in done.undone:
        say(f"  {line(step)}")
    for step in done.gone:
        say(f"  {line(step)}: nothing was left to do")
    return 0


def _write_ready(path: Path, url: str) -> None:
    """Let nobody read half of it."""
    from agentops_eval.traces import write_whole

    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, url.encode() + b"\n")


def _check_host(host: str) -> None:
    from agentops_eval.domain import is_loopback

    if not is_loopback(host):
        raise click.BadParameter("it listens on loopback only: 127.0.0.1 or ::1", param_hint="--host")
