"""Prompts and approvals as git keeps them, where it does."""

from __future__ import annotations

import posixpath
import subprocess
from functools import partial
from pathlib import Path

from agentops_eval.domain import AgentopsError, PromptInvalid
from agentops_eval.evals.prompts import Approval, Prompt, parse_prompt, read_register
from agentops_eval.harness._prompts import name_and_version

_PATIENCE_S = 30


def prompt_at(place: str) -> Prompt:
    """The prompt of a file in a revision: ``HEAD~1:prompts/desk.txt``, the path from the current folder.

    Raises PromptInvalid.
    """
    revision, _, path = place.partition(":")
    try:
        data = _shown(revision, path)
    except OSError as error:
        what = f"git has no such file: {error.strerror or error}"
        raise PromptInvalid(
            what, where=place, remedy="git log --oneline -- PATH, then REVISION:PATH"
        ) from None
    name, version = name_and_version(Path(path))
    beside = partial(_text, revision, posixpath.dirname(path))
    return parse_prompt(data, name=name, version=version, where=place, beside=beside)


def earlier_approvals(register: Path) -> tuple[Approval, ...]:
    """The approvals that any commit before this one added to a register; none where git cannot tell.

    A shallow clone tells what it holds.
    """
    words = ["log", "--format=", "--patch", "--no-color", "--no-ext-diff", "--no-textconv", "--"]
    try:
        told = _git(*words, register.name, folder=register.parent)
    except OSError:
        return ()
    found: dict[str, Approval] = {}
    for line in told.split(b"\n"):
        if not line.startswith(b"+{"):
            continue
        try:
            for approval in read_register(line[1:], where=str(register)):
                found.setdefault(approval.id, approval)
        except AgentopsError:  # a line that was damaged once, and mended later
            continue
    return tuple(found.values())


def _text(revision: str, folder: str, name: str) -> str:
    return _shown(revision, posixpath.normpath(posixpath.join(folder, name))).decode("utf-8-sig")


def _shown(revision: str, path: str) -> bytes:
    if not revision or revision.startswith("-") or not path:
        raise OSError(f"{revision!r} is no revision")
    return _git("show", "--no-textconv", f"{revision}:./{path}")


def _git(*words: str, folder: Path | None = None) -> bytes:
    """What git prints. Raises OSError with its last line where it fails, or where there is no git."""
    try:
        done = subprocess.run(  # noqa: S603 - words of ours, and a revision that begins with no dash
            ["git", "--no-pager", *words],  # noqa: S607 - the git of the user's own path
            cwd=folder,
            capture_output=True,
            check=False,
            timeout=_PATIENCE_S,
        )
    except subprocess.TimeoutExpired:
        raise OSError(f"git took longer than {_PATIENCE_S} s") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise OSError(said[-1] if said else f"git ended with {done.returncode}")
    return done.stdout
