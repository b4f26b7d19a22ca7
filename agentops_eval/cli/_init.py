"""``init``: write a small project (agent, test, scenario, recording, golden) that passes at once."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from agentops_eval.cli._output import json_option, print_json, say


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path("."))
@click.option("--client", type=click.Choice(["openai", "requests"]), help="What the agent talks with.")
@json_option
def init(directory: Path, client: str | None, as_json: bool) -> int:
    """Write a starter project into DIRECTORY (the current one by default)."""
    from agentops_eval.demo.starter import record_starter, write_starter

    written = write_starter(directory, client=client)  # type: ignore[arg-type]
    if not as_json:
        for path in written:
            say(f"  wrote     {path}")
        say("  recording its tests against a scripted llm on loopback ...")
    record_starter(directory)
    made = sorted((directory / "golden_traces").rglob("*.jsonl"))
    step = "pytest" if directory == Path(".") else f"cd {shlex.quote(str(directory))} && pytest"
    if as_json:
        files = [str(path) for path in (*written, *made)]
        print_json({"directory": str(directory), "files": files, "next": step})
        return 0
    for path in made:
        say(f"  recorded  {path}")
    say(f"Done. Next:  {step}")
    return 0
