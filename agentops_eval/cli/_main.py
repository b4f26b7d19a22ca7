"""The root command, and how errors become messages and exit codes."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from agentops_eval import __version__
from agentops_eval.domain import AgentopsError, ReplayMiss

INTERNAL = 70
_COMMANDS = {
    "cassette": "_cassette:cassette",
    "demo": "_demo:demo",
    "doctor": "_doctor:doctor",
    "init": "_init:init",
    "record": "_run:record",
    "replay": "_run:replay",
    "trace": "_trace:trace",
}


class _LazyGroup(click.Group):
    """Imports a command's module only when that command is used or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(importlib.import_module(f"agentops_eval.cli.{module}"), attribute)
        return command


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="agentops-eval")
def cli() -> None:
    """pytest for agents that act: record a run once, replay it exactly, compare it with its golden.

    Exit codes: 0 ok, 1 finding or regression, 2 usage or unreadable input, 3 recording needed,
    70 internal error.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script: run the command, print what went wrong, exit with its code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command and give its exit code; prints errors to standard error."""
    try:
        code = cli.main(args=None if arguments is None else list(arguments), standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        click.echo("interrupted; nothing that was there before has changed", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (AgentopsError, ReplayMiss) as error:
        click.echo(str(error), err=True)
        return error.exit_code
    except BrokenPipeError:
        # The reader went away (``| head``): not an error of ours, and nothing more can be printed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("AGENTOPS_DEBUG"):
            raise
        click.echo(f"internal error: {type(error).__name__}: {error}", err=True)
        click.echo("  fix:   set AGENTOPS_DEBUG=1 to see the traceback, and report it", err=True)
        return INTERNAL
