"""What is looked for about money: whether llms have prices, and whether it is said who pays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from agentops_eval.domain import Span
from agentops_eval.harness._pricing import pricing_of
from agentops_eval.harness.evidencing._looks import Look, Project, many
from agentops_eval.harness.evidencing._of_traces import ATTRIBUTED
from agentops_eval.traces import semconv as sc

_ASKED = {sc.USAGE_INPUT_TOKENS: 1, sc.USAGE_OUTPUT_TOKENS: 1}
_NAMED = 5


def _prices(project: Project) -> Look:
    """Each llm that a golden names is asked for its price: for one token in and out, as of the call.

    Goldens that call tools, and nothing that could be an llm, leave no price to be known.
    """
    goldens = project.goldens
    if project.tools and all(goldens.values()) and not project.paid:
        says = f"none of {len(goldens)} goldens calls an llm: there is nothing to pay"
        return Look(passed=True, says=says, files=tuple(goldens), covered=1.0)
    price = pricing_of(project.settings, project.root)
    without = sorted(name for name, span in project.llms.items() if price.listed(_priceable(span)) is None)
    of = len(project.llms)
    lacking = f"; none has {', '.join(without[:_NAMED])}" if without else ""
    return Look(
        passed=not without if of else None,
        says=f"{many(of - len(without), of)} llms of the goldens have a price{lacking}",
        files=tuple(goldens),
        covered=(of - len(without)) / of if of else None,
    )


def _priceable(span: Span) -> Span:
    return replace(span, attributes={**span.attributes, **_ASKED})


def _attribution(project: Project) -> Look:
    """Who pays is said in the inventory, or by attributes that the settings name for calls."""
    told = [name for name in ATTRIBUTED if (project.settings.attribution or {}).get(name)]
    agents = project.inventory.values()
    paid = [one for one in agents if one.payer or told]
    mine = [one for one in paid if project.agent in ("", one.name)]
    by = f", {', '.join(told)} by attributes of their calls" if told else ""
    return Look(
        passed=bool(mine or told) or None,
        says=f"{many(len(paid), len(agents))} agents have a payer{by}",
        covered=len(paid) / len(agents) if agents else None,
    )


COST_LOOKS: Mapping[str, Callable[[Project], Look]] = {"attribution": _attribution, "prices": _prices}
"""By the subject of the evidence."""
