"""``demo``: agents recorded, replayed and changed, then two versions of them all the way to a scorecard."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from agentops_eval.cli._errors import Interrupted
from agentops_eval.cli._output import json_option, print_json
from agentops_eval.domain import RunMisuse

OUT = Path("agentops-demo")
_MARK = "# Written by `agentops-eval demo"
_PROJECT = f"""\
{_MARK}`. Run the commands that it printed in this folder.
[tool.agentops]
any_host = true  # the recordings were made against a scripted llm on loopback
"""


@click.command(short_help="Take agents that come along from a replay to a scorecard.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=OUT,
    show_default=True,
    help="Where it leaves what it makes, the report too.",
)
@click.option("--replay-only", is_flag=True, help="Only record, replay and change: some seconds.")
@click.option("--approve", is_flag=True, hidden=True, help="Approve the shipped goldens (for maintainers).")
@json_option
def demo(out: Path, replay_only: bool, approve: bool, as_json: bool) -> int:
    """Record agents on real SDKs, replay and change them; then test, gate and break two versions of them.

    Ends with the scorecards of both, a report, and the three findings that matter. The llm is a scripted one
    on loopback: no account, no key, no network. Takes about a minute. Exit code 1 if anything ends otherwise
    than it should: replays have to equal their recordings, and the flawed version has to fail.
    """
    from agentops_eval.cli._demo_replays import replays_json, run_replays, say_where

    with _folder(out) as locked, _interruptible(out):
        replays = run_replays(out, approve=approve, quiet=as_json)
        if replay_only or approve:
            document = replays_json(replays, out)
            if not as_json:
                say_where(replays, out)
        else:
            from agentops_eval.cli._demo_chain import run_chain

            document = run_chain(out, replays_json(replays, out), locked=locked, as_json=as_json)
    if as_json:
        print_json(document)
    return 0 if document["ok"] else 1


@contextmanager
def _folder(out: Path) -> Iterator[int]:
    """Make the folder a place in which the printed commands hold, and work in it alone: its lock is given.

    Raises RunMisuse where it is not empty and no demo's, or another demo works in it.
    """
    from agentops_eval.demo import need_sdks
    from agentops_eval.harness import lock_alone

    need_sdks()
    remedy = "agentops-eval demo --out ANOTHER-FOLDER"
    project = out / "pyproject.toml"
    out.mkdir(parents=True, exist_ok=True)
    ours = project.is_file() and project.read_text(encoding="utf-8", errors="replace").startswith(_MARK)
    if not ours and any(out.iterdir()):  # what an earlier demo made is taken away: nobody else's is
        raise RunMisuse("the folder is another project's", where=str(out), remedy=remedy)
    locked = os.open(out, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks keeps nobody out
            lock_alone(locked, out, what="this folder", remedy=f"wait for it, or {remedy}")
        if not project.exists():
            project.write_text(_PROJECT, encoding="utf-8")
        yield locked
    finally:
        os.close(locked)


@contextmanager
def _interruptible(out: Path) -> Iterator[None]:
    """Say after Ctrl-C that what is there is half of a demo, and how to have it whole."""
    try:
        yield
    except KeyboardInterrupt:
        again = f"agentops-eval demo --out {shlex.quote(str(out))}"
        raise Interrupted(what="interrupted", kept=str(out), remedy=again) from None
