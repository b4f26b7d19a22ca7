"""A command starts with what it needs: imports are most of the time that a short one takes."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.cli._kit import environment

TELL = 'print("LOADED " + json.dumps(sorted(sys.modules)))'
HELP = f"""
import json, sys
from agentops_eval.cli import main
try:
    main(["trace", "show", "--help"])
finally:
    {TELL}
"""
EVIDENCE = f"import json, sys, agentops_eval.harness.evidencing as e; e.noted_of_audited; {TELL}"


def loaded(program: str) -> set[str]:
    """The modules that a process has imported when it ends."""
    done = subprocess.run([sys.executable, "-c", program], env=environment(), capture_output=True, check=True)
    return set(json.loads(done.stdout.partition(b"LOADED ")[2]))


def test_help_loads_neither_seams_nor_what_judges_runs() -> None:
    """What patches transports, plays recordings back or judges answers is not imported for a page of help."""
    unneeded = {"agentops_eval.seams", "agentops_eval.evals", "agentops_eval.replay._player", "asyncio"}
    assert loaded(HELP) & unneeded == set()


def test_evidence_of_a_replay_does_not_load_what_runs_suites() -> None:
    """A replay notes what it has shown; the runner of suites is not imported for that."""
    unneeded = {"agentops_eval.harness.evaluating._runner", "agentops_eval.evals.comparing._compare"}
    assert loaded(EVIDENCE) & unneeded == set()
