"""The option ``--prompts``, and the prompts of the folder that it names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentops_eval.cli._output import line, many, prose
from agentops_eval.domain import AgentopsError, PromptInvalid

if TYPE_CHECKING:
    from agentops_eval.evals.prompts import PromptDiff
    from agentops_eval.harness import Survey

F = TypeVar("F", bound=Callable[..., Any])


def prompts_option(command: F) -> F:
    """Add ``--prompts``."""
    told = "The folder of the prompts; else what the setting prompt_dir names."
    option = click.option("--prompts", "folder", type=click.Path(path_type=Path), metavar="DIR", help=told)
    return option(command)


def folder_of(given: Path | None) -> Path:
    """The folder of the prompts, below the current one."""
    from agentops_eval.harness import settings_for_reading

    return given or Path(settings_for_reading(Path.cwd()).prompt_dir)


def survey_of(folder: Path) -> Survey:
    """What is in the folder. Raises PromptInvalid where nothing is: a wrong name must not look well."""
    from agentops_eval.harness import survey_prompts

    survey = survey_prompts(folder)
    if not (survey.prompts.prompts or survey.prompts.approvals or survey.problems):
        what = "there is no prompt in this folder" if folder.is_dir() else "there is no folder of prompts"
        remedy = f"write {folder}/NAME/v1.0.0.txt, or name another folder with --prompts"
        raise PromptInvalid(what, where=str(folder), remedy=remedy)
    return survey


def problem_json(problem: AgentopsError) -> dict[str, str]:
    """What could not be read, as one document."""
    return {"where": problem.where, "what": problem.what, "remedy": problem.remedy}


def say_problem(problem: AgentopsError) -> None:
    """What could not be read, for a person."""
    prose(f"{line(problem.where)}: {line(problem.what)}; {line(problem.remedy)}", hang=6, style="red")


def words_text(diff: PromptDiff) -> str:
    """How much of the text changed: ``3 words removed, 5 added``."""
    removed, added = diff.removed_words, diff.added_words
    if not diff.words:
        return ""
    if not (removed or added):
        return "no word, only what stands between them"
    return f"{many(removed, 'word')} removed, {added} added"
