"""The rules of trace lint as an evaluator."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import ConfigInvalid, Level, Run, Scenario, Verdict
from agentops_eval.evals._evaluator import Evaluator


def lint(
    ignore: list[str] | None = None,
    *,
    select: list[str] | None = None,
    levels: Mapping[str, Level] | None = None,
    destructive_tools: list[str] | None = None,
    allowed_keys: list[str] | None = None,
    fail_on: Level = Level.ERROR,
) -> Evaluator:
    """No finding of trace lint is as bad as ``fail_on``.

    Rules are named by id, slug, or the beginning of an id (``AL4``): ``ignore`` leaves some out, ``select``
    takes only some, ``levels`` gives some another level. ``destructive_tools`` and ``allowed_keys`` are
    names that lint is told of, ``*`` standing for anything. Unknown of a run without spans. Raises
    ValueError for a rule that does not exist.
    """
    from agentops_eval.traces.lint import LintConfig, levels_of, verdict

    config = LintConfig(
        select=tuple(select or ()),
        ignore=tuple(ignore or ()),
        levels=levels or {},
        destructive_tools=tuple(destructive_tools or ()),
        allowed_keys=tuple(allowed_keys or ()),
    )
    try:
        levels_of(config)
    except ConfigInvalid as error:
        raise ValueError(f"{error.what}; {error.remedy}") from None

    def evaluator(run: Run, scenario: Scenario) -> Verdict:
        return verdict(run.trace, config=config, fail_on=fail_on)

    return evaluator
