"""``judge label`` and ``judge labels``: what people say of a judge's verdicts."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._output import json_option, line, many, print_json, prose, say

_FILE = click.Path(path_type=Path)
_LONGEST_WHY, _LONGEST_ROLE = 2_000, 60


@click.command(short_help="Override a judge's verdict, and keep that as a label.")
@click.argument("results", metavar="RESULTS", type=_FILE)
@click.argument("case", metavar="CASE")
@click.option("--verdict", type=click.Choice(["pass", "fail"]), required=True, help="What it really is.")
@click.option("--why", required=True, metavar="TEXT", help="The reason, for whoever reads the label.")
@click.option("--rubric", default="", metavar="ID", help="Which judge's verdict, where a case has several.")
@click.option("--suite", default="", metavar="NAME", help="The suite of the case, where several have one.")
@click.option("--trial", type=int, help="Which trial of the case, where there are several.")
@click.option("--variant", help="Which variant of the case, where there are several.")
@click.option("--role", default="reviewer", show_default=True, help="What you are there; never your name.")
@json_option
def label(
    results: Path,
    case: str,
    verdict: str,
    why: str,
    rubric: str,
    suite: str,
    trial: int | None,
    variant: str | None,
    role: str,
    as_json: bool,
) -> int:
    """Say that the judge's verdict on CASE in RESULTS is wrong, or confirm it.

    The label is added to judges/labels.jsonl. From then on it stands above the judge for the same answer
    under the same rubric; another answer is judged anew. Labels are what `judge calibrate` measures with.
    """
    from datetime import UTC, datetime

    from agentops_eval.domain import VerdictValue
    from agentops_eval.harness import LABELS, append_label, find_judgement, load_judge_settings

    if not why.strip() or len(why) > _LONGEST_WHY:
        raise Misused("--why is empty or too long", remedy=f"say it in 1 to {_LONGEST_WHY} characters")
    if not role.strip() or len(role) > _LONGEST_ROLE or "@" in role:
        raise Misused("--role is what somebody is, not who", remedy="--role reviewer")
    root = Path.cwd()
    path = root / load_judge_settings(root).folder / LABELS
    found = find_judgement(results, case, suite=suite, rubric=rubric, trial=trial, variant=variant)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    made = found.labelled(VerdictValue(verdict), why=why.strip(), role=role.strip(), at=now)
    append_label(path, made)
    shown = path.relative_to(root)
    if as_json:
        print_json({"path": str(shown), "added": asdict(made)})
        return 0
    same = made.verdict is made.label
    judged = "the judge said so, too" if same else f"the judge said {made.verdict.value}"
    prose(f"{line(case)} is a {verdict} under {line(made.rubric.partition('@')[0])}: {judged}")
    say(f"written to {shown}", style="dim")
    return 0


@click.command(short_help="List what people said of judges' verdicts.")
@click.option("--rubric", default="", metavar="ID", help="Only labels under this rubric.")
@click.option("--all", "everything", is_flag=True, help="Those that a later label replaced, too.")
@json_option
def labels(rubric: str, everything: bool, as_json: bool) -> int:
    """List the labels of this project, and how often the judge had said the same."""
    from agentops_eval.evals.judging import Overrides
    from agentops_eval.harness import LABELS, load_judge_settings, read_labels

    root = Path.cwd()
    shown = Path(load_judge_settings(root).folder) / LABELS
    every = read_labels(root / shown)
    holding = every if everything else Overrides(every).labels
    found = [one for one in holding if not rubric or rubric in (one.rubric, one.rubric.partition("@")[0])]
    agreed = sum(one.label is one.verdict for one in found)
    if as_json:
        listed = [asdict(one) for one in found]
        print_json({"path": str(shown), "labels": listed, "count": len(found), "agreed": agreed})
        return 0
    for one in found:
        judged = "confirmed" if one.label is one.verdict else f"the judge said {one.verdict.value}"
        head = f"{one.label.value:4}  {line(one.case)}  {line(one.rubric.partition('@')[0])}  ({judged})"
        prose(f"{head}  {line(one.role)}: {line(one.why)}", hang=6)
    if found:
        say(f"{many(len(found), 'label')}, {agreed} as the judge said", style="dim")
    else:
        say(f"no labels in {shown}; this adds one:")
        say("agentops-eval judge label RESULTS CASE --verdict fail --why TEXT")
    return 0
