"""Attributes of the span that the caller stands in."""

from __future__ import annotations

from opentelemetry import trace

from agentops_eval.telemetry import _values as v
from agentops_eval.traces import semconv as sc

EFFECTS = ("read", "write", "external")


def cost(amount: float | None, currency: str = "USD") -> None:
    """What this llm call cost, as the provider or your own price list says; None says nothing.

    Call it where the span of the llm call is the current one. Costs on other spans are counted again.
    """
    told = v.number(sc.AGENTOPS_COST_AMOUNT, amount, least=0)
    _put(v.merged(told, v.text(sc.AGENTOPS_COST_CURRENCY, currency)) if told else {})


def confidence(score: float | None) -> None:
    """How sure the agent is of what this span came to, from 0 to 1; None says nothing."""
    _put(v.number(sc.AGENTOPS_CONFIDENCE, score, least=0, most=1))


def attribute(
    *,
    team: str | None = None,
    tenant: str | None = None,
    task: str | None = None,
    use_case: str | None = None,
    authority: str | None = None,
) -> None:
    """Whom this span and those below it are for, and on whose authority they act."""
    _put(attribution(team=team, tenant=tenant, task=task, use_case=use_case, authority=authority))


def effect(kind: str, *, idempotency_key: str | None = None) -> None:
    """What the tool of this span does to the world: ``read``, ``write`` or ``external``."""
    if str(kind) not in EFFECTS:
        v.warn("%s left out: %.40r is none of %s", sc.AGENTOPS_TOOL_EFFECT, kind, ", ".join(EFFECTS))
        return
    key = v.text(sc.AGENTOPS_TOOL_IDEMPOTENCY_KEY, idempotency_key)
    _put(v.merged({sc.AGENTOPS_TOOL_EFFECT: str(kind)}, key))


def attribution(**given: str | None) -> dict[str, v.Value]:
    """The attributes that say whom a span is for."""
    names = {
        "team": sc.AGENTOPS_TEAM,
        "tenant": sc.AGENTOPS_TENANT,
        "task": sc.AGENTOPS_TASK,
        "use_case": sc.AGENTOPS_USE_CASE,
        "authority": sc.AGENTOPS_AUTHORITY,
    }
    return v.merged(*(v.text(names[name], value) for name, value in given.items()))


def _put(attributes: dict[str, v.Value]) -> None:
    if attributes:
        trace.get_current_span().set_attributes(attributes)
