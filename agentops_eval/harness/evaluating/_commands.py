"""The commands that record a trial, to be pasted where its recording is missing or does not cover it.

Cases, in this order: a branch has no recording to leave, which comes first; there is a recording that does
not cover the trial, which is recorded anew (what is to be kept beside it needs a name: ``--candidate``);
there is none.
"""

from __future__ import annotations

import shlex

from agentops_eval.harness.evaluating._plan import Trial
from agentops_eval.replay import branch_path


def record_with_cli(trial: Trial) -> str:
    """The command of the shell."""
    words = ["agentops-eval", "eval", "run", trial.path, "--case", trial.scenario.id]
    if _leaves_something(trial):
        words += ["--candidate", trial.candidate] if trial.candidate else []
        words += ["--variant", trial.variant.name] if trial.variant.name else []
    words += ["--repeat", str(trial.of)] if trial.of != trial.scenario.repeat else []
    return shlex.join([*words, "--record", *(["all"] if is_kept(trial) else [])])


def record_with_pytest(trial: Trial) -> str:
    """The command of pytest."""
    words = ["pytest", f"{trial.path}::{trial.scenario.id}"]
    words += [f"--agentops-record={'all' if is_kept(trial) else 'once'}"]
    if _leaves_something(trial):
        words += [f"--agentops-branch={trial.candidate}"] if trial.candidate else []
        words += [f"--agentops-variant={trial.variant.name}"] if trial.variant.name else []
    return shlex.join(words)


def is_kept(trial: Trial) -> bool:
    """Whether there is a recording of just this trial, which then does not cover what is asked today."""
    path = branch_path(trial.cassette, trial.branch) if trial.branch else trial.cassette
    return trial.cassette.exists() and path.exists()


def _leaves_something(trial: Trial) -> bool:
    """Whether its baseline is recorded; without a branch it is the baseline itself."""
    return not trial.branch or trial.cassette.exists()
