"""The commands that record a trial, to be pasted where its recording is missing."""

from __future__ import annotations

import shlex

from agentops_eval.harness.evaluating._plan import Trial


def record_with_cli(trial: Trial) -> str:
    """The command of the shell."""
    words = ["agentops-eval", "eval", "run", trial.path, "--case", trial.scenario.id]
    words += ["--candidate", trial.candidate] if trial.candidate else []
    words += ["--variant", trial.variant.name] if trial.variant.name else []
    return shlex.join([*words, "--record"])


def record_with_pytest(trial: Trial) -> str:
    """The command of pytest."""
    words = ["pytest", f"{trial.path}::{trial.scenario.id}", "--agentops-record=once"]
    words += [f"--agentops-branch={trial.candidate}"] if trial.candidate else []
    words += [f"--agentops-variant={trial.variant.name}"] if trial.variant.name else []
    return shlex.join(words)
