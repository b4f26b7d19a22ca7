"""``prompt diff``: what changed between two versions of a prompt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._output import json_option, line, many, passage, plain, print_json, prose, say
from agentops_eval.cli._prompt_folder import folder_of, prompts_option, survey_of, words_text
from agentops_eval.domain import AgentopsError, Json, PromptInvalid

if TYPE_CHECKING:
    from agentops_eval.evals.prompts import FieldChange, Hunk, Piece, Prompt, PromptDiff, ToolChange
    from agentops_eval.harness import Survey

_INDENT = 4
_STYLES = {"same": "", "removed": "red", "added": "green"}
_MARKS = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
_SHOWN = 2_000


@click.command(short_help="Compare two versions.")
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER")
@click.option(
    "--prompt", "name", metavar="NAME", help="Whose versions these are, where there are several prompts."
)
@prompts_option
@json_option
def diff(before: str, after: str, name: str | None, folder: Path | None, as_json: bool) -> int:
    """Tell what changed from BEFORE to AFTER: words, variables, parameters, tools.

    Each is a version (v1.3, approved, latest), NAME@VERSION, a prompt file, or a file in a git revision
    (HEAD~1:prompts/desk.txt). Exit code 1 where they differ.
    """
    from agentops_eval.evals.prompts import diff_json, diff_prompts
    from agentops_eval.harness import redactor_of, settings_for_reading

    sides = _Sides(folder_of(folder), name)
    redactor = redactor_of(settings_for_reading(Path.cwd()))  # CI keeps what is printed
    found = diff_prompts(sides.find(before), sides.find(after), redact=redactor.text)
    if as_json:
        print_json(diff_json(found))
    else:
        _say(found)
    return 0 if found.equal else 1


class _Sides:
    """Finds what the two words mean; the folder is read once, and only where a word needs it."""

    def __init__(self, folder: Path, name: str | None) -> None:
        self._folder = folder
        self._name = name
        self._read: Survey | None = None

    def find(self, word: str) -> Prompt:
        """Cases: ``NAME@VERSION``, a version, a file, ``REVISION:PATH``.

        Raises Misused for a word that is none of them, and what reading raises.
        """
        from agentops_eval.evals.prompts import APPROVED, LATEST, is_version
        from agentops_eval.harness import prompt_at, read_prompt_file

        name, at, version = word.rpartition("@")
        path = Path(word)
        if at and name and (is_version(version) or version in (APPROVED, LATEST)):
            return self._version(name, version)
        if is_version(word) or word in (APPROVED, LATEST):
            return self._version(self._name or self._only_name(word), word)
        if path.is_file():
            inside = path.is_relative_to(self._folder)
            return read_prompt_file(path, folder=self._folder if inside else None)
        if ":" in word:
            return prompt_at(word)
        remedy = "name a version (v1.3, approved, latest), NAME@VERSION, a file, or REVISION:PATH"
        raise Misused(f"{word!r} is no version of a prompt, and no file", remedy=remedy)

    def _version(self, name: str, version: str) -> Prompt:
        survey = self._survey()
        try:
            return survey.prompts.find(name, version)
        except PromptInvalid:
            for problem in survey.problems:
                raise problem from None
            raise

    def _only_name(self, word: str) -> str:
        names = self._survey().prompts.names
        if len(names) == 1:
            return names[0]
        first: Iterable[AgentopsError] = self._survey().unreadable if not names else ()
        for problem in first:
            raise problem
        what = f"{word} of which prompt? There are {', '.join(names)}"
        raise Misused(what, remedy=f"add --prompt {names[0] if names else 'NAME'}, or write NAME@{word}")

    def _survey(self) -> Survey:
        if self._read is None:
            self._read = survey_of(self._folder)
        return self._read


def _say(diff: PromptDiff) -> None:
    before, after = diff.before, diff.after
    other = "" if before.name == after.name else f"{line(after.name)} "
    say(f"{line(before.name)} {before.version} -> {other}{after.version}", style="bold")
    prose(f"  {line(before.where)} -> {line(after.where)}", hang=4, style="dim")
    if diff.equal:
        say("  nothing changed that an llm could see")
        return
    if diff.words:
        _head("text", words_text(diff))
        _say_words(diff)
    for title, changes in (("parameters", diff.fields), ("variables", diff.variables)):
        if changes:
            _head(title)
            for change in changes:
                _say_field(change, variable=title == "variables")
    _say_tools(diff)


def _head(title: str, told: str = "") -> None:
    prose(f"  {title}{': ' if told else ''}{told}", hang=4, style="bold")


def _say_words(diff: PromptDiff) -> None:
    from agentops_eval.evals.prompts import hunks

    for hunk in hunks(diff.words):
        say(f"    line {diff.after.line + hunk.line - 1}", style="dim")
        _say_hunk(hunk, indent=_INDENT + 2)


def _say_hunk(hunk: Hunk, *, indent: int) -> None:
    for parts in _lines(hunk):
        passage(parts, indent=indent)


def _lines(hunk: Hunk) -> Iterator[list[tuple[str, str]]]:
    """The lines of a place that differs, each as texts with their styles."""
    current: list[tuple[str, str]] = [("... ", "dim")] if hunk.before else []
    for piece in hunk.pieces:
        for number, text in enumerate(_parts(piece)):
            if number:
                yield current
                current = []
            if text:
                begin, end = _MARKS[piece.kind.value]
                current.append((f"{begin}{text}{end}", _STYLES[piece.kind.value]))
    if hunk.after:
        current.append((" ...", "dim"))
    if current:
        yield current


def _parts(piece: Piece) -> list[str]:
    """The lines of a piece, safe to print. Where only line ends changed, they are written out."""
    text = plain(piece.text, limit=_SHOWN)
    if piece.kind.value != "same" and not text.strip("\n"):
        return [text.replace("\n", "\\n")]
    return text.split("\n")


def _say_field(change: FieldChange, *, variable: bool) -> None:
    def told(value: Json) -> str:
        if variable:
            return "has to be given" if value is None else f"default {line(value, limit=80)!r}"
        from agentops_eval.evals.prompts import brief

        return line(brief(value), limit=200)

    if not change.has_before:
        text, style = f"added ({told(change.after)})" if variable else f"added {told(change.after)}", "green"
    elif not change.has_after:
        text, style = "removed" if variable else f"removed (was {told(change.before)})", "red"
    else:
        text, style = f"{told(change.before)} -> {told(change.after)}", "yellow"
    prose(f"    {line(change.name)}: {text}", hang=6, style=style)


def _say_tools(diff: PromptDiff) -> None:
    told = diff.tools_told
    if told[0] != told[1]:
        _head(
            "tools", f"only {'BEFORE' if told[0] else 'AFTER'} tells of its tools, so they are not compared"
        )
    if not diff.tools:
        return
    breaking = len(diff.breaking)
    _head(
        "tools", f"{many(len(diff.tools), 'change')}, {breaking} breaking" if breaking else "nothing breaking"
    )
    for change in diff.tools:
        _say_tool(change)


def _say_tool(change: ToolChange) -> None:
    from agentops_eval.evals.prompts import compare_words, hunks

    place = f"{line(change.tool, limit=100)}{' ' if change.path else ''}{line(change.path, limit=100)}"
    what = change.kind.value.replace("-", " ")
    if change.kind.value == "description-changed":
        prose(f"    {place}: {what}", hang=6)
        for hunk in hunks(compare_words(change.before, change.after)):
            _say_hunk(hunk, indent=_INDENT + 2)
        return
    both = [line(side, limit=100) for side in (change.before, change.after)]
    sides = " -> ".join(both) if all(both) else next(filter(None, both), "")
    text = f"{place}: {what}{f' ({sides})' if sides else ''}"
    prose(
        f"    {'breaking: ' if change.breaking else ''}{text}", hang=6, style="red" if change.breaking else ""
    )
