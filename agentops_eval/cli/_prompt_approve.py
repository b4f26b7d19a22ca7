"""``prompt approve``: from now on this version stays as it is."""

from __future__ import annotations

from pathlib import Path

import click

from agentops_eval.cli._output import json_option, line, print_json, prose, say
from agentops_eval.cli._prompt_folder import folder_of, prompts_option, words_text


@click.command(short_help="Approve a version.")
@click.argument("name", metavar="NAME")
@click.argument("version", metavar="VERSION")
@click.option("--role", default="", metavar="ROLE", help="In which role you approve; kept with the approval.")
@prompts_option
@json_option
def approve(name: str, version: str, role: str, folder: Path | None, as_json: bool) -> int:
    """Approve VERSION of the prompt NAME: its text, parameters and tools are not to change again.

    VERSION may be latest. The approval is a line of approved.jsonl in the prompts' folder: commit it.
    Refused while CI is set.
    """
    from agentops_eval.evals.prompts import short
    from agentops_eval.harness import approve_prompt

    done = approve_prompt(folder_of(folder), name, version, role=role)
    prompt, approval, diff = done.prompt, done.approval, done.diff
    if as_json:
        print_json(
            {
                "name": prompt.name,
                "version": str(prompt.version),
                "digest": prompt.digest,
                "file": prompt.where,
                "approved_at": approval.approved_at,
                "role": approval.role or None,
                "register": done.register,
                "already": done.already,
                "since": None if diff is None else str(diff.before.version),
                "words_removed": None if diff is None else diff.removed_words,
                "words_added": None if diff is None else diff.added_words,
            }
        )
        return 0
    what = f"{line(prompt.title)} {short(prompt.digest)}"
    if done.already:
        say(f"{what} was approved already, at {line(approval.approved_at)}")
        return 0
    say(f"approved {what}", style="green")
    if diff is not None:
        changed = words_text(diff) or "the same words"
        prose(f"  since {diff.before.version}: {changed}", hang=4)
    say(f"  commit {line(done.register)} with it")
    return 0
