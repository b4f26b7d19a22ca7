"""A review as JSON for scripts. What is unknown is null."""

from __future__ import annotations

from decimal import Decimal

from agentops_eval.domain import AgentMonth, Json, MonthReview, SheetLine, SpendChange, Spent
from agentops_eval.operations._json import drift_json, forecast_json, status_json
from agentops_eval.operations._review_sheet import change_of


def review_json(review: MonthReview) -> dict[str, Json]:
    """The review for scripts: money is decimal text, what is unknown is null."""
    return {
        "month": review.month,
        "former": review.former,
        "runs": review.runs,
        "runs_before": review.runs_before,
        "spent": _spent_json(review.spent),
        "spent_before": _spent_json(review.spent_before),
        "change_usd": _usd(change_of(review)),
        "agents": [_agent_json(one) for one in review.agents],
        "changes": [_change_json(one) for one in review.changes],
        "objectives": [status_json(one) for one in review.statuses],
        "incidents": [
            {"kind": name, "before": before, "after": after}
            for name, (before, after) in review.incidents.items()
        ],
        "drift": [drift_json(one) for one in review.drifts],
        "forecast": None if review.forecast is None else forecast_json(review.forecast),
        "steps": [
            {
                "do": _text(one.do),
                "shown_by": _text(one.shown_by),
                "command": one.command,
                "risk": one.risk,
                "usd": _usd(one.usd),
            }
            for one in review.steps
        ],
    }


def _change_json(one: SpendChange) -> Json:
    return {
        "agent": one.agent,
        "llm": one.llm,
        "before_usd": _usd(one.before),
        "after_usd": _usd(one.after),
        "change_usd": _usd(one.change),
        "volume_usd": _usd(one.volume),
        "tokens_usd": _usd(one.tokens),
        "price_usd": _usd(one.price),
        "unsplit_usd": _usd(one.unsplit),
    }


def _agent_json(one: AgentMonth) -> Json:
    return {
        "agent": one.agent,
        "runs": one.runs,
        "failed": one.failed,
        "spent": _spent_json(one.spent),
        "lost": _spent_json(one.lost),
        "failed_spent": _spent_json(one.failed_spent),
        "llms": [{"llm": use.llm, "tokens": use.tokens, "spent": _spent_json(use.spent)} for use in one.llms],
        "tools": [
            {"tool": tool.tool, "calls": tool.calls, "failed": tool.failed, "retried": tool.retried}
            for tool in one.tools
        ],
    }


def _spent_json(spent: Spent) -> Json:
    return {
        "usd": _usd(spent.whole),
        "known_usd": _usd(spent.usd),
        "calls": spent.calls,
        "unknown": spent.unknown,
    }


def _usd(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _text(line: SheetLine) -> str:
    return "".join(piece.text for piece in line)
