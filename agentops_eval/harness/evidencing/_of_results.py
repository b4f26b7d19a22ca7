"""What results show of suites that did not run as one: those of a pytest session, and those judged again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agentops_eval.domain import Result, Scenario, Suite, moment_text
from agentops_eval.harness._settings import Settings
from agentops_eval.harness._suites import load_suites
from agentops_eval.harness.evaluating import Choice, Results, Trial, plan
from agentops_eval.harness.evidencing._note import RUN_DAYS, Noted
from agentops_eval.harness.evidencing._of_evals import SuitesRun, noted_of_suites

_SCENARIOS = Path("scenarios")


def noted_of_session(
    results: Iterable[Result], paths: Iterable[str], settings: Settings, root: Path
) -> Noted:
    """What a session of pytest shows of the suites in ``paths``, whose items may have run anywhere."""
    loaded = load_suites([root / path for path in dict.fromkeys(paths)], root=root)
    return noted_of_suites(_run_of(results, loaded.suites, root / settings.golden_dir), settings)


def noted_of_judged(
    found: Results,
    rows: Sequence[Result],
    settings: Settings,
    root: Path,
    *,
    against: Sequence[Path] = (),
    min_pass_rate: float | None = None,
) -> Noted:
    """What ``rows`` show, the results in ``found`` judged again; of the day on which its file was written.

    Their scenarios have to be those of the project, or of ``against``: else nobody can say whether it was all
    of them.
    """
    header = found.header
    loaded = load_suites(against or [root / _SCENARIOS], root=root)
    known = [one for one in loaded.suites if against or header.suites.get(one.name) == one.digest]
    if header.candidate or not known:
        return Noted(facts=(), proof=None)
    run = _run_of(rows, known, root / settings.golden_dir)
    run = replace(run, agent=header.agent, min_pass_rate=min_pass_rate, stopped=found.unfinished)
    noted = noted_of_suites(run, settings)
    at = datetime.fromtimestamp(found.path.stat().st_mtime, UTC)
    expires = moment_text(at + timedelta(days=RUN_DAYS))
    facts = [replace(fact, at=moment_text(at), expires=expires) for fact in noted.facts]
    return replace(noted, facts=facts, proof={"results": found.digest, "judged": noted.proof})


def _run_of(results: Iterable[Result], suites: Iterable[Suite], golden_dir: Path) -> SuitesRun:
    """The baseline's results of suites of which every case was run, or one failed: a part passes nothing."""
    by_suite: dict[str, list[Result]] = defaultdict(list)
    for one in results:
        if not one.variant:
            by_suite[one.suite].append(one)
    trials: list[Trial] = []
    kept: list[Result] = []
    for suite in suites:
        rows = by_suite.get(suite.name, [])
        planned = tuple(_planned(suite, rows, golden_dir))
        ran = {one.case for one in rows}
        whole = ran >= {trial.scenario.id for trial in planned}
        if rows and (whole or any(one.passed is False for one in rows)):
            trials += planned
            kept += rows
    return SuitesRun(trials=trials, results=kept, choice=Choice())


def _planned(suite: Suite, rows: Sequence[Result], golden_dir: Path) -> Iterator[Trial]:
    """Each case as often as its file says, or as it was run, where that was more."""
    most: dict[str, int] = defaultdict(int)
    for one in rows:
        most[one.case] = max(most[one.case], one.trial)

    def repeated(scenario: Scenario) -> Scenario:
        return replace(scenario, repeat=max(scenario.repeat, most[scenario.id]))

    whole = replace(suite, scenarios=tuple(map(repeated, suite.scenarios)))
    yield from plan([whole], Choice(), golden_dir)
