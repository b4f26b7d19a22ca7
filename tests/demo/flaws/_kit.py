"""A project whose agents are planted flaws or their mended twins, and the commands on it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree as ET

from agentops_eval.chaos import CATALOGUE, Judge
from agentops_eval.chaos.conformance import check_all
from agentops_eval.chaos.exploring import Exploration, Options
from agentops_eval.demo.flaws import Flaw
from agentops_eval.domain import ChaosFinding, Fault, Schedule
from agentops_eval.harness.faulting import (
    Around,
    ExploreOrder,
    Runner,
    SubjectOrder,
    explore_agent,
    load_contract,
    load_subject,
    write_regression,
)

AGENT = '''"""The agent of this project."""
from agentops_eval.demo.flaws import {module} as planted

agent = planted.{which}
World = getattr(planted, "World", None)
'''


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A folder with one agent a flaw, their contracts, and the tests that were found."""

    root: Path

    def lay_out(self, flaw: Flaw, which: str) -> None:
        """Let the flaw's agent be the ``flawed`` or the ``mended`` one."""
        (self.root / f"planted_{flaw.module}.py").write_text(AGENT.format(module=flaw.module, which=which))
        if flaw.contract is not None:
            (self.root / "contracts").mkdir(exist_ok=True)
            shutil.copy(flaw.contract, self.root / "contracts")

    def order(self, flaw: Flaw) -> SubjectOrder:
        """The flaw's agent as the commands are told of it."""
        name = f"planted_{flaw.module}"
        return replace(
            order_of(flaw, f"{name}:agent", f"{name}:World" if flaw.in_world else ""), root=self.root
        )

    def contract(self, flaw: Flaw) -> Path | None:
        """The flaw's degradation file in this project."""
        return None if flaw.contract is None else self.root / "contracts" / flaw.contract.name

    def find(self, flaw: Flaw) -> tuple[ChaosFinding, ...]:
        """What exploration, or the flaw's check, finds of its agent; each finding with its test."""
        order, contract = self.order(flaw), self.contract(flaw)
        tests = self.root / "tests"
        if not flaw.check:
            options = Options(depth=1, undeclared=contract is not None)
            explored = ExploreOrder(subject=order, options=options, contract=contract)
            return explore_agent(explored, Around(out=tests)).findings
        declared = None if contract is None else load_contract(contract, root=self.root)
        runner = Runner(load_subject(order))
        name = f"{flaw.module}_{runner.subject.name}"
        (result,) = check_all(runner, only=[flaw.check], contract=declared, agent=name)
        return tuple(
            replace(one, test=str(write_regression(one, tests, order, contract=contract)))
            for one in result.findings
        )

    def run_tests(self) -> dict[str, str]:
        """Run the tests in a pytest of their own: why each failed, by its name; empty where it passed."""
        report = self.root / "report.xml"
        words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "pytest_agentops.plugin"]
        done = subprocess.run(
            [sys.executable, *words, f"--junitxml={report}", "tests"],
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        )
        assert done.returncode in (0, 1), done.stdout + done.stderr
        cases = ET.parse(report).iter("testcase")
        return {
            case.attrib["name"]: " ".join(f"{part.get('message')} {part.text}" for part in case)
            for case in cases
        }


def order_of(flaw: Flaw, target: str, world: str) -> SubjectOrder:
    """A flaw's agent with what it is run with."""
    return SubjectOrder(
        target=target,
        world=world,
        approver=flaw.approver,
        tasks={"beside": (flaw.beside,)} if flaw.beside else {},
    )


def planted(flaw: Flaw, which: str) -> SubjectOrder:
    """The agent of a flaw where it stands."""
    return order_of(flaw, f"{flaw.target}:{which}", f"{flaw.target}:World" if flaw.in_world else "")


def explored(flaw: Flaw, which: str, *, depth: int) -> Exploration:
    """All faults at once, up to ``depth`` of them together; degradation that is not declared counts."""
    options = Options(depth=depth, undeclared=flaw.contract is not None)
    return explore_agent(ExploreOrder(subject=planted(flaw, which), options=options, contract=flaw.contract))


def smaller(schedule: Schedule) -> list[Schedule]:
    """Every schedule with one fault less, and every one with a smaller parameter of one fault."""
    faults = schedule.faults
    found = [replace(schedule, faults=faults[:at] + faults[at + 1 :]) for at in range(len(faults))]
    for at, fault in enumerate(faults):
        for lesser in _lesser(fault):
            found.append(replace(schedule, faults=(*faults[:at], lesser, *faults[at + 1 :])))
    return found


def _lesser(fault: Fault) -> list[Fault]:
    kind = CATALOGUE[fault.kind]
    whole = {**kind.parameters, **fault.parameters}
    return [replace(fault, parameters=one) for one in kind.smaller(whole) if {**whole, **one} != whole]


def harms_under(flaw: Flaw, schedules: list[Schedule]) -> list[frozenset[tuple[str, str]]]:
    """The harms that the flawed agent does under each schedule, with their subjects."""
    runner = Runner(load_subject(planted(flaw, "flawed")))
    contract = None if flaw.contract is None else load_contract(flaw.contract, root=Path.cwd())
    judge = Judge(runner(Schedule()), contract)
    impacts = [judge(runner(one)) for one in schedules]
    return [frozenset((one.harm.value, one.subject) for one in impact.reasons) for impact in impacts]


def stem(path: str) -> str:
    """The name of a generated test, by its file."""
    return re.sub(r"\.py$", "", Path(path).name)
