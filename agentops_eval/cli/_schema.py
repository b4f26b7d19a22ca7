"""``schema``: JSON Schemas, with which editors complete and check the files that people write."""

from __future__ import annotations

import json
from pathlib import Path

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._output import json_option, print_json, say_lines
from agentops_eval.cli._report_file import say_written, write_report
from agentops_eval.domain import Json

_SCHEMAS = (
    "scenario",
    "gate",
    "degradation",
    "experiment",
    "gameday",
    "criteria",
    "attestations",
    "objectives",
)


@click.command(short_help="Print the JSON Schema of a kind of files that people write.")
@click.argument("name", metavar="[NAME]", type=click.Choice(_SCHEMAS), default="scenario")
@click.option("--out", type=click.Path(path_type=Path), help="Write the schema to this file.")
@json_option
def schema(name: str, out: Path | None, as_json: bool) -> int:
    """Print the JSON Schema of a kind of files; of scenarios by default.

    It knows every field, and of scenarios every evaluator with its arguments. The first line of a YAML
    file tells editors where it is:

    \b
      # yaml-language-server: $schema=scenario.schema.json
    """  # noqa: D301  # the backspace is click's sign for a line that stays one
    document = _schema(name)
    text = json.dumps(document, indent=2, ensure_ascii=False)
    if out is not None:
        if out.is_dir():
            raise Misused(f"{out} is a folder", remedy=f"--out {out / f'{name}.schema.json'}")
        write_report(out, f"{text}\n")
    if as_json:
        print_json({"name": name, "out": None if out is None else str(out), "schema": document})
    elif out is None:
        say_lines(text.splitlines())
    else:
        say_written(out)
    return 0


def _schema(name: str) -> dict[str, Json]:
    if name == "gate":
        from agentops_eval.gate import gate_schema

        return gate_schema()
    if name == "degradation":
        from agentops_eval.chaos import contract_schema

        return contract_schema()
    if name in ("experiment", "gameday"):
        from agentops_eval.chaos.experiments import experiment_schema, gameday_schema

        return experiment_schema() if name == "experiment" else gameday_schema()
    if name in ("criteria", "attestations"):
        from agentops_eval.scorecard import attestations_schema, criteria_schema

        return criteria_schema() if name == "criteria" else attestations_schema()
    if name == "objectives":
        from agentops_eval.operations import objectives_schema

        return objectives_schema()
    from agentops_eval.evals.suites import scenario_schema

    return scenario_schema()
