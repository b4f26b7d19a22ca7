"""``no_loops``: an agent that does, or says, the same again and again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentops_eval.domain import Run, Scenario, Span, ToolCall, Trace, Verdict
from agentops_eval.evals import _say as say
from agentops_eval.evals._evaluator import Evaluator
from agentops_eval.evals._names import is_named
from agentops_eval.evals._verdicts import unknown
from agentops_eval.evals.tools._calls import NO_TRACE, calls_of
from agentops_eval.evals.tools._checks import Check, shown, verdict_of
from agentops_eval.evals.tools._cycles import longest_cycle
from agentops_eval.evals.tools._identity import identity
from agentops_eval.traces import Said, said_by_llms
from agentops_eval.traces import semconv as sc

LONGEST_CYCLE = 32
_LONGEST_TEXT = 4_000


def no_loops(
    repeats: int = 3,
    *,
    allow: Sequence[str] = (),
    leaving_out: Sequence[str] = (),
    names_only: bool = False,
    similar: float | None = 0.85,
) -> Evaluator:
    """Nothing goes round ``repeats`` times.

    Four things are looked at: the same call, wherever it stands; calls that come round in the same
    order (with ``names_only`` whatever their arguments, which finds loops that change a little each
    time); an agent or tool that is entered again within itself; and an llm that says nearly the same
    in one answer after the other (``similar`` is a share of equal characters, None looks at none).
    ``allow`` names tools that may be called again, such as one that is polled; ``leaving_out`` names
    arguments that differ without meaning, such as a request's id.
    """
    if repeats < 2:
        raise ValueError(f"repeats is {repeats}: a loop has two rounds at least")
    if similar is not None and not 0 < similar <= 1:
        raise ValueError(f"similar is {similar:g}; it is a share above 0, and 1 at most, or null")
    left_out = frozenset(leaving_out)

    def judged(run: Run, _: Scenario) -> Verdict:
        calls = calls_of(run)
        if calls is None:
            return unknown(NO_TRACE)
        numbered = [
            _Numbered(
                number=number,
                call=call,
                key=call.name if names_only else identity(call, leaving_out=left_out),
            )
            for number, call in enumerate(calls, start=1)
            if not is_named(call.name, allow)
        ]
        checks = [*_round(numbered, repeats, names_only=names_only)]
        checks += [] if names_only else [*_repeated(numbered, repeats, told=bool(checks))]
        others = [*_entered(run.trace, repeats)]
        others += [] if similar is None else _echoes(said_by_llms(run.trace), repeats, similar)
        score = 0.0 if others else _score(checks, len(calls))
        return verdict_of([*checks, *others], fine=f"{say.counted(len(calls), 'call')}, no loop", score=score)

    return judged


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbered:
    number: int
    call: ToolCall
    key: str | None


def _score(checks: Sequence[Check], calls: int) -> float:
    """The share of the calls that are in no loop."""
    looping = {id(call) for check in checks if check.holds is False for call in check.calls}
    return 1 - len(looping) / calls if calls else 1.0


def _round(calls: Sequence[_Numbered], repeats: int, *, names_only: bool) -> Iterator[Check]:
    found = longest_cycle([one.key for one in calls], rounds=repeats, longest=LONGEST_CYCLE)
    if found is None:
        return
    first, last = calls[found.start], calls[found.start + found.length - 1]
    looped = tuple(one.call for one in calls[found.start : found.start + found.length])
    names = say.listed((say.name(call.name) for call in looped[: found.period]), last="and")
    what = shown(first.call) if found.period == 1 and not names_only else names
    verb = "was called" if found.period == 1 else "went round"
    text = f"{what} {verb} {say.times(found.rounds)} in a row (calls {first.number} to {last.number})"
    yield Check(holds=False, text=text, calls=looped)


def _repeated(calls: Sequence[_Numbered], repeats: int, *, told: bool) -> Iterator[Check]:
    """Calls that are the same; ``told`` is whether a cycle was found, which is told instead."""
    same: dict[str, list[_Numbered]] = {}
    untold: dict[str, list[_Numbered]] = {}
    for one in calls:
        if one.key is None:
            untold.setdefault(one.call.name, []).append(one)
        else:
            same.setdefault(one.key, []).append(one)
    for found in same.values():
        if len(found) >= repeats and not told:
            where = say.listed((str(one.number) for one in found), last="and")
            text = f"{shown(found[0].call)} was called {say.times(len(found))} (calls {where})"
            yield Check(holds=False, text=text, calls=tuple(one.call for one in found))
    for name, alike in untold.items():
        most = max((len(one) for one in same.values() if one[0].call.name == name), default=0)
        if len(alike) + most >= repeats:
            text = f"{say.name(name)} may be in a loop: the trace does not tell its arguments"
            yield Check(holds=None, text=text, calls=tuple(one.call for one in alike))


def _entered(trace: Trace, repeats: int) -> Iterator[Check]:
    """Agents and tools that are entered within themselves, by a walk over the tree."""
    children: dict[str, list[Span]] = {}
    ids = {span.span_id for span in trace.spans}
    for span in trace.spans:
        children.setdefault(span.parent_id if span.parent_id in ids else "", []).append(span)
    within: dict[tuple[str, str], int] = {}
    told: set[tuple[str, str]] = set()
    seen: set[str] = set()
    waiting: list[tuple[Span, bool]] = [(span, True) for span in reversed(children.get("", []))]
    while waiting:
        span, entering = waiting.pop()
        key = _entry(span)
        if not entering:
            within[key] -= 1
            continue
        if span.span_id in seen:
            continue
        seen.add(span.span_id)
        within[key] = within.get(key, 0) + 1
        if key[1] and within[key] >= repeats and key not in told:
            told.add(key)
            yield Check(
                holds=False,
                text=f"{say.name(key[1])} was entered {say.times(within[key])} within itself",
                calls=(ToolCall(name=key[1], span_id=span.span_id),),
            )
        waiting.append((span, False))
        waiting += [(child, True) for child in reversed(children.get(span.span_id, []))]


def _entry(span: Span) -> tuple[str, str]:
    names: Mapping[str, str] = {sc.INVOKE_AGENT: sc.AGENT_NAME, sc.EXECUTE_TOOL: sc.TOOL_NAME}
    operation = str(span.attributes.get(sc.OPERATION_NAME, ""))
    named = span.attributes.get(names.get(operation, ""))
    return operation, named if isinstance(named, str) else ""


def _echoes(said: Sequence[Said], repeats: int, similar: float) -> Iterator[Check]:
    """Answers of one agent that are nearly the same, one after the other."""
    from rapidfuzz import fuzz

    of_agent: dict[str, list[Said]] = {}
    for one in said:
        of_agent.setdefault(one.span.parent_id, []).append(one)
    for texts in of_agent.values():
        run = [texts[0]]
        for one in texts[1:]:
            left, right = run[-1].text[:_LONGEST_TEXT], one.text[:_LONGEST_TEXT]
            alike = fuzz.ratio(left, right, score_cutoff=100 * similar) > 0
            run = [*run, one] if alike else [one]
            if len(run) == repeats:
                text = f"the llm said nearly the same {say.times(repeats)} in a row: {say.value(one.text)}"
                about = tuple(ToolCall(name="", span_id=each.span.span_id) for each in run)
                yield Check(holds=False, text=text, calls=about)
                break
