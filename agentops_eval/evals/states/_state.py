"""The end state: what the world holds when the agent is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentops_eval.domain import Json, Run, Scenario, Verdict
from agentops_eval.evals._evaluator import Evaluator
from agentops_eval.evals._json_diff import differences
from agentops_eval.evals._names import fits
from agentops_eval.evals._paths import path_of, without
from agentops_eval.evals._verdicts import failing, listed, passing, unknown
from agentops_eval.evals.states._match import Extent, Rules, mismatches, refuse_unmeant


def state(
    expected: Mapping[str, Json] | None = None,
    *,
    unchanged: bool | list[str] = False,
    ignore: list[str] | None = None,
    rows: Extent = "subset",
    fields: Extent = "subset",
) -> Evaluator:
    """The world holds what is ``expected``: tables with rows, files with their content, or any JSON.

    A list of mappings is rows: each has one of its own in the world, in any order, and names the fields
    that matter. ``rows: exact`` admits no other rows, ``fields: exact`` no other fields. A value may be a
    condition (``{contains: text}``, ``{between: [1, 9]}``), or ``{absent: true}``, ``{exists: true}`` or
    ``{count: n}``. ``unchanged`` names what must be as it was at the beginning (patterns; true: everything
    that is not expected to be something). ``ignore`` holds paths (``orders[*].updated_at``) that count
    nowhere. Unknown where nobody knows the end state, or the beginning of what is to be unchanged. Raises
    ValueError for a path or a condition that is none, or where nothing is expected.
    """
    if expected is None and not unchanged:
        raise ValueError("say what the world should hold, or what is unchanged")
    paths = [path_of(one) for one in ignore or []]
    rules = Rules(rows=rows, fields=fields)
    wanted = without(expected or {}, paths)
    refuse_unmeant(wanted)

    def evaluator(run: Run, scenario: Scenario) -> Verdict:
        if run.state is None:
            return unknown("nobody knows what the world held at the end")
        found = without(run.state, paths)
        wrong = [*mismatches(wanted, found, rules)]
        began = without(run.state_before, paths)
        kept = _unchanged(found, began, unchanged, expected or {})
        wrong += kept if isinstance(kept, list) else []
        if wrong:
            return failing(listed(wrong))
        return unknown(kept) if isinstance(kept, str) else passing("the world is as expected")

    return evaluator


def _unchanged(
    found: Json,
    began: Json,
    names: bool | list[str],  # noqa: FBT001  # as the file says it
    expected: Mapping[str, Json],
) -> list[str] | str:
    """What changed although it should not, or what is missing to tell."""
    if not names:
        return []
    if not isinstance(found, Mapping) or not isinstance(began, Mapping):
        return "nobody knows what the world held at the beginning, so nothing is known to be unchanged"
    both = {**began, **found}
    patterns = [name for name in both if name not in expected] if names is True else names
    unmet = [one for one in patterns if names is not True and not _fitting(one, [*both])]
    if unmet:
        return f"the world holds nothing that is called {', '.join(unmet)}: nothing is known to be unchanged"
    chosen = dict.fromkeys(
        name for one in patterns for name in ([one] if names is True else _fitting(one, [*both]))
    )
    wrong: list[str] = []
    for name in chosen:
        if name not in found or name not in began:
            wrong.append(f"{name} {'is new' if name in found else 'is gone'}, and should be unchanged")
            continue
        changed = differences(began[name], found[name], ignore_order=False)
        wrong += [f"{name} should be unchanged: {changed[0]}{_more(changed)}"] if changed else []
    return wrong


def _fitting(pattern: str, names: Sequence[str]) -> list[str]:
    return [name for name in names if fits(name, pattern)]


def _more(lines: Sequence[str]) -> str:
    return f"; and {len(lines) - 1} more" if len(lines) > 1 else ""
