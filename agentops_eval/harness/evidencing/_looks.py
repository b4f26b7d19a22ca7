"""What is looked for in a project's files, one look for each subject of evidence about the project."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from agentops_eval.domain import AgentopsError, Level, Span, counted
from agentops_eval.evals.prompts import REGISTER, check_prompts
from agentops_eval.harness._cases import CaseFiles, find_stems
from agentops_eval.harness._inventory import ROLE, Inventoried, read_inventory
from agentops_eval.harness._judge_settings import load_judge_settings
from agentops_eval.harness._labels import LABELS, read_labels
from agentops_eval.harness._lint import load_lint_config
from agentops_eval.harness._prompt_history import earlier_approvals
from agentops_eval.harness._prompts import Survey, survey_prompts
from agentops_eval.harness._settings import Settings
from agentops_eval.harness._suites import LoadedSuites, find_scenario_files, load_suites
from agentops_eval.harness.evidencing._paid import may_be_paid
from agentops_eval.harness.evidencing._pins import dependencies_of, pins_in
from agentops_eval.traces import read_golden
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.redaction import Redactor

_WORKFLOWS = (".github/workflows/*.yml", ".github/workflows/*.yaml", ".gitlab-ci.yml", "azure-pipelines.yml")
_RUNBOOKS = ("runbooks/**/*.md", "docs/runbooks/**/*.md")
_NO_RUNBOOK = "README.md"
_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock")
_RUNS_SUITES = re.compile(r"\bpytest\b|agentops-eval +(eval +run|replay)|\bmake +(test|check)\b")
_GATES = re.compile(r"agentops-eval +gate +decide")
_CAPS = re.compile(r"--max-cost[ =]")
_MOST_SCANNED = 16 * 1024 * 1024
_NAMED = 20
_CHANGES = ("write", "external")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What became of one look: whether it is whole, in which files, and of how much.

    ``passed`` is None where there is nothing. ``covered`` is a share, None where there is nothing to have a
    share of.
    """

    passed: bool | None
    says: str
    files: tuple[Path, ...] = ()
    covered: float | None = None


@dataclass(frozen=True)
class Project:
    """A project's files, each kind of them read once."""

    root: Path
    settings: Settings
    agent: str = ""
    _texts: dict[Path, str] = field(default_factory=dict)

    def glob(self, patterns: Iterable[str]) -> tuple[Path, ...]:
        """The files that fit, in order."""
        return tuple(sorted({path for one in patterns for path in self.root.glob(one) if path.is_file()}))

    def text(self, path: Path) -> str:
        """A file's text."""
        if path not in self._texts:
            self._texts[path] = path.read_text(encoding="utf-8", errors="replace")
        return self._texts[path]

    @cached_property
    def runbooks(self) -> tuple[Path, ...]:
        """Its runbooks; the list of them is none."""
        return tuple(path for path in self.glob(_RUNBOOKS) if path.name != _NO_RUNBOOK)

    @cached_property
    def inventory(self) -> Mapping[str, Inventoried]:
        """The agents that it names."""
        return read_inventory(self.root)

    @cached_property
    def suites(self) -> tuple[tuple[Path, ...], LoadedSuites]:
        """Its scenario files and what is in them."""
        files = tuple(find_scenario_files(self.root / "scenarios"))
        return files, load_suites(files, root=self.root)

    @cached_property
    def cases(self) -> tuple[CaseFiles, ...]:
        """Its recordings and goldens."""
        folder = self.root / self.settings.golden_dir
        return tuple(map(CaseFiles.of, find_stems(folder))) if folder.is_dir() else ()

    @cached_property
    def goldens(self) -> Mapping[Path, bool]:
        """Its goldens, and whether each can be read."""
        return {one.golden: self._read(one.golden) for one in self.cases if one.golden is not None}

    def _read(self, path: Path) -> bool:
        try:
            trace = read_golden(path).trace
        except (AgentopsError, OSError):
            return False
        if may_be_paid(trace, trace):
            self.paid.add(path)
        for span in trace:
            name = span.attributes.get(sc.TOOL_NAME)
            if isinstance(name, str):
                self.tools.add(name)
                if span.attributes.get(sc.AGENTOPS_TOOL_EFFECT) in _CHANGES:
                    self.effects.add(name)
            llm = span.attributes.get(sc.RESPONSE_MODEL) or span.attributes.get(sc.REQUEST_MODEL)
            if isinstance(llm, str) and llm:
                self.llms.setdefault(llm, span)
        return True

    @cached_property
    def tools(self) -> set[str]:
        """The tools that its goldens call; known once they were read."""
        return set()

    @cached_property
    def effects(self) -> set[str]:
        """Those of them that change something; known once goldens were read."""
        return set()

    @cached_property
    def paid(self) -> set[Path]:
        """The goldens in which something may have to be paid for; known once they were read."""
        return set()

    @cached_property
    def llms(self) -> dict[str, Span]:
        """The llms that its goldens name, each with a call of it; known once goldens were read."""
        return {}

    @cached_property
    def prompts(self) -> Survey:
        """Its prompts."""
        return survey_prompts(self.root / self.settings.prompt_dir)

    def named_in(self, files: Iterable[Path]) -> float | None:
        """The share of its tools that some of the files name."""
        _ = self.goldens
        if not self.tools:
            return None
        texts = [self.text(path) for path in files]
        found = sum(any(re.search(rf"\b{re.escape(tool)}\b", text) for text in texts) for tool in self.tools)
        return found / len(self.tools)


