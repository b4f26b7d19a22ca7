"""What a project has not shown, each with the command that shows it: nothing is made up in its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from agentops_eval.reports import Fleet, Missing, RunKind

_RUNS = {
    RunKind.RESULTS: Missing(
        what="There are no results of suites.",
        command="agentops-eval eval run scenarios --out results.jsonl",
    ),
    RunKind.GATE: Missing(
        what="No gate has decided.",
        command="agentops-eval gate decide --baseline baseline.jsonl --candidate candidate.jsonl",
    ),
    RunKind.GAMEDAY: Missing(
        what="No game day was held, and no experiment.",
        command="agentops-eval gameday run chaos/gameday.yaml",
    ),
}


def missing_of(fleet: Fleet, kinds: Collection[str]) -> Iterator[Missing]:
    """What is missing, the widest first. ``kinds`` are those of which there is evidence."""
    if not fleet.count:
        yield Missing(
            what="There is no evidence: no level, no finding and no cost can be told.",
            command="agentops-eval eval run scenarios --out results.jsonl",
        )
    if not any(one.known for one in fleet.agents):
        yield Missing(
            what="No inventory names the agents, their purpose and their owner: pyproject.toml has none.",
            command='[tool.agentops.agents.NAME]  purpose = "..."  owner = "role:on-call"',
        )
    there = {one.kind for one in fleet.runs}
    yield from (told for kind, told in _RUNS.items() if kind not in there)
    if fleet.count and "project" not in kinds:
        yield Missing(what="The project's own files were not looked at.", command="agentops-eval scorecard")
    if "slo" not in kinds:
        yield Missing(
            what="No objective was measured: no burn rate is known.",
            command="agentops-eval ops slo traces/*.otlp.jsonl --objectives objectives.yaml",
        )
