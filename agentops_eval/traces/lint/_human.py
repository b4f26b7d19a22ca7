"""Group 4: people who approve what an agent does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from agentops_eval.domain import Effect, Level, Rule, Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._answered import spans_of
from agentops_eval.traces._attributes import text_of
from agentops_eval.traces.lint._model import Group, LintConfig
from agentops_eval.traces.lint._sheet import Sheet
from agentops_eval.traces.lint._view import View

RULES = (
    Rule(
        id="AL401",
        slug="destructive-unapproved",
        level=Level.ERROR,
        group=Group.HUMAN,
        title="a destructive tool ran without an approval before it",
        explanation="A tool is destructive where the configuration names it (`destructive_tools`), or where "
        f"its {sc.AGENTOPS_TOOL_EFFECT} is `destructive` or `irreversible`. A person has to approve it "
        "before it starts, in the same trace: a checkpoint that names the tool in its action, or one that "
        "names no tool that ran. The tool's own span may tell the answer too.",
        fix="ask with approve() before the tool runs, or take the tool off the list",
    ),
    Rule(
        id="AL402",
        slug="effect-unapproved",
        level=Level.WARN,
        group=Group.HUMAN,
        title="a tool changed something, and nobody approved it",
        explanation=f"Its {sc.AGENTOPS_TOOL_EFFECT} is `write` or `external`. Many such tools need no "
        "approval, since limits or idempotency guard them. Raise the rule to an error where all do, and "
        "ignore it where none does.",
        fix="ask with approve(), or list what matters in destructive_tools and ignore AL402",
    ),
    Rule(
        id="AL403",
        slug="acted-against-answer",
        level=Level.ERROR,
        group=Group.HUMAN,
        title="a tool ran although a person had refused it, or had not answered",
        explanation="The latest checkpoint that names the tool ended in rejected, timeout or pending, and "
        "the tool started after it. Silence is no approval. A tool whose effect is not told has to have the "
        "very name of the checkpoint's action.",
        fix="look at the code between the question and the tool: it has to end there",
    ),
    Rule(
        id="AL404",
        slug="checkpoint-status",
        level=Level.WARN,
        group=Group.HUMAN,
        title="a checkpoint does not tell how it ended",
        explanation=f"{sc.AGENTOPS_HITL_STATUS} is approved, rejected, modified, timeout or pending. "
        "Anything else counts as no approval.",
        fix=f"set {sc.AGENTOPS_HITL_STATUS}",
    ),
    Rule(
        id="AL405",
        slug="approval-reused",
        level=Level.INFO,
        group=Group.HUMAN,
        title="one approval stands before several calls of a tool with different arguments",
        explanation="The person may have meant only the first of them.",
        fix="ask once for each call, or say in the checkpoint's details what all of it is about",
    ),
    Rule(
        id="AL406",
        slug="approver-missing",
        level=Level.INFO,
        group=Group.HUMAN,
        title="an approval does not tell who gave it",
        explanation="An audit asks who. A hash tells two people apart without naming them.",
        fix=f"set {sc.AGENTOPS_HITL_APPROVER_HASH}",
    ),
    Rule(
        id="AL407",
        slug="approver-in-clear",
        level=Level.WARN,
        group=Group.HUMAN,
        title="an approval names its approver in clear text",
        explanation="The attribute is meant for a hash; traces go to many readers.",
        fix=f"hash what goes into {sc.AGENTOPS_HITL_APPROVER_HASH}, with a salt of your own",
    ),
)

DESTRUCTIVE = frozenset({"destructive", "irreversible"})
_EFFECTS = frozenset({Effect.WRITE.value, Effect.EXTERNAL.value})
GRANTED = frozenset({"approved", "modified"})
_STATUSES = GRANTED | {"rejected", "timeout", "pending"}
_MOST_NAMES = 256
_SHORTEST, _LONGEST = 4, 200
_CLEAR = re.compile(r"[^\s@]+@[^\s@]+\.\w+|\w+ \w+")


@dataclass(slots=True)
class _Answers:
    """What people have said so far: the latest for each tool, and the latest approval that names none."""

    named: dict[str, Span] = field(default_factory=dict)
    exact: dict[str, Span] = field(default_factory=dict)
    general: Span | None = None
    used: dict[tuple[str, str], str] = field(default_factory=dict)


def check(view: View, sheet: Sheet, config: LintConfig) -> None:
    """Go through questions and tools in time; a checkpoint counts once it has ended."""
    for span in view.humans:
        _checkpoint(span, sheet, named=not view.logical)
    ran = [*view.tools, *_told_by_messages(view)]
    tools = [span for span in ran if view.humans or changes(span, config)]
    tools.sort(key=lambda span: span.start_ns)
    names = {folded(text_of(span, sc.TOOL_NAME)) for span in ran} - {""}
    inside = _asked_inside(view)
    asked = sorted(view.humans, key=lambda span: (max(span.start_ns, span.end_ns), span.span_id))
    answers, at = _Answers(), 0
    for tool in tools:
        while at < len(asked) and max(asked[at].start_ns, asked[at].end_ns) <= tool.start_ns:
            _heard(asked[at], answers, names)
            at += 1
        own = tool if sc.AGENTOPS_HITL_STATUS in tool.attributes else inside.get(tool.span_id)
        if changes(tool, config):
            _judge(tool, own or _answer(tool, answers), answers, sheet, config)
        elif text_of(tool, sc.AGENTOPS_TOOL_EFFECT) != Effect.READ:
            _refused(tool, own or answers.exact.get(folded(text_of(tool, sc.TOOL_NAME))), sheet)


def _told_by_messages(view: View) -> Iterator[Span]:
    """Tools that ran without a span; the llm call that asked for one, or was told of it, stands for it."""
    calls = {str(number): call for number, call in enumerate(view.answered)}
    for span in spans_of(calls, view.spans):
        teller = calls[span.span_id].teller
        yield replace(span, span_id=teller.span_id, name=teller.name)


def _checkpoint(span: Span, sheet: Sheet, *, named: bool) -> None:
    """A checkpoint by itself; goldens leave out who approved, which differs from run to run."""
    status = text_of(span, sc.AGENTOPS_HITL_STATUS)
    sheet.check("AL404", status in _STATUSES, span, f"the checkpoint's status is {status or 'not told'}")
    if status in GRANTED:
        approver = text_of(span, sc.AGENTOPS_HITL_APPROVER_HASH)
        if named:
            sheet.check("AL406", approver, span)
        if approver:
            sheet.check("AL407", _CLEAR.search(approver[:_LONGEST]) is None, span)


def changes(span: Span, config: LintConfig) -> bool:
    """Whether a tool changes something, as far as this group judges it."""
    return text_of(span, sc.AGENTOPS_TOOL_EFFECT) in _EFFECTS or _destructive(span, config)


def _destructive(span: Span, config: LintConfig) -> bool:
    name = text_of(span, sc.TOOL_NAME)
    named = any(fnmatchcase(name, pattern) for pattern in config.destructive_tools)
    return named or text_of(span, sc.AGENTOPS_TOOL_EFFECT).lower() in DESTRUCTIVE


def _asked_inside(view: View) -> dict[str, Span]:
    """Checkpoints directly below a tool: it asks before it does anything. The latest counts."""
    return {span.parent_id: span for span in view.humans}


def _heard(span: Span, answers: _Answers, names: set[str]) -> None:
    action = folded(text_of(span, sc.AGENTOPS_HITL_ACTION))
    about = (
        [action]
        if action in names
        else [name for name in sorted(names)[:_MOST_NAMES] if is_about(action, name)]
    )
    for name in about:
        answers.named[name] = span
    if action in names:
        answers.exact[action] = span
    if not about and text_of(span, sc.AGENTOPS_HITL_STATUS) in GRANTED:
        answers.general = span


def is_about(action: str, name: str) -> bool:
    """Whether an action is about a tool: one of the names stands in the other."""
    return len(action) >= _SHORTEST and len(name) >= _SHORTEST and (name in action or action in name)


def _answer(tool: Span, answers: _Answers) -> Span | None:
    return answers.named.get(folded(text_of(tool, sc.TOOL_NAME))) or answers.general


def _judge(tool: Span, answer: Span | None, answers: _Answers, sheet: Sheet, config: LintConfig) -> None:
    """A tool that changes something: it has to have been approved."""
    if _refused(tool, answer, sheet):
        return
    name = text_of(tool, sc.TOOL_NAME)
    rule = "AL401" if _destructive(tool, config) else "AL402"
    sheet.check(rule, answer is not None, tool, f"{name} ran, and no approval stands before it")
    if answer is not None:
        given = str(tool.attributes.get(sc.TOOL_CALL_ARGUMENTS))
        first = answers.used.setdefault((answer.span_id, name), given)
        sheet.check("AL405", first == given, tool, f"{name} ran again with other arguments")


def _refused(tool: Span, answer: Span | None, sheet: Sheet) -> bool:
    """Whether a tool ran against an answer. Where its effect is not told, only one that names it counts."""
    if answer is None:
        return False
    status = text_of(answer, sc.AGENTOPS_HITL_STATUS)
    refused = status not in GRANTED
    what = f"{text_of(tool, sc.TOOL_NAME)} ran, and the answer before it was {status or 'not told'}"
    sheet.check("AL403", not refused, tool, what)
    return refused


def folded(name: str) -> str:
    """A name without what people spell differently: case, spaces and signs."""
    return "".join(one for one in name.lower() if one.isalnum())