def many(count: int, of: int | None = None) -> str:
    """How many, of how many: ``3``, ``2 of 3``, and ``no`` where there is nothing."""
    if not (count if of is None else of):
        return "no"
    return f"{count}" if of is None else f"{count} of {of}"


def _agents(project: Project) -> Look:
    whole = {one.name for one in project.inventory.values() if one.purpose and one.owner}
    there = project.agent in whole if project.agent else bool(whole)
    says = f"the inventory {'names' if there else 'does not name'} {project.agent or 'an agent'}"
    return Look(passed=there or None, says=f"{says}, its purpose and its owner")


def _owners(project: Project) -> Look:
    agents = project.inventory.values()
    owned = [one for one in agents if one.owner]
    runbooks = [path for path in project.runbooks if not ROLE.search(project.text(path))]
    says = f"{many(len(owned), len(agents))} agents have an owner, {many(len(runbooks))} runbooks have none"
    return Look(
        passed=len(owned) == len(agents) and not runbooks if agents else None,
        says=says,
        covered=len(owned) / len(agents) if agents else None,
    )


def _scenarios(project: Project) -> Look:
    files, loaded = project.suites
    wrong = f", {counted(len(loaded.problems), 'problem')} in their files" if loaded.problems else ""
    says = f"{many(len(loaded.suites))} suites can be read{wrong}"
    return Look(
        passed=not loaded.problems if files else None, says=says, files=files, covered=project.named_in(files)
    )


def _goldens(project: Project) -> Look:
    """A suite's recordings need none: its scenarios say what has to be so."""
    folder = project.root / project.settings.golden_dir
    suites = {folder / one.name for one in project.suites[1].suites}
    of_suites = [one for one in project.cases if one.stem.parent in suites and one.golden is None]
    recordings = [one for one in project.cases if one.cassette is not None and one not in of_suites]
    approved = [one for one in recordings if one.golden is not None and project.goldens[one.golden]]
    bad = sum(not good for good in project.goldens.values())
    return Look(
        passed=len(approved) == len(recordings) and not bad if recordings else None,
        says=f"{many(len(approved), len(recordings))} recordings have an approved golden that can be read",
        files=tuple(project.goldens),
        covered=len(approved) / len(recordings) if recordings else None,
    )


def _secrets(project: Project) -> Look:
    """The newest files are scanned, up to a size that does not keep anybody waiting."""
    every = [path for one in project.cases for path in (one.cassette, one.golden) if path is not None]
    redactor, room, scanned, found = Redactor(project.settings.redaction_rules), _MOST_SCANNED, 0, []
    for path in sorted(every, key=lambda one: -one.stat().st_mtime):
        room -= path.stat().st_size
        if room < 0:
            break
        scanned += 1
        with path.open(encoding="utf-8", errors="replace") as file:
            found += [path.name] if any(redactor.find(text) for text in file) else []
    says = f"{many(len(found), scanned)} files hold what looks like a secret {', '.join(found[:5])}"
    return Look(
        passed=not found if scanned else None,
        says=says.strip(),
        covered=scanned / len(every) if every else None,
    )


