"""``tools``: the calls of a run against the expected ones, call by call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from agentops_eval.domain import Run, Scenario, Verdict
from agentops_eval.evals._evaluator import Evaluator
from agentops_eval.evals._names import fits, is_named
from agentops_eval.evals._verdicts import unknown
from agentops_eval.evals.conditions import Lists, Numbers, Reading, Text
from agentops_eval.evals.tools._align import Order, check_order
from agentops_eval.evals.tools._calls import NO_TRACE, calls_of
from agentops_eval.evals.tools._expected import Expected, Mode, Options, expect
from agentops_eval.evals.tools._judging import judge_calls


class ExpectedCall(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One expected call, as a file says it. Where ``arguments`` are left out, they do not matter."""

    name: str
    arguments: Any = msgspec.UNSET
    mode: Mode | None = None
    numbers: Numbers | None = None
    text: Text | None = None
    lists: Lists | None = None


class ToolOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the arguments of one tool are compared. ``only`` names those that are, where not all are."""

    mode: Mode | None = None
    only: Sequence[str] | None = None
    numbers: Numbers | None = None
    text: Text | None = None
    lists: Lists | None = None


PerTool: TypeAlias = Mapping[str, Mode | Sequence[str] | ToolOptions]
"""By tool: a mode, the names of the arguments that are compared, or all options."""


def tools(
    expected: str | Sequence[str | ExpectedCall],
    *,
    order: Order = "in_order",
    arguments: Mode = "exact",
    numbers: Numbers = "equal",
    text: Text = "exact",
    lists: Lists = "ordered",
    per_tool: PerTool | None = None,
    without: Sequence[str] = (),
    at_least: float | None = None,
) -> Evaluator:
    """The expected calls were made.

    By default in this order, each argument as it is said, with other calls allowed between them. An
    empty list says that no tool is called. ``without`` names tools whose calls are left out, ``*``
    stands for anything. ``at_least`` passes a partial match from that score upwards: recall where
    other calls are allowed, precision in a subset, else F1.
    """
    check_order(order)
    base = Options(mode=arguments, reading=Reading(numbers=numbers, text=text, lists=lists))
    by_tool = {name: _of_tool(base, given) for name, given in (per_tool or {}).items()}
    wanted = tuple(
        _expected(one, base, by_tool, f"expected[{number}]")
        for number, one in enumerate([expected] if isinstance(expected, str) else expected)
    )
    if at_least is not None:
        judge_calls((), (), order=order, at_least=at_least)  # what is wrong with it is said at once

    def judged(run: Run, _: Scenario) -> Verdict:
        calls = calls_of(run)
        if calls is None:
            return unknown(NO_TRACE)
        seen = [call for call in calls if not is_named(call.name, without)] if without else calls
        return judge_calls(seen, wanted, order=order, at_least=at_least)

    return judged


def _expected(one: str | ExpectedCall, base: Options, by_tool: Mapping[str, Options], path: str) -> Expected:
    given = ExpectedCall(name=one) if isinstance(one, str) else one
    options = next((found for name, found in by_tool.items() if fits(given.name, name)), base)
    options = _changed(options, given)
    told = given.arguments is not msgspec.UNSET
    return expect(given.name, given.arguments, options=options, path=f"{path}.arguments", told=told)


def _of_tool(base: Options, given: Mode | Sequence[str] | ToolOptions) -> Options:
    if isinstance(given, ToolOptions):
        only = None if given.only is None else tuple(given.only)
        changed = _changed(base, given)
        return Options(mode=changed.mode, reading=changed.reading, only=only)
    if isinstance(given, str):
        return Options(mode=given, reading=base.reading)  # type: ignore[arg-type]  # Options checks it
    return Options(mode="subset", reading=base.reading, only=tuple(given))


def _changed(base: Options, given: ExpectedCall | ToolOptions) -> Options:
    if not given.mode and not given.numbers and given.text is None and not given.lists:
        return base
    reading = base.reading
    return Options(
        mode=given.mode or base.mode,
        only=base.only,
        reading=Reading(
            numbers=given.numbers or reading.numbers,
            text=reading.text if given.text is None else given.text,
            lists=given.lists or reading.lists,
        ),
    )
