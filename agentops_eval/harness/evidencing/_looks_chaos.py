"""What is looked for in files of chaos, contracts and gates, and the evidence of all looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from agentops_eval.chaos.conformance import Budget
from agentops_eval.chaos.contracts import Contract
from agentops_eval.domain import Evidence, Json, VerdictValue
from agentops_eval.harness._lint import load_lint_config
from agentops_eval.harness._settings import Settings
from agentops_eval.harness.evidencing._looks import Look, Project, look_at, many
from agentops_eval.harness.evidencing._looks_cost import COST_LOOKS
from agentops_eval.harness.evidencing._looks_operations import operations_looks
from agentops_eval.harness.evidencing._looks_runbooks import look_at_review, look_at_runbooks
from agentops_eval.harness.evidencing._note import FILES_DAYS, Noted
from agentops_eval.harness.evidencing._of_traces import files_json
from agentops_eval.harness.evidencing._wanted import WANTED
from agentops_eval.harness.experimenting import load_experiment, load_gameday
from agentops_eval.harness.faulting import contract_files, load_contract
from agentops_eval.harness.gating import load_gate

_GATES = ("gate.y*ml", "*.gate.y*ml", "gates/*.y*ml")
_CHAOS = ("chaos/*.yaml", "chaos/*.yml", "chaos/*.json")
_NAMED = 50
_VERDICTS = {True: VerdictValue.PASS, False: VerdictValue.FAIL, None: VerdictValue.UNKNOWN}


def _contracts(project: Project) -> dict[Path, Contract]:
    found = {}
    for path in contract_files(project.root):
        one = load_contract(path, root=project.root)
        if project.agent in ("", one.agent) or one.agent == "agent":
            found[path] = one
    return found


def _degradation(project: Project) -> Look:
    found = _contracts(project)
    says = f"{many(len(found))} degradation files can be read"
    return Look(passed=bool(found) or None, says=says, files=tuple(found), covered=project.named_in(found))


def _budget(project: Project) -> Look:
    capped = tuple(path for path, one in _contracts(project).items() if one.checks.budget != Budget())
    says = f"{many(len(capped))} degradation files declare caps of calls, time or cost"
    return Look(passed=bool(capped) or None, says=says, files=capped)


def _approved(project: Project) -> frozenset[str]:
    """The tools that need a person's approval, some as globs."""
    declared = {tool for one in _contracts(project).values() for tool in one.approval}
    return frozenset({*load_lint_config(project.root).destructive_tools, *declared})


def _approvals(project: Project) -> Look:
    """What lint calls destructive needs an approval; a contract of the agent has to say the same."""
    tools = _approved(project)
    destructive, contracts = load_lint_config(project.root).destructive_tools, _contracts(project)
    declared = {tool for one in contracts.values() for tool in one.approval}
    left = [one for one in destructive if contracts and not any(fnmatchcase(tool, one) for tool in declared)]
    told = f", and the contract does not say so of {', '.join(left[:_NAMED])}" if left else ""
    return Look(
        passed=bool(tools) or None,
        says=f"{many(len(tools))} tools need a person's approval{told}",
        covered=1 - len(left) / len(tools) if tools else None,
    )


def _action_classes(project: Project) -> frozenset[str]:
    """The tools that change something: by goldens and contracts, and those that need an approval."""
    _ = project.goldens
    declared = {tool for one in _contracts(project).values() for tool in one.writes}
    return frozenset({*project.effects, *declared, *_approved(project)})


def _gate_file(project: Project) -> Look:
    files = project.glob(_GATES)
    for path in files:
        load_gate(path)
    return Look(passed=bool(files) or None, says=f"{many(len(files))} gates can be read", files=files)


def _of_chaos(project: Project, *, days: bool) -> tuple[Path, ...]:
    found = []
    for path in project.glob(_CHAOS):
        text = project.text(path)
        is_day = "experiments:" in text or '"experiments"' in text
        if is_day is days and ("method" in text or is_day) and "degradation" not in path.name:
            found.append(path)
    return tuple(found)


def _gameday_plan(project: Project) -> Look:
    files = _of_chaos(project, days=True)
    plans = [load_gameday(path) for path in files]
    whole = [one for one in plans if one.roles and one.abort and one.kill_switch]
    says = f"{many(len(whole), len(plans))} plans have roles, abort conditions and a kill switch"
    return Look(passed=bool(whole) if files else None, says=says, files=files)


def _experiments(project: Project) -> Look:
    files = _of_chaos(project, days=False)
    for path in files:
        load_experiment(path)
    says = f"{many(len(files))} experiments can be read"
    return Look(passed=bool(files) or None, says=says, files=files, covered=project.named_in(files))


CHAOS_LOOKS: Mapping[str, Callable[[Project], Look]] = {
    "approvals": _approvals,
    "budget": _budget,
    "degradation-file": _degradation,
    "experiments": _experiments,
    "gameday-plan": _gameday_plan,
    "gate-file": _gate_file,
    **COST_LOOKS,
    "review": look_at_review,
    "runbooks": look_at_runbooks,
    **operations_looks(classes=_action_classes, approvals=_approved),
}
"""By the subject of the evidence."""


def noted_of_project(root: Path, settings: Settings, agent: str) -> Noted:
    """What is found in a project's files, of the agent where it is about one."""
    facts, proof = [], dict[str, Json]()
    for subject, look in look_at(Project(root, settings, agent)):
        wanted = WANTED.get(subject) if look.passed is None else None
        says = f"{look.says}; it takes {wanted}" if wanted else look.says
        measures: dict[str, float] = {"files": len(look.files)}
        if look.covered is not None:
            measures["covered_share"] = look.covered
        facts.append(
            Evidence(
                agent=agent,
                kind="project",
                subject=subject,
                at="",
                verdict=_VERDICTS[look.passed],
                says=says,
                measures=measures,
            )
        )
        shown = [path.relative_to(root) if path.is_relative_to(root) else path for path in look.files]
        proof[subject] = {"says": says, "files": files_json(shown[:_NAMED])}
    return Noted(facts=facts, proof=proof, days=FILES_DAYS)
