"""``tool_selection`` and ``tool_parameters``: whether each call is of the right tool, with right arguments.

The deterministic forms of what cloud evaluators call tool selection accuracy and tool parameter accuracy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from agentops_eval.domain import Json, Run, Scenario, ToolCall, Verdict, VerdictValue
from agentops_eval.evals import _say as say
from agentops_eval.evals._evaluator import Evaluator
from agentops_eval.evals._names import fits, is_named
from agentops_eval.evals._verdicts import check_at_least, unknown
from agentops_eval.evals.conditions import Lists, Numbers, Reading, Text
from agentops_eval.evals.tools._calls import NO_TRACE, calls_of
from agentops_eval.evals.tools._checks import Check, verdict_of
from agentops_eval.evals.tools._expected import Expected, Mode, Options, expect
from agentops_eval.evals.tools._judging import evidence
from agentops_eval.evals.tools._schemas import Schemas
from agentops_eval.traces import offered_tools


def tool_selection(expected: str | Sequence[str] | None = None, *, at_least: float = 1.0) -> Evaluator:
    """Each call is of an expected tool, and each expected tool is called; how often does not matter.

    In names ``*`` stands for anything. Without ``expected``: each call is of a tool that the llm was
    offered. The score is the F1 of precision (the share of the calls that are of an expected tool) and
    recall (the share of the expected tools that are called).
    """
    check_at_least(at_least)
    names = [expected] if isinstance(expected, str) else None if expected is None else list(expected)

    def judged(run: Run, _: Scenario) -> Verdict:
        calls = calls_of(run)
        if calls is None:
            return unknown(NO_TRACE)
        if names is not None:
            return _selected(calls, names, at_least)
        offered = offered_tools(run.trace)
        if offered is None:
            return unknown("the trace does not tell which tools were offered; name the expected ones")
        return _offered(calls, offered, at_least)

    return judged


def _selected(calls: Sequence[ToolCall], names: Sequence[str], at_least: float) -> Verdict:
    wrong = [call for call in calls if not is_named(call.name, names)]
    missing = [name for name in names if not any(fits(call.name, name) for call in calls)]
    precision = 1 - len(wrong) / len(calls) if calls else 1.0
    recall = 1 - len(missing) / len(names) if names else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    told = [f"{say.name(name)} was not called" for name in missing]
    told += [f"{name} was called, and is not expected" for name in _names(wrong)]
    shares = f"precision {say.share(precision)}, recall {say.share(recall)}, F1 {say.share(f1)}"
    return _of_share(
        f1, at_least, told, f"{say.counted(len(calls), 'call')} of expected tools", shares, wrong
    )


def _offered(calls: Sequence[ToolCall], offered: Mapping[str, Json], at_least: float) -> Verdict:
    wrong = [call for call in calls if call.name not in offered]
    right = 1 - len(wrong) / len(calls) if calls else 1.0
    told = [f"{name} was called, and was not offered" for name in _names(wrong)]
    fine = f"{say.counted(len(calls), 'call')} of tools that were offered"
    return _of_share(right, at_least, told, fine, f"{say.share(right)} of the calls", wrong)


def _of_share(
    score: float, at_least: float, told: Sequence[str], fine: str, shares: str, wrong: Iterable[ToolCall]
) -> Verdict:
    passed = score >= at_least
    bar = "" if at_least == 1 else f"; at least {at_least:g}"
    return Verdict(
        value=VerdictValue.PASS if passed else VerdictValue.FAIL,
        score=score,
        reason=f"{say.first(told, 360) or fine} ({shares}{bar})",
        evidence=evidence(wrong),
    )


def _names(calls: Iterable[ToolCall]) -> list[str]:
    return list(dict.fromkeys(say.name(call.name) for call in calls))


def tool_parameters(
    expected: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    mode: Mode = "subset",
    schemas: bool = True,
    numbers: Numbers = "equal",
    text: Text = "exact",
    lists: Lists = "ordered",
    at_least: float = 1.0,
) -> Evaluator:
    """The arguments of each call are what the tool's JSON schema asks, and what is expected of the tool.

    ``expected`` holds values and conditions by tool and argument, for every call of the tool; by
    default further arguments do not matter. The schemas are those of the tools that llms were offered,
    as the trace tells them. The score is the share of the calls whose arguments are right, of those
    that can be judged; where none can, it is unknown.
    """
    check_at_least(at_least)
    options = Options(mode=mode, reading=Reading(numbers=numbers, text=text, lists=lists))
    wanted = [
        expect(name, given, options=options, path=f"expected.{name}")
        for name, given in (expected or {}).items()
    ]

    def judged(run: Run, _: Scenario) -> Verdict:
        calls = calls_of(run)
        if calls is None:
            return unknown(NO_TRACE)
        known = Schemas((offered_tools(run.trace) or {}) if schemas else {})
        checks = [check for call in calls for check in _parameters(call, wanted, known)]
        never = [one.name for one in wanted if not any(map(one.is_of, calls))]
        checks += [Check(holds=None, text=f"{say.name(name)} was not called") for name in never]
        if not checks:
            return unknown(_nothing(calls))
        return _with_share(checks, at_least)

    return judged


def _parameters(call: ToolCall, wanted: Sequence[Expected], known: Schemas) -> Iterator[Check]:
    """One check, or none where nothing tells what the arguments should be."""
    mine = [one for one in wanted if one.is_of(call)]
    if not mine and not known.tells(call.name):
        return
    if call.arguments is None:
        text = f"the trace does not tell what {say.name(call.name)} was given"
        yield Check(holds=None, text=text, calls=(call,))
        return
    wrong = [text for one in mine for text in one.why(call)]
    found = known.complaint(call)
    if found is not None and found.holds is False:
        wrong.append(found.text)
    if wrong:
        yield Check(holds=False, text=wrong[0], calls=(call,))
    elif found is not None:
        yield found
    else:
        yield Check(holds=True)


def _nothing(calls: Sequence[ToolCall]) -> str:
    if not calls:
        return "no tool was called: there are no arguments to judge"
    return "the trace tells no schema of the tools that were called; say what is expected of them"


def _with_share(checks: Sequence[Check], at_least: float) -> Verdict:
    right = sum(check.holds is True for check in checks)
    unknown = sum(check.holds is None for check in checks)
    found = verdict_of(checks, fine=f"the arguments of {say.counted(right, 'call')} are right")
    lowest, highest = right / len(checks), (right + unknown) / len(checks)
    if lowest >= at_least:
        value = VerdictValue.PASS
    else:
        value = VerdictValue.FAIL if highest < at_least else VerdictValue.UNKNOWN
    bar = "" if at_least == 1 else f"; at least {at_least:g}"
    reason = f"{found.reason} ({right} of {len(checks)}{bar})"
    score = None if unknown else lowest
    return Verdict(value=value, score=score, reason=reason, evidence=found.evidence)
