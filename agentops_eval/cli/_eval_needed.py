"""What is said where trials need a recording: what the first of them asked, and one command for all."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agentops_eval.cli._output import line, plain, say

if TYPE_CHECKING:
    from agentops_eval.domain import Result
    from agentops_eval.harness.evaluating import Trial

_MOST_NAMED = 12


def say_needed(results: Sequence[Result], trials: Sequence[Trial]) -> None:
    """Tell why the first trial is not covered, where a recording is there; and how to record them all."""
    from agentops_eval.domain import Ending
    from agentops_eval.harness.evaluating import is_kept

    needed = {
        (one.suite, one.case, one.variant, one.trial): one
        for one in results
        if one.ending is Ending.NEEDS_RECORDING
    }
    meant = [trial for trial in trials if trial.key in needed]
    kept = [trial for trial in meant if is_kept(trial)]
    if kept:
        first = needed[kept[0].key]
        say(f"what {line(first.case)} asks is not what was recorded:", style="yellow")
        say(plain(first.error.message if first.error is not None else ""), style="yellow")
    cases = list(dict.fromkeys(trial.scenario.id for trial in meant))
    # What has a recording is kept by --record: only where some are recorded anew are cases to be named.
    named = cases if kept and len(meant) < len(trials) else []
    if len(cases) > 1 and len(named) <= _MOST_NAMED:
        say(f"all of them:  {line(_command(named, anew=bool(kept)), limit=2_000)}")
    if kept and not kept[0].branch:
        say("to keep what was recorded, and try this beside it: add --candidate NAME")


def _command(cases: Sequence[str], *, anew: bool) -> str:
    """This command with these cases chosen, and recorded: anew where it is there and does not cover."""
    given = [word for word in sys.argv[1:] if word not in {"--record", "--resume"}]
    chosen = [word for case in cases for word in ("--case", case)]
    # The file of --out is there by now, and what is there is gone on with, never overwritten.
    resumed = ["--resume"] if any(word.partition("=")[0] == "--out" for word in given) else []
    return shlex.join(["agentops-eval", *given, *chosen, *resumed, "--record", *(["all"] if anew else [])])
