"""The root command, and what happens around every command."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from agentops_eval import __version__
from agentops_eval.cli._errors import tell, trouble_of, wants_json
from agentops_eval.cli._lazy import LazyGroup
from agentops_eval.cli._output import flush, lenient, mute
from agentops_eval.domain import ReplayMiss

PROGRAM = "agentops-eval"
_COMMANDS = {
    "cassette": "_cassette:cassette",
    "chaos": "_chaos:chaos",
    "demo": "_demo:demo",
    "doctor": "_doctor:doctor",
    "eval": "_eval:evaluations",
    "evidence": "_evidence:evidence",
    "gameday": "_gameday:gameday",
    "gate": "_gate:gate",
    "init": "_init:init",
    "judge": "_judge:judge",
    "ops": "_ops:ops",
    "prompt": "_prompt:prompt",
    "record": "_run:record",
    "replay": "_run:replay",
    "report": "_report:report",
    "schema": "_schema:schema",
    "scorecard": "_scorecard:scorecard",
    "shadow": "_shadow:shadow",
    "toxiproxy": "_toxiproxy:toxiproxy",
    "trace": "_trace:trace",
}


@click.group(cls=LazyGroup, commands_at=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name=PROGRAM)
def cli() -> None:
    """pytest for agents that act: record a run once, replay it exactly, compare it with its golden.

    Exit codes: 0 ok, 1 finding or regression, 2 usage or unreadable input, 3 recording needed,
    70 internal error; of a gate's decisions: 0 promote, 20 hold, 30 roll back.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script: run the command, print what went wrong, exit with its code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command and give its exit code. Errors are printed, never raised."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    lenient()
    try:
        code = _invoke(given)
        flush()
    except OSError as error:  # such as a full disk behind standard output
        mute()  # what is still buffered would fail once more when the process ends
        code = tell(trouble_of(error), as_json=False)
    return code


def _invoke(given: Sequence[str]) -> int:
    try:
        code = cli.main(args=list(given), prog_name=PROGRAM, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except (ReplayMiss, KeyboardInterrupt) as error:
        return tell(trouble_of(error), as_json=wants_json(given))
    except Exception as error:
        if isinstance(error, OSError):
            flush()  # where it is standard output that fails, this fails again, and is told there once
        if os.environ.get("AGENTOPS_DEBUG") and trouble_of(error).code == "internal":
            raise
        return tell(trouble_of(error, given), as_json=wants_json(given))
    return code if isinstance(code, int) else 0
