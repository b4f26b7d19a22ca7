"""Group 0: what an auditor asks of each action with an effect, and the trace does not tell.

The actions are those of ``traces.audit``; tools that the configuration calls destructive are among them.
An audit has more gaps than this group has rules. Left out is what other groups find: arguments (AL207)
and results (AL209) that are not told, a decision without its reason (AL304), an approval that is absent
(AL401, AL402), refused (AL403) or used again (AL405), and an unknown cost (AL501). A logical clock is
nothing to mend. A request that a server was asked for is no action of its agents.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from agentops_eval.domain import Effect, Level, Rule
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import text_of
from agentops_eval.traces.audit import BY_SPAN, Approval, AuditRecord, Gap, audit, changed_since_approval
from agentops_eval.traces.lint._human import GRANTED, changes, folded, is_about
from agentops_eval.traces.lint._model import Group, LintConfig
from agentops_eval.traces.lint._sheet import Sheet
from agentops_eval.traces.lint._view import View

RULES = (
    Rule(
        id="AL001",
        slug="initiator-untold",
        level=Level.WARN,
        group=Group.AUDIT,
        title="something was changed, and no agent's span is above it",
        explanation="It cannot be said who did it. An audit names the agents from the run's root down to the "
        "action, and there are none.",
        fix=f"wrap the agent's work in a span with {sc.OPERATION_NAME} = {sc.INVOKE_AGENT} and "
        f"{sc.AGENT_NAME}",
    ),
    Rule(
        id="AL002",
        slug="authority-untold",
        level=Level.INFO,
        group=Group.AUDIT,
        title="the run changes something, and nothing tells on whose authority",
        explanation="An audit asks for whom the agent acted: a user, a job, a mandate. Few teams tell it "
        "yet, so this is a note, told once for each run at its first such action. The attributes that are "
        "looked for are those of the setting `attribution`; they may stand on the action, on a span above "
        "it, or on the resource.",
        fix="set agentops.authority (or enduser.id) on the run's first span",
    ),
    Rule(
        id="AL003",
        slug="action-unexplained",
        level=Level.INFO,
        group=Group.AUDIT,
        title="something was changed, and nothing says why",
        explanation="No decision behind the action gives a reason, and the llm call that asked for it says "
        "nothing beside the call, or its answer was not captured.",
        fix=f"set {sc.AGENTOPS_DECISION_REASON} on the action, or capture the llm's messages",
    ),
    Rule(
        id="AL004",
        slug="repetition-unguarded",
        level=Level.WARN,
        group=Group.AUDIT,
        title="a tool that changes something has no idempotency key",
        explanation="A retry, by a framework or a gateway, does it again. Not meant are tools of effect "
        "`external`, where a key is often not to be had, and plain HTTP requests.",
        fix=f"set {sc.AGENTOPS_TOOL_IDEMPOTENCY_KEY}, or @tool(idempotency_key=...)",
    ),
    Rule(
        id="AL005",
        slug="effect-untold",
        level=Level.INFO,
        group=Group.AUDIT,
        title="nothing tells whether a tool changes anything",
        explanation="What is not told to have an effect is not audited. Each tool is named once in a run.",
        fix=f"set {sc.AGENTOPS_TOOL_EFFECT} (read, write, external), @tool(effect=...), or list the tool in "
        "destructive_tools",
    ),
    Rule(
        id="AL006",
        slug="approved-otherwise",
        level=Level.WARN,
        group=Group.AUDIT,
        title="an action was done with other values than a person approved",
        explanation=f"What the person was shown ({sc.AGENTOPS_HITL_DETAILS}), or answered "
        f"({sc.AGENTOPS_HITL_ANSWER}), has another value under the name of an argument. It is no error, "
        "since details are written for people and may spell a value otherwise (`12.00 EUR`). Raise it to one "
        "where your details are the arguments themselves.",
        fix="ask again where what was approved changes, or answer modified with what was changed",
    ),
    Rule(
        id="AL007",
        slug="approval-of-another",
        level=Level.INFO,
        group=Group.AUDIT,
        title="the approval before an action does not name it",
        explanation="It is the latest before the action under the same agent, so that it may be meant for "
        "it; an auditor cannot know.",
        fix=f"set {sc.AGENTOPS_HITL_ACTION} on the checkpoint to the tool's name",
    ),
)

_IDS = tuple(rule.id for rule in RULES)
_MOST_NAMES, _LONGEST = 256, 200


def check(view: View, sheet: Sheet, config: LintConfig) -> None:
    """Audit the run, if it may have an action, and say what is not told."""
    if not sheet.asks(*_IDS) or not (view.tools or view.answered or _requests(view)):
        return
    normal = view.normal  # in an order that does not depend on the file's, parents first
    ordered = replace(normal, trace=replace(normal.trace, spans=tuple(view.downward())))
    found = audit(
        ordered,
        effects=_destructive(view, config),
        calls=view.answered,
        attribution=config.attribution,
        price=lambda _: None,
    )
    records = found.records
    _effects(found.gaps, view, sheet)
    if not view.logical:  # goldens leave out who it was for, which differs from run to run
        _authority(records, view, sheet)
    tools = sorted({folded(name) for name in view.ran} - {""})[:_MOST_NAMES]
    for record in records:
        _action(record, view, sheet)
        if record.approval is not None and record.approval.status in GRANTED:
            _approved(record, record.approval, view, sheet, others=_judged(record, view, config, tools))


def _requests(view: View) -> bool:
    return any(sc.HTTP_REQUEST_METHOD in span.attributes for span in view.spans)


def _destructive(view: View, config: LintConfig) -> Collection[str]:
    """The tools of the run that the configuration calls destructive."""
    if not config.destructive_tools:
        return ()
    return {name for name in view.ran if any(fnmatchcase(name, one) for one in config.destructive_tools)}


def _effects(gaps: Iterable[Gap], view: View, sheet: Sheet) -> None:
    unknown = [gap for gap in gaps if gap.field == "effect"]
    names = {text_of(span, sc.TOOL_NAME) or span.name for span in view.tools}
    names |= {call.name for call in view.answered}
    for gap in unknown:
        sheet.broken("AL005", view.by_id[gap.span_id], gap.why)
    for _ in range(len(names) - len(unknown)):
        sheet.kept("AL005")


def _authority(records: Iterable[AuditRecord], view: View, sheet: Sheet) -> None:
    """Once for the run: whoever tells no authority tells it of none of the actions."""
    by_told = {record.authority is not None: record for record in reversed(list(records))}
    if by_told:
        first = by_told.get(False)
        sheet.check("AL002", first is None, None if first is None else view.by_id[first.span_id])


def _action(record: AuditRecord, view: View, sheet: Sheet) -> None:
    span, decision = view.by_id[record.span_id], record.decision
    sheet.check("AL001", record.chain, span, f"{record.action} ran below no agent's span")
    if decision.reason is not None or not (decision.type or decision.chosen or decision.options):
        sheet.check("AL003", decision.reason, span, f"nothing says why {record.action} was done")
    if record.kind == "tool" and record.told_by == BY_SPAN and record.effect != Effect.EXTERNAL:
        what = f"{record.action} ({record.effect}) has no idempotency key"
        sheet.check("AL004", record.idempotency_key, span, what)


def _judged(record: AuditRecord, view: View, config: LintConfig, tools: Iterable[str]) -> Iterable[str]:
    """The tools that ran, where group 4 finds that an approval of one of them is none for this action."""
    if record.kind != "tool":
        return ()
    return tools if record.told_by != BY_SPAN or changes(view.by_id[record.span_id], config) else ()


def _approved(
    record: AuditRecord, approval: Approval, view: View, sheet: Sheet, *, others: Iterable[str]
) -> None:
    """An approval that was given: is it of this action, and of these values?"""
    span = view.by_id[record.span_id]
    asked, name = folded((approval.asked or "")[:_LONGEST]), folded(record.action[:_LONGEST])
    if approval.joined != "before" or asked == name or is_about(asked, name):
        sheet.kept("AL007")
        if isinstance(approval.details, Mapping) and isinstance(record.arguments, Mapping):
            changed = changed_since_approval(record)
            what = f"the person was shown another {', '.join(changed)} than {record.action} was done with"
            sheet.check("AL006", not changed, span, what)
    elif not any(asked == other or is_about(asked, other) for other in others):
        what = (
            f"{record.action} ran, and the person was asked about {approval.asked or 'nothing that is told'}"
        )
        sheet.broken("AL007", span, what)
