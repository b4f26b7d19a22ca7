"""What a person writes so that a look at the project's files finds something: said where it found nothing."""

from __future__ import annotations

from collections.abc import Mapping

WANTED: Mapping[str, str] = {
    "agents": '[tool.agentops.agents.NAME] in pyproject.toml, with purpose = "..." and owner = "role:..."',
    "approvals": "approval: [TOOL] in degradation.yaml, or destructive_tools of [tool.agentops.lint]",
    "attribution": 'payer = "..." in [tool.agentops.agents.NAME] of pyproject.toml',
    "budget": "checks: {budget: {calls: 20}} in degradation.yaml",
    "ci": "a workflow of CI that runs agentops-eval eval run, or pytest",
    "cost-cap": "a workflow of CI that runs agentops-eval eval run with --max-cost",
    "degradation-file": "degradation.yaml with degradations: [{dependency: TOOL, message: WORDS}]",
    "escalation": "autonomy: {escalation: {TOOL: {after_s: 900, to: ROLE}}} in objectives.yaml",
    "experiments": "an experiment in chaos/",
    "gameday-plan": "a plan with roles, abort conditions and a kill switch in chaos/",
    "gate-file": "gate.yaml with metrics: [{name: passed, kind: binary, margin: 0.05}]",
    "gate-in-ci": "a workflow of CI that runs agentops-eval gate decide",
    "goldens": "a recording with a golden: agentops-eval record, with --approve",
    "labels": "a person's label of an answer: agentops-eval judge label",
    "objectives": "objectives.yaml with objectives: [{name: success, indicator: task-success, target: 0.95}]",
    "owners": 'owner = "role:..." in [tool.agentops.agents.NAME] of pyproject.toml',
    "pinned": "requirements.txt with hashes, or a lock file",
    "prices": "a golden of a run that calls a tool, and a price for each llm that it calls",
    "prompts-approved": "prompts/NAME/v1.0.0.txt, approved by agentops-eval prompt approve",
    "prompts-immutable": "prompts/NAME/v1.0.0.txt, approved by agentops-eval prompt approve",
    "review": "reviews/, as agentops-eval ops review writes it with --out reviews",
    "runbooks": "runbooks/*.md with owner, detection and rollback, as agentops-eval ops runbooks writes them",
    "scenarios": "scenarios/NAME.yaml with agent: MODULE:CALLABLE and scenarios: [{id: ..., input: ...}]",
    "secrets": "a recording or a golden to look into",
    "tiers": "autonomy: {tiers: {TOOL: supervised}} in objectives.yaml",
}
"""By the subject of the evidence. Each names a file or a command of ours, and what has to be in it."""
