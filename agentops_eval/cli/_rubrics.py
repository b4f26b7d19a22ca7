"""``judge rubrics``: the rubrics that come with the product."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_eval.cli._output import json_option, print_json, prose, say

if TYPE_CHECKING:
    from agentops_eval.domain import Json
    from agentops_eval.evals.judging import Rubric


@click.command(short_help="List the rubrics that are shipped.")
@json_option
def rubrics(as_json: bool) -> int:
    """List the shipped rubrics: what each asks, its scale, and what of a run its judge is shown."""
    from agentops_eval.evals.judging import RUBRICS

    if as_json:
        print_json({"rubrics": [_json(rubric) for rubric in RUBRICS.values()]})
        return 0
    for number, rubric in enumerate(RUBRICS.values()):
        if number:
            say()
        say(f"{rubric.id}  sees {', '.join(see.value for see in rubric.sees)}", style="bold")
        prose(f"  {rubric.question}", hang=2)
        for word, text in rubric.scale:
            prose(f"  {word}: {text}", hang=len(word) + 4)
    return 0


def _json(rubric: Rubric) -> Json:
    return {
        "id": rubric.id,
        "digest": rubric.digest,
        "question": rubric.question,
        "scale": dict(rubric.scale),
        "at_least": rubric.at_least if rubric.grades else None,
        "sees": [see.value for see in rubric.sees],
    }
