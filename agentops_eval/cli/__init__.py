"""The command line: parse, print, exit code. Every command takes ``--json``."""

from agentops_eval.cli._main import cli, main

__all__ = ["cli", "main"]
