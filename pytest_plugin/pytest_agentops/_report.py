"""What people read: the explanation of a comparison, and the terminal summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import pytest

if TYPE_CHECKING:
    from agentops_eval.harness import GoldenFile


class Told(TypedDict):
    """What one test tells the summary."""

    nodeid: str
    mode: str
    path: str
    labels: dict[str, int]
    unused: list[str]
    alike: list[str]
    drifted: list[str]
    notes: list[str]
    audit: list[str]
    audited: bool
    approved: str
    explanation: str


KNOWN = pytest.StashKey[set[str]]()
INTERRUPTED = pytest.StashKey[list[str]]()


def explain_comparison(op: str, left: object, right: object) -> Sequence[str] | None:
    """Say how a trace and its golden differ, whichever side each stands on."""
    from agentops_eval.domain import Trace
    from agentops_eval.harness import ActiveRun, GoldenFile

    golden, other = (left, right) if isinstance(left, GoldenFile) else (right, left)
    if not isinstance(golden, GoldenFile) or op not in ("==", "!="):
        return None
    if isinstance(other, ActiveRun):
        return ["a golden is compared with a trace, not with a run", "Write:  cassette.trace == golden"]
    if not isinstance(other, Trace):
        return None
    if op == "!=":
        return [f"the run equals its golden {golden.shown_path}, and should not"]
    return _explanation(golden, other)


def _explanation(golden: GoldenFile, trace: object) -> list[str]:
    from agentops_eval.domain import Trace

    assert isinstance(trace, Trace)
    return (golden.explanation or golden.explain(trace)).splitlines()


def keep_known(config: pytest.Config, paths: Iterable[str]) -> None:
    """Remember which cassettes the collected tests use; a worker sends them to its controller."""
    known = set(paths)
    config.stash[KNOWN] = known
    output = getattr(config, "workeroutput", None)
    if output is not None:
        output["agentops"] = sorted(known)


def from_worker(config: pytest.Config, told: object) -> None:
    """Take over what a worker knows."""
    if isinstance(told, list):
        config.stash.setdefault(KNOWN, set()).update(str(path) for path in told)


def note_interruption(config: pytest.Config, text: str) -> None:
    """Tell something of a test that has no report, because the session ends inside it."""
    config.stash.setdefault(INTERRUPTED, []).append(text)


def summarise(reporter: pytest.TerminalReporter, config: pytest.Config, told: Sequence[Told]) -> None:
    """Print our part of the summary."""
    lines = [*_counts(told), *_findings(told), *_audit_of_nothing(config, told)]
    lines += [f"interrupted  {text}" for text in config.stash.get(INTERRUPTED, [])]
    lines += [f"orphaned     {path}  no collected test uses it" for path in _orphans(config)]
    if not lines:
        return
    reporter.section("agentops")
    for line in lines:
        reporter.write_line(line)
    for one in told:
        if one["explanation"]:
            reporter.write_line("")
            reporter.write_line(one["nodeid"])
            reporter.write_line(one["explanation"])


def _counts(told: Sequence[Told]) -> list[str]:
    modes = Counter(one["mode"] for one in told)
    labels: Counter[str] = Counter()
    for one in told:
        labels.update(one["labels"])
    said = {"replay": "replayed", "record": "recorded", "branch": "branched", "abandoned": "not recorded"}
    parts = [f"{modes[mode]} {word}" for mode, word in said.items() if modes[mode]]
    calls = ", ".join(f"{count} {label}" for label, count in sorted(labels.items())) or "none"
    return [f"tests: {', '.join(parts)}; calls: {calls}"] if told else []


def _findings(told: Sequence[Told]) -> list[str]:
    """Everything that somebody should look at, one line each."""
    lines = []
    for one in told:
        if one["mode"] != "replay" and not one["notes"]:
            lines.append(f"recorded     {one['path']}")
        lines += [f"note         {one['nodeid']}: {text}" for text in one["notes"]]
        lines += [f"drift        {one['nodeid']}: {text}" for text in one["drifted"]]
        lines += [f"audit        {one['nodeid']}: {text}" for text in one["audit"] if text[:1] != " "]
        lines += [f"unused       {one['nodeid']}: {text}" for text in one["unused"]]
        lines += [f"alike        {one['nodeid']}: {text}" for text in one["alike"]]
        lines += [f"approved     {one['approved']}"] if one["approved"] else []
    if any(one["alike"] for one in told):
        from agentops_eval.harness import HOW_TO_TELL

        lines.append(f"             {HOW_TO_TELL}")
    return lines


def wants_audit(config: pytest.Config) -> bool:
    """Whether tests are audited in this session; a child of an audit must not audit again."""
    if not config.getoption("agentops_audit"):
        return False
    from agentops_eval.harness import in_child

    return not in_child()


def audited(told: Sequence[Told]) -> bool:
    """Whether an audit came to its end, whatever it found."""
    return any(one["audited"] for one in told)


def _audit_of_nothing(config: pytest.Config, told: Sequence[Told]) -> list[str]:
    """Say so where an audit was asked for and none took place: silence would look like success."""
    if not wants_audit(config) or audited(told):
        return []
    why = "none of them passed a replay" if told else "none that was selected replays a recording"
    return [f"audit        no test was audited: {why}"]


def _orphans(config: pytest.Config) -> list[str]:
    """Cassettes that no test uses, after a run that collected everything."""
    wanted = config.getoption("agentops_strict") or config.get_verbosity() > 0
    known = config.stash.get(KNOWN, None)
    if not wanted or known is None or not _collected_everything(config):
        return []
    from agentops_eval.harness import JUDGES
    from agentops_eval.replay import CASSETTE_SUFFIX, parent_path
    from pytest_agentops._chosen import base_settings

    folder = config.rootpath / base_settings(config).golden_dir
    return sorted(
        path.relative_to(config.rootpath).as_posix()
        for path in folder.rglob(f"*{CASSETTE_SUFFIX}")
        if str(path) not in known
        and str(parent_path(path)) not in known
        and path.is_relative_to(config.rootpath)
        and path.parent != folder / JUDGES  # what judges answered belongs to no single test
    )


def _collected_everything(config: pytest.Config) -> bool:
    """Whether no option left tests out, and the session started at the top."""
    selective = ("ignore", "ignore_glob", "deselect", "lf", "collectonly", "last_failed")
    if any(config.getoption(name, default=None) for name in selective):
        return False
    if config.args_source is pytest.Config.ArgsSource.ARGS:
        return [Path(arg).resolve() for arg in config.args] == [config.rootpath]
    return config.invocation_params.dir == config.rootpath
