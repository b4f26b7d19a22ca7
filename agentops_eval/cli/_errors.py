"""How errors become messages, JSON documents and exit codes."""

from __future__ import annotations

import difflib
import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from agentops_eval.cli._output import mute, plain, print_json
from agentops_eval.domain import AgentopsError, Json, ReplayMiss

_UNNUMBERED = frozenset({"usage", "system", "interrupted"})
USAGE, INTERNAL, INTERRUPTED = 2, 70, 130
NOTHING_CHANGED = "interrupted; nothing that was there before has changed"


class Misused(click.UsageError):
    """A command that was given something it cannot use; ``remedy`` is what to do instead."""

    def __init__(self, what: str, *, remedy: str) -> None:
        super().__init__(what, ctx=click.get_current_context(silent=True))
        self.remedy = remedy


class Interrupted(click.Abort):
    """Ctrl-C; ``kept`` is the file or folder that holds what was seen, ``remedy`` how to go on from there."""

    def __init__(self, *, kept: str = "", remedy: str = "", what: str = NOTHING_CHANGED) -> None:
        super().__init__()
        self.what = what
        self.kept = kept
        self.remedy = remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What went wrong, in the four parts of every error, and the exit code.

    ``code`` is one of docs/errors.md, or ``usage``, ``system``, ``interrupted`` or ``internal``.
    """

    code: str
    exit_code: int
    what: str
    where: str = ""
    difference: str = ""
    remedy: str = ""

    def to_json(self) -> Json:
        """The document that ``--json`` prints for any error."""
        return {
            "error": {
                "code": self.code,
                "what": self.what,
                "where": self.where,
                "difference": self.difference,
                "remedy": self.remedy,
            }
        }

    def __str__(self) -> str:
        head = self.what if self.code in _UNNUMBERED else f"{self.code} {self.what}"
        lines = [head, *([f"  where: {self.where}"] if self.where else [])]
        lines += [f"  {line}" for line in self.difference.splitlines()]
        lines += [f"  fix:   {self.remedy}"] if self.remedy else []
        return plain("\n".join(lines), limit=20_000)


def trouble_of(error: BaseException, given: Sequence[str] = ()) -> Trouble:
    """Say what an error means to the person at the command line, who gave these words."""
    if isinstance(error, (AgentopsError, ReplayMiss)):
        return Trouble(
            code=error.code,
            exit_code=error.exit_code,
            what=error.what,
            where=error.where,
            difference=error.difference,
            remedy=error.remedy,
        )
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        return _interruption(error)
    if isinstance(error, click.ClickException):
        return _usage(error, given)
    if isinstance(error, OSError) and error.strerror:
        where = "" if error.filename is None else os.fsdecode(error.filename)
        return Trouble(
            code="system",
            exit_code=USAGE,
            what=f"cannot read or write: {error.strerror}",
            where=where or "standard output",
            remedy="make sure that the place exists, may be used, and has room",
        )
    return Trouble(
        code="internal",
        exit_code=INTERNAL,
        what=f"{type(error).__name__}: {error}",
        where=last_frame(error),
        remedy="set AGENTOPS_DEBUG=1 to see the traceback, and report it",
    )


def tell(trouble: Trouble, *, as_json: bool) -> int:
    """Print it, for a script on standard output and for a person on standard error; give its exit code."""
    trouble = replace(trouble, what=_shown(trouble.what), difference=_shown(trouble.difference))
    if as_json:
        print_json(trouble.to_json())
        return trouble.exit_code
    try:
        click.echo(str(trouble), err=True)
    except OSError:  # nobody is left to be told
        mute(error=True)
    return trouble.exit_code


def _shown(text: str) -> str:
    """An error repeats what a file holds, and that may be a secret; placeholders keep their numbers."""
    from agentops_eval.traces.redaction import Redactor, find_secrets

    return Redactor().text(text) if text and find_secrets(text) else text


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether ``--json`` is among the options; needed where they could not be parsed."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options


def last_frame(error: BaseException, *, skip: Path | None = None) -> str:
    """The innermost place of a traceback outside of ``skip`` and of installed packages, if any."""
    trace, found, fallback = error.__traceback__, "", ""
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f"{code.co_filename}:{trace.tb_lineno} in {code.co_name}"
        path = Path(code.co_filename)
        foreign = "site-packages" in path.parts or code.co_filename.startswith("<")
        if not (skip is not None and path.is_relative_to(skip)):
            fallback = place
            found = found if foreign or _is_library(path) else place
        trace = trace.tb_next
    return found or fallback


def _is_library(path: Path) -> bool:
    return path.is_relative_to(Path(os.__file__).parent)


def _interruption(error: BaseException) -> Trouble:
    told = error if isinstance(error, Interrupted) else Interrupted()
    return Trouble(
        code="interrupted",
        exit_code=INTERRUPTED,
        what=told.what,
        difference=f"what was seen so far is kept in {told.kept}" if told.kept else "",
        remedy=told.remedy,
    )


def _usage(error: click.ClickException, given: Sequence[str]) -> Trouble:
    context = getattr(error, "ctx", None)
    command = "agentops-eval" if context is None else context.command_path
    return Trouble(
        code="usage",
        exit_code=error.exit_code,
        what=error.message if isinstance(error, Misused) else _in_one_line(error.format_message()),
        where=command,
        remedy=error.remedy if isinstance(error, Misused) else _meant(error, command, given),
    )


def _in_one_line(text: str) -> str:
    """click lists choices in lines that begin with a tab."""
    return " ".join(text.split())


def _meant(error: click.ClickException, command: str, given: Sequence[str]) -> str:
    """What may have been meant by an option that there is not, and where all of them are told."""
    context = getattr(error, "ctx", None)
    everything = f"{command} --help"
    if not isinstance(error, click.NoSuchOption) or context is None:
        return everything
    names = [name for parameter in context.command.params for name in parameter.opts if name[:1] == "-"]
    near = difflib.get_close_matches(error.option_name, names, n=1, cutoff=0.6)
    if any(parameter.name == "arguments" for parameter in context.command.params):
        behind = _behind_dashes(context.command, command, given)
        agents = (
            behind or f"{command} -- MODULE:CALLABLE {error.option_name} (if it is an argument of the agent)"
        )
        return f"{agents}, or {everything}"
    return f"did you mean {near[0]}? all options:  {everything}" if near else everything


def _behind_dashes(command: click.Command, path: str, given: Sequence[str]) -> str:
    """With --proxy: the same words with -- before the command that is to run."""
    words = list(given[len(path.split()) - 1 :])
    if "--proxy" not in words or "--" in words:
        return ""
    flags = {name: getattr(one, "is_flag", False) for one in command.params for name in one.opts}
    at = 0
    while at < len(words) and words[at].startswith("-"):
        name, equals, _ = words[at].partition("=")
        if name not in flags:
            return ""
        at += 1 if flags[name] or equals else 2
    if at >= len(words):
        return ""
    return f"{path} {shlex.join([*words[:at], '--', *words[at:]])}"
