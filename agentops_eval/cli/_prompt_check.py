"""``prompt check``: is every approved version as it was approved?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._output import json_option, line, many, print_json, prose, say
from agentops_eval.cli._prompt_folder import folder_of, prompts_option, survey_of
from agentops_eval.domain import Finding, Level

if TYPE_CHECKING:
    from agentops_eval.harness import Survey

_UNREADABLE = "prompt-unreadable"
_STYLES = {"error": "red", "warn": "yellow", "info": "dim"}
_WORDS = {"error": "error", "warn": "warning", "info": "note"}


@click.command(short_help="Find approved versions that were edited.")
@click.option("--all-approved", is_flag=True, help="A version that is not approved is an error, too.")
@prompts_option
@json_option
def check(all_approved: bool, folder: Path | None, as_json: bool) -> int:
    """Check the prompts: approved versions that were edited, or whose file or approval is gone.

    In a git repository the approvals of its history are looked up, as far as the clone reaches. Exit
    code 1 for an error, 2 where a file cannot be read.
    """
    from agentops_eval.evals.prompts import finding_json

    place = folder_of(folder)
    survey = survey_of(place)
    found = _findings(survey, place)
    if all_approved:
        found = [replace(one, level=Level.ERROR) if one.rule == "prompt-draft" else one for one in found]
    errors = sum(one.level is Level.ERROR for one in found)
    prompts = survey.prompts
    if as_json:
        print_json(
            {
                "prompts": len(prompts.names),
                "versions": len(prompts.prompts),
                "approved": len(prompts.approvals),
                "errors": errors,
                "findings": [finding_json(one) for one in found],
            }
        )
    else:
        for one in sorted(found, key=lambda one: one.level.rank):
            _say(one)
        counted = f"{many(len(prompts.prompts), 'version')} of {many(len(prompts.names), 'prompt')}"
        approvals = many(len(prompts.approvals), "approval")
        say(f"{counted}, {approvals}: {many(errors, 'error')}", style="red" if errors else "green")
    return 2 if survey.problems else int(errors > 0)


def _findings(survey: Survey, folder: Path) -> list[Finding]:
    """What cannot be read, and what is wrong with the rest."""
    from agentops_eval.evals.prompts import REGISTER, check_prompts
    from agentops_eval.harness import earlier_approvals, settings_for_reading
    from agentops_eval.traces.redaction import find_secrets

    found = [
        Finding(
            rule=_UNREADABLE,
            level=Level.ERROR,
            message=f"{problem.what}; {problem.remedy}",
            where=problem.where,
        )
        for problem in survey.problems
    ]
    if survey.register_error is not None:  # which versions were approved is not known
        return found
    secrets = partial(find_secrets, rules=settings_for_reading(Path.cwd()).redaction_rules)
    earlier = earlier_approvals(folder / REGISTER)
    return [*found, *check_prompts(survey.prompts, earlier=earlier, secrets=secrets)]


def _say(finding: Finding) -> None:
    where = f"{line(finding.where)}: " if finding.where else ""
    text = f"{_WORDS[finding.level.value]}: {where}{line(finding.message, limit=1000)}"
    prose(text, hang=4, style=_STYLES[finding.level.value])
