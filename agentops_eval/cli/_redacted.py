"""Runs as they are shown: without secrets, unless ``--raw`` asks for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from agentops_eval.cli._loading import Loaded
    from agentops_eval.harness import Settings

F = TypeVar("F", bound=Callable[..., Any])


def raw_option(command: F) -> F:
    """Add ``--raw``."""
    return click.option("--raw", is_flag=True, help="Show secrets, too.")(command)


def shown(run: Loaded, settings: Settings, *, raw: bool) -> Loaded:
    """The run without its secrets. Goldens and recordings had them taken out when they were written."""
    if raw or not run.exported:
        return run
    from agentops_eval.harness import redactor_of
    from agentops_eval.traces.dialects import without_secrets

    clean = without_secrets(run.normal, redactor_of(settings))
    return replace(run, trace=clean.trace, normal=clean, timed=clean.trace)
