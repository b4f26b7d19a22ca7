"""``chaos check``: hold an agent against the rules of resilience."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._errors import USAGE, Misused
from agentops_eval.cli._evidenced import keep
from agentops_eval.cli._output import agents_output, json_option, line, many, print_json, prose, say, step
from agentops_eval.cli._subject_options import Words, subject_options, subject_order
from agentops_eval.domain import ChaosFinding, Json

if TYPE_CHECKING:
    from agentops_eval.chaos.conformance import CheckResult
    from agentops_eval.harness.faulting import SubjectOrder
    from agentops_eval.traces.redaction import Redactor

_FILE = click.Path(path_type=Path)
_STYLES = {"passed": "green", "failed": "red", "cannot tell": "yellow"}


@click.command(short_help="Hold an agent against the rules of resilience.")
@click.argument("target", metavar="MODULE:CALLABLE", default="")
@click.argument("arguments", metavar="[ARGUMENTS]...", nargs=-1)
@click.option(
    "--only",
    type=Words(),
    metavar="CHECKS",
    default="",
    help="These checks alone, by name, with commas between them.",
)
@click.option("--target", "callee", metavar="NAME", help="Only what is called so: a glob, for each check.")
@click.option("--set", "settings", multiple=True, metavar="CHECK.NAME=VALUE", help="A check's parameter.")
@subject_options
@click.option("--beside", metavar="WORDS", help="The arguments of a second tenant, for the check neighbour.")
@click.option("--out", type=_FILE, help="Write a test for each finding into this folder.")
@click.option("--strict", is_flag=True, help="What cannot be told counts as a finding.")
@click.option("--list", "listing", is_flag=True, help="List the checks and their parameters.")
@json_option
def check(
    target: str,
    arguments: tuple[str, ...],
    only: tuple[str, ...],
    callee: str | None,
    settings: tuple[str, ...],
    contract: Path | None,
    beside: str | None,
    out: Path | None,
    strict: bool,
    listing: bool,
    as_json: bool,
    **order: Any,
) -> int:
    """Hold MODULE:CALLABLE against the rules of resilience: each check drives it through chosen faults.

    A check passes, fails with findings, or cannot tell: where there is nothing that it could judge, nothing
    was declared, or a fault could not be injected. Where not one can tell, nothing was checked.
    """
    if listing:
        return _listed(as_json=as_json)
    if not target:
        raise Misused(
            "there is no agent to check", remedy="agentops-eval chaos check shop.agent:refund_agent"
        )
    given = _given(only, callee, settings)
    with agents_output(aside=True):  # it says the same in every run
        tasks = {} if beside is None else {"beside": tuple(shlex.split(beside))}
        wanted = subject_order(target=target, arguments=arguments, tasks=tasks, **order)
        notes: list[str] = []
        results = list(_results(wanted, only, contract, given, notes, quiet=as_json))
    from agentops_eval.harness import redactor_of
    from agentops_eval.harness.evidencing import noted_of_checks

    redactor = redactor_of(wanted.settings)
    if out is not None:
        results = [_with_tests(one, out, wanted, contract, redactor) for one in results]
    keep(wanted.settings, lambda: noted_of_checks(results, target, wanted.settings), root=wanted.root)
    if as_json:
        print_json(redactor.json(_document(results, notes, strict=strict)))
    else:
        _tell(results, notes, redactor)
    if _failed(results, strict=strict):
        return 1
    return 0 if any(one.passed for one in results) else USAGE


def _failed(results: Iterable[CheckResult], *, strict: bool) -> bool:
    return any(one.passed is False or (strict and one.passed is None) for one in results)


def _given(names: Sequence[str], callee: str | None, settings: Iterable[str]) -> dict[str, dict[str, Json]]:
    """The parameters of each check, as far as they were said."""
    from agentops_eval.chaos.conformance import CHECKS, checked

    given: dict[str, dict[str, Json]] = {}
    for word in settings:
        place, equals, value = word.partition("=")
        name, dot, parameter = place.partition(".")
        if not equals or not dot:
            raise Misused(f"--set {word!r} is not CHECK.NAME=VALUE", remedy="--set breaker.failures=3")
        if names and name not in names:
            raise Misused(
                f"--set {word!r}: the check {name} is not among those of --only",
                remedy=f"--only {','.join((*names, name))}",
            )
        taken = checked(name, {parameter: None}).parameters
        given.setdefault(name, {})[parameter] = value if isinstance(taken[parameter], str) else _value(value)
        checked(name, given[name])
    for name in names or CHECKS:
        if callee is not None and "target" in checked(name).parameters:
            given.setdefault(name, {})["target"] = callee
    return given


def _value(word: str) -> Json:
    """A number, a yes or a no, or else the word itself."""
    if word in ("true", "false"):
        return word == "true"
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word


def _results(
    order: SubjectOrder,
    names: Sequence[str],
    contract: Path | None,
    given: Mapping[str, Mapping[str, Json]],
    notes: list[str],
    *,
    quiet: bool,
) -> Iterable[CheckResult]:
    """The results one by one; behind the last, ``notes`` on rules that speak of what was never called."""
    from agentops_eval.chaos.conformance import CHECKS, check_all
    from agentops_eval.chaos.contracts import rules_met, unmet_rules
    from agentops_eval.harness.faulting import Runner, Watched, load_contract, load_subject

    declared = None if contract is None else load_contract(contract, root=order.root)
    subject = load_subject(order)
    runner = Watched(runner=Runner(subject))
    for name in names or CHECKS:
        with step(f"{name} ...", quiet=quiet):
            yield from check_all(runner, only=[name], contract=declared, agent=subject.name, parameters=given)
    if declared is not None and contract is not None:
        met = rules_met(declared, runner.called.values())
        notes += unmet_rules(declared, met, runner.called, file=contract.name)


def _with_tests(
    result: CheckResult, folder: Path, order: SubjectOrder, contract: Path | None, redactor: Redactor
) -> CheckResult:
    """The result whose findings name the tests that were written of them."""
    from agentops_eval.harness.faulting import write_regression

    findings = [
        replace(one, test=str(write_regression(one, folder, order, contract=contract, redact=redactor.text)))
        for one in result.findings
    ]
    return replace(result, findings=tuple(findings))


# -- telling ----------------------------------------------------------------------------------------


def _tell(results: Sequence[CheckResult], notes: Iterable[str], redactor: Redactor) -> None:
    for one in results:
        about = f": {line(redactor.text(one.why))}" if one.why and one.passed is None else ""
        prose(
            f"{one.word:<11}  {one.name}  ({many(one.runs, 'run')}){about}",
            hang=13,
            style=_STYLES[one.word],
        )
        for finding in one.findings:
            prose(f"{'':13}{line(redactor.text(str(finding.details['text'])))}", hang=15)
            prose(f"{'':13}under {line(redactor.text(str(finding.impact.run.schedule)))}", hang=15)
            if finding.test:
                say(f"{'':13}{line(finding.test)}")
    for note in notes:
        prose(line(redactor.text(note)), hang=4, style="yellow")
    counts = {word: sum(one.word == word for one in results) for word in _STYLES}
    say(", ".join(f"{count} {word}" for word, count in counts.items() if count))


def _document(results: Sequence[CheckResult], notes: Sequence[str], *, strict: bool) -> Json:
    return {
        "passed": any(one.passed for one in results) and not _failed(results, strict=strict),
        "checks": [
            {
                "name": one.name,
                "passed": one.passed,
                "runs": one.runs,
                "why": one.why,
                "evidence": list(one.evidence),
                "findings": [_finding(finding) for finding in one.findings],
            }
            for one in results
        ],
        "notes": list(notes),
    }


def _finding(one: ChaosFinding) -> Json:
    return {
        "subject": one.details["subject"],
        "text": one.details["text"],
        "schedule": one.impact.run.schedule.to_json(),
        "mode": one.impact.mode.value,
        "harms": sorted(one.impact.harms),
        "details": dict(one.details),
        "test": one.test,
    }


def _listed(*, as_json: bool) -> int:
    from agentops_eval.chaos.conformance import CHECKS

    if as_json:
        print_json(
            {
                "checks": [
                    {"name": one.name, "about": one.about, "parameters": dict(one.parameters)}
                    for one in CHECKS.values()
                ]
            }
        )
        return 0
    for one in CHECKS.values():
        prose(f"{one.name:<13}{one.about}", hang=13)
        told = ", ".join(f"{name}={_word(value)}" for name, value in one.parameters.items())
        prose(f"{'':13}{told}", hang=13, style="dim")
    return 0


def _word(value: Json) -> str:
    return (
        "-"
        if value is None or not str(value)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )
