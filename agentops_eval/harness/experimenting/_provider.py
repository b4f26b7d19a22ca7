"""What every provider is given, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from agentops_eval.domain import Activity, AgentopsError, Json
from agentops_eval.harness._settings import Settings
from agentops_eval.harness.experimenting._stop import Stop


class ActivityFailed(Exception):
    """An activity could not be carried out, or its time was over: there is no output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Where an experiment is carried out. ``home`` is its file's folder, to which paths are relative."""

    root: Path
    home: Path
    settings: Settings = field(default_factory=Settings)
    environ: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """One activity as its provider is asked to carry it out: every name replaced by its value.

    ``owe`` writes down what has to be undone, before it is done, and gives a number; ``restored`` says that
    it is undone. With ``dry`` nothing may be imported or opened either.
    """

    activity: Activity
    settings: Mapping[str, Json]
    project: Project
    stop: Stop
    configuration: Mapping[str, Json] = field(default_factory=dict)
    secrets: Mapping[str, Json] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    dry: bool = False
    owe: Callable[[Mapping[str, Json]], int] = lambda _: 0
    restored: Callable[[int, str], None] = lambda _, __: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What an activity gave, and what it did in words. ``virtual_s`` is how long it took in virtual time."""

    output: Json = None
    told: str = ""
    virtual_s: float = 0.0


class ActivityProvider(Protocol):
    """Carries activities of one kind out."""

    def check(self, doing: Doing) -> None:
        """Refuse what no experiment may do, before anything is done. Raises AgentopsError."""

    def would(self, doing: Doing) -> str:
        """What it would do, in words."""

    def run(self, doing: Doing) -> Given:
        """Do it. Whatever it raises is the activity's failure."""


Undo = Callable[[Mapping[str, Json], Project], str]
"""Undoes what was owed, and tells what; doing so twice does no harm. Raises whatever went wrong."""


def in_words(error: Exception) -> str:
    """An error in one line, with the place where it happened."""
    if isinstance(error, AgentopsError):
        return f"{error.code} {error.what}{f' ({error.where})' if error.where else ''}"
    return next(iter(str(error).splitlines()), type(error).__name__)


def text_of(settings: Mapping[str, Json], name: str, default: str = "") -> str:
    """A setting that is a text."""
    found = settings.get(name, default)
    return found if isinstance(found, str) else default if found is None else str(found)


def seconds_of(value: Json, *, default: float) -> float:
    """A number of seconds that may have been configured. Raises ActivityFailed for what is none."""
    if value is None:
        return default
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            found = float(value)
        except ValueError:
            found = -1.0
        if 0 <= found < 1e7:
            return found
    raise ActivityFailed(f"{value!r} is no number of seconds")
