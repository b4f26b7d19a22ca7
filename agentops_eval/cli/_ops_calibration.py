"""``ops calibration``: whether an agent's confidence can be taken at its word, and from where on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._levels import table
from agentops_eval.cli._ops_options import Looked, effect_option, figure, looking, runs_options, share
from agentops_eval.cli._output import json_option, line, many, print_json, prose
from agentops_eval.cli._report_file import refuse_input, say_written, write_report

if TYPE_CHECKING:
    from agentops_eval.domain import CalibrationReport, ReliabilityBin, Threshold

_FILE = click.Path(path_type=Path)
_RATE = click.FloatRange(min=0, max=1, min_open=True, max_open=True)
_STYLES = {"pass": "bold green", "fail": "bold red", "unknown": "bold yellow"}
_WORDS = {"pass": "chance explains the error", "fail": "chance does not explain the error"}
_BINS = ("n", "confidence", "right", "95% limits", "gap")
_THRESHOLDS = ("verdict", "from", "range", "error", "covers", "n")


@click.command(short_help="Say whether confidence means what it says.")
@runs_options
@effect_option
@click.option(
    "--target", type=_RATE, default=0.05, show_default=True, help="The error rate at and above a threshold."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of what is drawn at random.")
@click.option("--html", type=_FILE, metavar="FILE", help="Write it to this file, as a page to read.")
@json_option
def calibration(
    paths: tuple[Path, ...],
    effects: tuple[str, ...],
    target: float,
    seed: int,
    html: Path | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Compare the confidence that agents stated in PATH... with how often they were right.

    Of each run the first action of each class counts whose decision states a confidence, else the run's
    own. Below 1,000 of them calibration is unknown. Exit code 1 unless chance explains the error.
    """
    from agentops_eval.harness.evidencing import noted_of_calibrated
    from agentops_eval.operations import calibrate, calibration_json

    refuse_input(html, paths, option="--html")
    looked = looking(effects=effects, **given)
    stated = [one for run in looked.through(paths) for one in looked.lens.confident(run)]
    found = calibrate(stated, target=target, seed=seed)
    looked.keep(lambda: noted_of_calibrated(found, looked.operations()))
    if html is not None:
        _write_page(html, found, looked)
    if as_json:
        print_json({**calibration_json(found), **looked.json()})
    else:
        _say(found, looked)
        if html is not None:
            say_written(html)
    return int(found.verdict.value != "pass")


def _write_page(out: Path, found: CalibrationReport, looked: Looked) -> None:
    from agentops_eval.reports import calibration_html

    of = looked.operations().agents
    note = f"Of {many(looked.runs, 'run')} in {many(len(looked.files), 'file')}."
    page = calibration_html(found, title=f"calibration of {', '.join(of)}" if any(of) else "", note=note)
    write_report(out, page)


def _say(found: CalibrationReport, looked: Looked) -> None:
    word = found.verdict.value
    stated = f"{found.n} stated confidences in {many(looked.runs, 'run')}"
    more = f"{found.n_needed} more are needed"
    prose(f"calibration {word}: {stated}; {_WORDS.get(word, more)}", hang=2, style=_STYLES[word])
    if found.bins:
        error = found.ece
        limits = f"({figure(error.low, '{:.3f}')} to {figure(error.high, '{:.3f}')})"
        by_chance = f"{figure(found.noise, '{:.3f}')} by chance alone"
        prose(f"expected calibration error {figure(error.value, '{:.3f}')} {limits}, {by_chance}", hang=2)
        table("stated", _BINS, [_bin(one) for one in found.bins])
    classes = [(line(one.action, limit=120) or "(no class)", _threshold(one)) for one in found.thresholds]
    if classes:
        table("may act alone", _THRESHOLDS, classes)
    for one in found.thresholds:
        if one.why:
            prose(f"{line(one.action, limit=60) or '(no class)'}: {line(one.why)}", hang=2, style="yellow")
    looked.say_rest()


def _bin(one: ReliabilityBin) -> tuple[str, tuple[str, ...]]:
    limits = f"{share(one.rate_low)} to {share(one.rate_high)}"
    cells = (str(one.n), share(one.confidence), share(one.rate), limits, f"{100 * one.gap:+.1f}")
    return f"{one.low:.2f} to {one.high:.2f}", cells


def _threshold(one: Threshold) -> tuple[str, ...]:
    span = "?" if one.low is None else f"{one.low:.2f} to {figure(one.high, '{:.2f}')}"
    covers = "?" if one.value is None else share(one.covered)
    error = share(one.error.high)
    return (one.verdict.value, figure(one.value, "{:.3f}"), span, f"<= {error}", covers, str(one.n))
