"""``judge calibrate``: how far a judge agrees with people."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._evidenced import keep
from agentops_eval.cli._output import json_option, line, many, print_json, prose, say

if TYPE_CHECKING:
    from agentops_eval.domain import Json
    from agentops_eval.evals.judging import Calibration, Rubric
    from agentops_eval.harness import Examples, JudgedRows, JudgeSettings
    from agentops_eval.stats import Interval

_FILE = click.Path(path_type=Path)
_SHOWN = 5

_MORE_LABELS = "add lines whose label is pass or fail:  agentops-eval judge label --help"


@click.command(short_help="Measure a judge against labels.")
@click.argument("labels", metavar="LABELS...", type=_FILE, nargs=-1, required=True)
@click.option("--rubric", default="", metavar="ID|TEXT", help="Judge the answers of LABELS by this rubric.")
@click.option("--name", default="", help="What the calibration is called; by default as the rubric.")
@click.option("--llm", default="", help="The llm that judges; else that of [tool.agentops.judge].")
@click.option(
    "--observed", metavar="PASSED/JUDGED", help="A pass rate of this judge that is to be corrected."
)
@click.option("--record", is_flag=True, help="Ask the llm for what is not recorded. Refused while CI is set.")
@click.option("--min-kappa", type=float, help="The least kappa with which it is trusted.")
@click.option("--min-agreement", type=float, help="The least lower limit of the agreement.")
@click.option("--min-labels", type=int, help="The least number of labels.")
@click.option("--replace", is_flag=True, help="Also replace a calibration that rests on more labels.")
@json_option
def calibrate(
    labels: tuple[Path, ...],
    rubric: str,
    name: str,
    llm: str,
    observed: str | None,
    record: bool,
    min_kappa: float | None,
    min_agreement: float | None,
    min_labels: int | None,
    replace: bool,
    as_json: bool,
) -> int:
    """Hold a judge's verdicts against people's labels. Exit code 1 where it is not to be trusted.

    LABELS are files of JSON lines with id, label (pass or fail) and verdict; with --rubric, with an
    answer (and input, reference) that is judged now. Lines without a label are what the pass rate is
    corrected for. The result is written to judges/NAME.calibration.json, which gates and evaluators with
    `calibrated` ask for.
    """
    from agentops_eval.domain import JudgeInvalid
    from agentops_eval.evals.judging import calibrate as measure
    from agentops_eval.harness import load_judge_settings, read_examples, write_calibration

    root = Path.cwd()
    floor = {"min_kappa": min_kappa, "min_agreement": min_agreement, "min_labels": min_labels}
    given: dict[str, object] = {key: value for key, value in floor.items() if value is not None}
    settings = load_judge_settings(root, overrides=given | ({"llm": llm} if llm else {}))
    chosen, rate = _rubric(rubric) if rubric else None, _rate(observed)
    examples = read_examples(*labels)
    rows = _rows(root, examples, chosen, settings, record=record, again=_again(labels, rubric))
    try:
        found = measure(
            rows.rows,
            name=name or (chosen.id if chosen else _name_of(labels[0])),
            floor=settings.floor,
            observed=rate,
            rubric=chosen.digest if chosen else "",
            llm=settings.llm if chosen else "",
        )
    except ValueError as error:
        what, where = f"nothing can be measured: {error}", ", ".join(map(str, labels))
        raise JudgeInvalid(what, where=where, remedy=_MORE_LABELS) from None
    path = write_calibration(root / settings.folder, found, replace=replace).relative_to(root)
    _note(found, (*labels, path))
    (_print_json if as_json else _tell)(found, path, rows, examples.replaced)
    return 0 if found.trusted else 1


def _note(found: Calibration, files: tuple[Path, ...]) -> None:
    from agentops_eval.harness import settings_for_reading
    from agentops_eval.harness.evidencing import noted_of_calibration

    keep(settings_for_reading(Path.cwd()), lambda: noted_of_calibration(found, files))


def _name_of(labels: Path) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", labels.name.partition(".")[0]).strip("-.") or "labels"


def _rubric(text: str) -> Rubric:
    from agentops_eval.evals.judging import rubric_of

    try:
        return rubric_of(text)
    except ValueError as error:
        raise Misused(f"--rubric: {error}", remedy="agentops-eval judge rubrics") from None


def _rate(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text.strip(), re.ASCII)
    passed, judged = (int(found[1]), int(found[2])) if found else (1, 0)
    if not 0 <= passed <= judged or judged == 0:
        raise Misused(f"--observed is PASSED/JUDGED, not {text!r}", remedy="--observed 180/200")
    return passed, judged


def _rows(
    root: Path,
    examples: Examples,
    rubric: Rubric | None,
    settings: JudgeSettings,
    *,
    record: bool,
    again: str,
) -> JudgedRows:
    """The rows, judged where that is needed.

    Raises CassetteMissing, exit code 3, where nobody may ask, and JudgeInvalid where nobody answered: a
    judge that is out of reach has not become worse.
    """
    from agentops_eval.domain import CassetteMissing, JudgeInvalid
    from agentops_eval.harness import judged_rows, load_settings, open_judge

    if rubric is None:
        return judged_rows(examples, rubric=None, judge=None)
    overrides = {"record": "once" if record else "none"}
    with open_judge(root, settings=load_settings(root, overrides=overrides), judge=settings) as judge:
        found = judged_rows(examples, rubric=rubric, judge=judge)
    if found.missing:
        shown = ", ".join(found.missing[:_SHOWN])
        more = f" and {len(found.missing) - _SHOWN} more" if len(found.missing) > _SHOWN else ""
        raise CassetteMissing(
            f"the judge's answers to {many(len(found.missing), 'line')} are not recorded",
            difference=f"{shown}{more}",
            remedy=f"record them, outside CI:  {again}",
        )
    if found.unanswered:
        what = f"the judge could not be asked about {many(len(found.unanswered), 'line')}"
        raise JudgeInvalid(what, difference=line(found.unanswered[0]), remedy=f"then again:  {again}")
    return found


def _again(labels: tuple[Path, ...], rubric: str) -> str:
    words = ["agentops-eval", "judge", "calibrate", *map(str, labels), "--rubric", rubric, "--record"]
    return shlex.join(words)


def _print_json(found: Calibration, path: Path, rows: JudgedRows, replaced: int) -> None:
    from agentops_eval.evals.judging import calibration_json

    told = calibration_json(found)
    assert isinstance(told, dict)
    left_out: dict[str, Json] = {"other_rubric": rows.other_rubric, "replaced": replaced}
    print_json({"path": str(path), **told, "problems": list(rows.problems), **left_out})


def _tell(found: Calibration, path: Path, rows: JudgedRows, replaced: int) -> None:
    counts = found.measured.confusion
    say(f"{'':18}{'judge: pass':>12}{'fail':>8}{'unknown':>9}", style="dim")
    say(f"{'people: pass':18}{counts.pass_pass:>12}{counts.pass_fail:>8}{counts.pass_unknown:>9}")
    say(f"{'people: fail':18}{counts.fail_pass:>12}{counts.fail_fail:>8}{counts.fail_unknown:>9}")
    say()
    for key in ("agreement", "accuracy", "sensitivity", "specificity", "kappa"):
        _say_interval(key, getattr(found.measured, key))
    if found.corrected is not None:
        say()
        _say_interval("pass rate as judged", found.corrected.observed)
        _say_interval("Rogan-Gladen", found.corrected.rogan_gladen)
        _say_interval("prediction-powered", found.corrected.prediction_powered)
    say()
    for text in rows.problems[:_SHOWN]:
        prose(line(text), hang=2, style="dim")
    if len(rows.problems) > _SHOWN:
        say(f"and {len(rows.problems) - _SHOWN} more without a verdict", style="dim")
    if rows.other_rubric:
        say(f"{many(rows.other_rubric, 'label')} under another rubric or llm left out", style="dim")
    if replaced:
        say(f"{many(replaced, 'line')} replaced by a later one with the same id", style="dim")
    if found.trusted:
        say(f"{found.name} is trusted", style="green")
    else:
        prose(f"{found.name} is not trusted: {'; '.join(found.shortfalls)}", hang=2, style="red")
    say(f"written to {path}", style="dim")


def _say_interval(name: str, found: Interval | None) -> None:
    if found is None:
        say(f"{name:20} does not follow from these labels")
        return
    say(f"{name:20}{found.value:7.3f}  [{found.low:.3f}, {found.high:.3f}]  n={found.n}  {found.method}")