def _approved(project: Project) -> Look:
    survey = project.prompts
    versions = survey.prompts.prompts
    good = [one for one in versions if (found := survey.prompts.approval_of(one)) and found.role]
    return Look(
        passed=not survey.problems and len(good) == len(versions) if versions else None,
        says=f"{many(len(good), len(versions))} versions of prompts are approved by a role",
        covered=len(good) / len(versions) if versions else None,
    )


def _immutable(project: Project) -> Look:
    survey = project.prompts
    earlier = earlier_approvals(project.root / project.settings.prompt_dir / REGISTER)
    found = check_prompts(survey.prompts, earlier=earlier)
    wrong = [one.message for one in found if one.level is Level.ERROR]
    approvals = survey.prompts.approvals
    return Look(
        passed=not survey.problems and not wrong if approvals else None,
        says=wrong[0] if wrong else f"{many(len(approvals))} approvals, and nothing was edited",
        covered=max(1 - len(wrong) / len(approvals), 0.0) if approvals else None,
    )


def _workflows(project: Project, wanted: re.Pattern[str], what: str) -> Look:
    files = [path for path in project.glob(_WORKFLOWS) if wanted.search(project.text(path))]
    says = f"{many(len(files))} workflows of CI {what}"
    return Look(passed=bool(files) or None, says=says, files=tuple(files), covered=float(bool(files)))


def _ci(project: Project) -> Look:
    return _workflows(project, _RUNS_SUITES, "run the suites")


def _gate_in_ci(project: Project) -> Look:
    return _workflows(project, _GATES, "run gate decide")


def _cost_cap(project: Project) -> Look:
    return _workflows(project, _CAPS, "have a cap of cost")


def _pinned(project: Project) -> Look:
    """Files that pin with hashes, and how many of the dependencies that pyproject.toml names are in one."""
    locks = [*project.glob(_LOCKS)]
    locks += [path for path in project.glob(["requirements*.txt"]) if "--hash=" in project.text(path)]
    wanted = dependencies_of(project.root)
    there = len(wanted.intersection(name for path in locks for name in pins_in(project.text(path))))
    share = there / len(wanted) if wanted else 1.0
    return Look(
        passed=bool(locks) or None,
        says=f"{many(len(locks))} files pin dependencies with hashes: {there} of {len(wanted)} named",
        files=tuple(locks),
        covered=share if locks else None,
    )


def _settings(project: Project) -> Look:
    try:
        load_lint_config(project.root)
        load_judge_settings(project.root)
        _ = project.inventory
    except AgentopsError as error:
        return Look(passed=False, says=error.what)
    return Look(passed=True, says="the settings can be read")


def _labels(project: Project) -> Look:
    path = project.root / load_judge_settings(project.root).folder / LABELS
    labels = read_labels(path)
    says = f"{many(len(labels))} labels of people"
    return Look(passed=bool(labels) or None, says=says, files=(path,) if labels else ())


LOOKS: Mapping[str, Callable[[Project], Look]] = {
    "agents": _agents,
    "ci": _ci,
    "cost-cap": _cost_cap,
    "gate-in-ci": _gate_in_ci,
    "goldens": _goldens,
    "labels": _labels,
    "owners": _owners,
    "pinned": _pinned,
    "prompts-approved": _approved,
    "prompts-immutable": _immutable,
    "scenarios": _scenarios,
    "secrets": _secrets,
    "settings": _settings,
}
"""By the subject of the evidence."""


def look_at(project: Project) -> Iterator[tuple[str, Look]]:
    """Every look; what goes wrong in one is its answer."""
    from agentops_eval.harness.evidencing._looks_chaos import CHAOS_LOOKS

    for subject, look in sorted({**LOOKS, **CHAOS_LOOKS}.items()):
        try:
            yield subject, look(project)
        except (AgentopsError, OSError) as error:
            what = error.what if isinstance(error, AgentopsError) else error.strerror
            yield subject, Look(passed=False, says=str(what))
