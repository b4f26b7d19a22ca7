"""``init``: write a small project (agent, test, scenario, recording, golden) that passes at once."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from agentops_eval.cli._output import json_option, plain, print_json, say, step
from agentops_eval.domain import ExtraMissing

if TYPE_CHECKING:
    from agentops_eval.demo.starter._starter import Client


@click.command(short_help="Write a starter project.")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--client", type=click.Choice(["openai", "requests"]), help="What the agent talks with.")
@json_option
def init(directory: Path, client: str | None, as_json: bool) -> int:
    """Write a starter project into DIRECTORY (the current one by default)."""
    from agentops_eval.demo.starter import write_starter

    _installed(client)
    written = write_starter(directory, client=cast("Client | None", client))
    if not as_json:
        for path in written:
            say(f"  wrote     {plain(path)}")
    with step("  recording its tests against a scripted llm on loopback ...", quiet=as_json):
        _record(directory, written)
    made = sorted((directory / "golden_traces").rglob("*.jsonl"))
    go = "pytest" if directory == Path() else f"cd {shlex.quote(str(directory))} && pytest"
    if as_json:
        files = [str(path) for path in (*written, *made)]
        print_json({"directory": str(directory), "files": files, "next": go})
        return 0
    for path in made:
        say(f"  recorded  {plain(path)}")
    say("Its tests were recorded against a scripted llm, and their goldens approved. They pass:")
    say(f"  {go}")
    return 0


def _installed(client: str | None) -> None:
    if client is not None and find_spec(client) is None:
        raise ExtraMissing(f"{client} is not installed", where="--client", remedy=f"pip install {client}")


def _record(directory: Path, written: Sequence[Path]) -> None:
    """Record the project; where that fails, take away what was written, so that it can be tried again."""
    from agentops_eval.demo.starter import record_starter

    before = (directory / "golden_traces").exists()
    try:
        record_starter(directory)
    except BaseException:
        if not before:
            shutil.rmtree(directory / "golden_traces", ignore_errors=True)
        for path in written:
            path.unlink(missing_ok=True)
            for parent in path.parents:
                with suppress(OSError):  # not empty, or not ours
                    if parent.is_relative_to(directory):
                        parent.rmdir()
        raise
