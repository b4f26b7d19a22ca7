"""What finds a failure in traces: commands of ours, and conditions on attributes of OpenTelemetry spans."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from agentops_eval.domain import Dependency, SheetLine, as_command, in_code, in_line
from agentops_eval.operations._runbook_rules import COUNTS, FINDS, MARKS, NAMED, SPANS, Condition
from agentops_eval.traces import semconv as sc

_NO_MARK = "No attribute of a span tells this failure: what it leads to is found, not itself."


def detection(
    agent: str,
    words: Sequence[str],
    dependencies: Sequence[tuple[Dependency, str]],
    *,
    traces: str,
) -> Iterator[SheetLine]:
    """Lines that say how the failure is found. ``words`` are its harms, its mode and its classes."""
    yield in_line("In traces that hold what llms said, these find it, by exit code and output:")
    for command in _commands(agent, words, traces):
        yield in_line(as_command(command))
    found = list(dict.fromkeys(_filters(words, dependencies)))
    if not found:
        yield in_line(_NO_MARK)
        return
    yield in_line(
        "Where spans are searched, these conditions on their attributes mean it; put them into the words of "
        "your own store:"
    )
    for conditions, behind in found:
        yield in_line(in_code(" AND ".join(map(_told, conditions))), f": {behind}" if behind else "")
    yield in_line(
        "All of it in traces whose root span has ", in_code(_told((sc.AGENT_NAME, "=", agent))), "."
    )


def _commands(agent: str, words: Sequence[str], traces: str) -> list[str]:
    """``ops incidents`` and what finds the words of this failure, each once, the most particular first."""
    templates = [one for word in words for one in FINDS.get(word, ())]
    templates.append("ops incidents {traces} --agent {agent}")
    told = {"traces": traces, "agent": shlex.quote(agent)}
    return [f"agentops-eval {one.format(**told)}" for one in dict.fromkeys(templates)]


def _filters(
    words: Sequence[str], dependencies: Sequence[tuple[Dependency, str]]
) -> Iterator[tuple[tuple[Condition, ...], str]]:
    for word in words:
        if word in COUNTS:
            yield COUNTS[word]
    marks = [one for word in words for one in MARKS.get(word, ())]
    if marks and not dependencies:
        yield tuple(dict.fromkeys(marks)), ""
    for sort, name in dependencies if marks else ():
        called = urlsplit(name.rpartition(" ")[2]).hostname or name if sort is Dependency.HTTP else name
        spans = ((key, how, called if value == NAMED else value) for key, how, value in SPANS.get(sort, ()))
        found = tuple(dict.fromkeys((*spans, *marks)))
        if len(found) > len(marks):
            yield found, ""


def _told(one: Condition) -> str:
    key, how, value = one
    if how == "exists":
        return f"{key} EXISTS"
    if how == "in":
        return f"{key} IN ({', '.join(_quoted(part) for part in value.split(', '))})"
    return f"{key} {'matches' if any(sign in value for sign in '*?[') else '='} {_quoted(value)}"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
