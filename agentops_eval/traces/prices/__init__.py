"""Prices: what a trace tells, a team's own table, a public table, and what holds where none knows."""

from agentops_eval.traces.prices._pricing import Pricing, UnknownLlm
from agentops_eval.traces.prices._table import LlmPrice, PriceTable, read_table

__all__ = ["LlmPrice", "PriceTable", "Pricing", "UnknownLlm", "read_table"]
