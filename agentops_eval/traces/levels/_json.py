"""Service levels as JSON, for scripts: what is unknown is null, money is decimal text."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import Json
from agentops_eval.traces._error_class import ErrorClass
from agentops_eval.traces._money import usd_text
from agentops_eval.traces.levels._bill import Bill
from agentops_eval.traces.levels._model import Endings, Row, ServiceLevels, ToolLevels
from agentops_eval.traces.levels._quantiles import Quantiles


def levels_json(levels: ServiceLevels) -> dict[str, Json]:
    """The keys are those of docs/reference/cli.md, ``trace stats``."""
    waste = levels.waste
    return {
        "runs": levels.endings.runs,
        "endings": _endings(levels.endings),
        "success_rate": levels.endings.success_rate,
        "total": _bill(levels.bill),
        "cost_per_success_usd": usd_text(levels.cost_per_success),
        "tokens_per_run": _quantiles(levels.tokens_per_run),
        "latency_ms": {kind: _quantiles(found) for kind, found in levels.latency_ms.items()},
        "first_chunk_ms": _quantiles(levels.first_chunk_ms),
        "errors": {kind: _errors(found) for kind, found in levels.errors.items()},
        "tools": [_tool(tool) for tool in levels.tools],
        "waste": {
            "llm_retries": waste.llm_retries,
            "tool_retries": waste.tool_retries,
            "lost": _bill(waste.lost),
        },
        "unpriced": dict(levels.unpriced),
        "without_clock": levels.without_clock,
        "groups": [{"by": name, "rows": [_row(row) for row in rows]} for name, rows in levels.groups.items()],
    }


def _endings(found: Endings) -> Json:
    return {
        "completed": found.completed,
        "failed": found.failed,
        "infrastructure": found.infrastructure,
        "unknown": found.unknown,
    }


def _bill(bill: Bill) -> Json:
    return {
        "llm_calls": bill.llm_calls,
        "failed_llm_calls": bill.failed_llm_calls,
        "tool_calls": bill.tool_calls,
        "input_tokens": bill.input_tokens,
        "output_tokens": bill.output_tokens,
        "cache_read_tokens": bill.cache_read_tokens,
        "cost_usd": usd_text(bill.cost),
        "without_usage": bill.without_usage,
        "without_cost": bill.without_cost,
        "cost_sources": dict(bill.sources),
    }


def _quantiles(found: Quantiles) -> Json:
    return {
        "n": found.n,
        "unknown": found.unknown,
        "p50": found.p50,
        "p95": found.p95,
        "p99": found.p99,
        "exact": found.exact,
    }


def _errors(found: Mapping[ErrorClass, int]) -> Json:
    return {str(error): found.get(error, 0) for error in ErrorClass}


def _tool(tool: ToolLevels) -> Json:
    return {
        "name": tool.name,
        "calls": tool.calls,
        "failed": tool.failed,
        "errors": _errors(tool.errors),
        "reliability": tool.reliability,
        "retries": tool.retries,
        "latency_ms": _quantiles(tool.latency_ms),
    }


def _row(row: Row) -> Json:
    return {
        "value": row.value,
        "endings": None if row.endings is None else _endings(row.endings),
        "success_rate": None if row.endings is None else row.endings.success_rate,
        "total": _bill(row.bill),
        "cost_per_success_usd": usd_text(row.cost_per_success),
        "latency_ms": _quantiles(row.latency_ms),
    }
