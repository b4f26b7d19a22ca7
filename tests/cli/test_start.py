"""A command starts with what it needs: imports are most of the time that a short one takes."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.cli._kit import environment

PROGRAM = """
import json, sys
from agentops_eval.cli import main
try:
    main(sys.argv[1:])
finally:
    print("LOADED " + json.dumps(sorted({".".join(name.split(".")[:2]) for name in sys.modules})))
"""


    "words", [["trace", "show", "--help"], ["cassette", "rename", "--help"]], ids=" ".join
)
def test_help_loads_neither_seams_nor_what_judges_runs() -> None:
    """What patches transports, plays recordings back or judges answers is not imported for a page of help."""
    command = [sys.executable, "-c", PROGRAM, "trace", "show", "--help"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout.rpartition("LOADED ")[2]))
    assert loaded & {"agentops_eval.seams", "agentops_eval.evals", "agentops_eval.chaos", "asyncio"} == set()


def test_replay_does_not_load_suites() -> None:
    """What runs suites is not imported in order to ask whether one recording replays."""
    program = "import sys, agentops_eval.harness.evidencing as e; e.is_whole, e.Varied; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "agentops_eval.harness.evaluating._runner" not in done.stdout.split()
