"""``gate watch``: one decision a look, while files of samples grow."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._durations import Duration
from agentops_eval.cli._errors import Interrupted, Misused
from agentops_eval.cli._gate_followed import Followed, followed, opened, print_look, tell_look, watched
from agentops_eval.cli._gate_options import EXIT_CODES, keep_decision, say_decision
from agentops_eval.cli._output import say
from agentops_eval.domain import DecisionValue

if TYPE_CHECKING:
    from agentops_eval.harness.gating import Look


@click.command(short_help="Decide again and again, as files of samples grow.")
@followed
@click.option(
    "--log",
    type=click.Path(path_type=Path),
    default=Path("gate.log.jsonl"),
    show_default=True,
    metavar="FILE",
    help="Keeps every look; a watch goes on where its log ends.",
)
@click.option(
    "--every", "every_s", type=Duration(least_s=0.01), default="10s", show_default=True, help="Between looks."
)
@click.option("--once", is_flag=True, help="Look once, and end.")
@click.option(
    "--until-decided", is_flag=True, help="End at the first promotion of a stage, or at a rollback."
)
@click.option(
    "--timeout", "timeout_s", type=Duration(), help="End after so long, whatever is decided by then."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document a look.")
def watch(
    log: Path,
    every_s: float,
    once: bool,
    until_decided: bool,
    timeout_s: float | None,
    as_json: bool,
    **given: object,
) -> int:
    """Follow the samples of both versions as they are appended, and decide at each look.

    Ends with a rollback, or with a promotion from the last stage. The same command goes on after a crash,
    where the log ends.

    Exit codes, by the last look: 0 promote, 20 hold, 30 roll back; 2 unreadable input, 70 internal error.
    """
    from agentops_eval.harness.gating import follow

    if once and timeout_s is not None:
        raise Misused("--once and --timeout contradict each other", remedy="leave one of them away")
    asked = Followed(**given)  # type: ignore[arg-type]
    with _interruptible(log), opened(watched(asked, log)) as files:
        looks = follow(
            files,
            every_s=every_s,
            timeout_s=0.0 if once else timeout_s,
            clock=time.time,
            monotonic=time.monotonic,
            sleep=time.sleep,
        )
        last = _told(looks, until_decided=until_decided, as_json=as_json)
    keep_decision(last.decision, asked.gate_path, (asked.gate_path, asked.baseline, asked.candidate, log))
    if not as_json:
        say()
        say_decision(last.decision, as_json=False)
    return EXIT_CODES[last.decision.value]


@contextmanager
def _interruptible(log: Path) -> Iterator[None]:
    """Ctrl-C leaves the log whole, and says how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        again = shlex.join(["agentops-eval", *sys.argv[1:]])
        raise Interrupted(kept=str(log), remedy=f"go on with  {again}") from None


def _told(looks: Iterator[Look], *, until_decided: bool, as_json: bool) -> Look:
    """Tell the first look, and each that is another; gives the last."""
    last: Look | None = None
    for look in looks:
        if last is None or look.fresh:
            print_look(look) if as_json else tell_look(look)
        last = look
        if until_decided and look.decision.value is not DecisionValue.HOLD:
            break
    assert last is not None
    return last
