"""Traces: derived from events, kept as goldens, compared, and shown.

Everything is imported on first use, so that whoever needs only the table of names pays for nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentops_eval.traces._answered import Told, answered_calls
    from agentops_eval.traces._attributes import failed
    from agentops_eval.traces._codings import CODINGS, BodyState, is_packed, unpack
    from agentops_eval.traces._cost import Price, Pricer, cost_of, price_of, table_date
    from agentops_eval.traces._derive import Derived, Observation, derive, derived, observe
    from agentops_eval.traces._diverge import (
        diverge,
        divergence_head,
        divergence_sides,
        render_divergence,
    )
    from agentops_eval.traces._draft_scenario import draft_scenario
    from agentops_eval.traces._elide import same
    from agentops_eval.traces._excerpt import clipped, elide_text, quoted
    from agentops_eval.traces._files import PARTIAL_SUFFIX, place_new, replacing, write_new, write_whole
    from agentops_eval.traces._full import content_of, full_lines
    from agentops_eval.traces._golden import (
        GOLDEN_SUFFIX,
        LOOK_AROUND,
        Golden,
        golden_bytes,
        golden_files,
        read_golden,
        write_golden,
    )
    from agentops_eval.traces._kinds import FileKind, is_or_was, kind_at, kind_of
    from agentops_eval.traces._normal import canonical
    from agentops_eval.traces._placeholder import PLACEHOLDER, PLACEHOLDER_BYTES, SECRET
    from agentops_eval.traces._rename import case_and_agent, retitled_trace
    from agentops_eval.traces._said import Said, said_by_llms
    from agentops_eval.traces._sketch import Repetitions, Sketch, sketch
    from agentops_eval.traces._spans import took_ns
    from agentops_eval.traces._spend import spend_of
    from agentops_eval.traces._steps import Step, steps_of
    from agentops_eval.traces._summary import conversations_of, known_cost, summary_json
    from agentops_eval.traces._synthesise import LLM_BOUNDARY, Synthesis, synthesise
    from agentops_eval.traces._text import printable
    from agentops_eval.traces._tool_calls import offered_tools, tool_calls_of
    from agentops_eval.traces._view import ViewRow, ViewTotals, calls_json, view_rows, view_totals
    from agentops_eval.traces.llm import LlmCall, Message, Usage, parse_llm_call

_HOMES = {
    "_answered": "Told answered_calls",
    "_attributes": "failed",
    "_codings": "CODINGS BodyState is_packed unpack",
    "_cost": "Price Pricer cost_of price_of table_date",
    "_derive": "Derived Observation derive derived observe",
    "_diverge": "diverge divergence_head divergence_sides render_divergence",
    "_draft_scenario": "draft_scenario",
    "_elide": "same",
    "_excerpt": "clipped elide_text quoted",
    "_files": "PARTIAL_SUFFIX place_new replacing write_new write_whole",
    "_full": "content_of full_lines",
    "_golden": "GOLDEN_SUFFIX LOOK_AROUND Golden golden_bytes golden_files read_golden write_golden",
    "_kinds": "FileKind is_or_was kind_at kind_of",
    "_normal": "canonical",
    "_placeholder": "PLACEHOLDER PLACEHOLDER_BYTES SECRET",
    "_rename": "case_and_agent retitled_trace",
    "_said": "Said said_by_llms",
    "_sketch": "Repetitions Sketch sketch",
    "_spans": "took_ns",
    "_spend": "spend_of",
    "_steps": "Step steps_of",
    "_summary": "conversations_of known_cost summary_json",
    "_synthesise": "LLM_BOUNDARY Synthesis synthesise",
    "_text": "printable",
    "_tool_calls": "offered_tools tool_calls_of",
    "_view": "ViewRow ViewTotals calls_json view_rows view_totals",
    "llm": "LlmCall Message Usage parse_llm_call",
}
"""Where each public name lives, by module."""

__all__ = [
    "CODINGS",
    "GOLDEN_SUFFIX",
    "LLM_BOUNDARY",
    "LOOK_AROUND",
    "PARTIAL_SUFFIX",
    "PLACEHOLDER",
    "PLACEHOLDER_BYTES",
    "SECRET",
    "BodyState",
    "Derived",
    "FileKind",
    "Golden",
    "LlmCall",
    "Message",
    "Observation",
    "Price",
    "Pricer",
    "Repetitions",
    "Said",
    "Sketch",
    "Step",
    "Synthesis",
    "Told",
    "Usage",
    "ViewRow",
    "ViewTotals",
    "answered_calls",
    "calls_json",
    "canonical",
    "case_and_agent",
    "clipped",
    "content_of",
    "conversations_of",
    "cost_of",
    "derive",
    "derived",
    "diverge",
    "divergence_head",
    "divergence_sides",
    "draft_scenario",
    "elide_text",
    "failed",
    "full_lines",
    "golden_bytes",
    "golden_files",
    "is_or_was",
    "is_packed",
    "kind_at",
    "kind_of",
    "known_cost",
    "observe",
    "offered_tools",
    "parse_llm_call",
    "place_new",
    "price_of",
    "printable",
    "quoted",
    "read_golden",
    "render_divergence",
    "replacing",
    "retitled_trace",
    "said_by_llms",
    "same",
    "sketch",
    "spend_of",
    "steps_of",
    "summary_json",
    "synthesise",
    "table_date",
    "took_ns",
    "tool_calls_of",
    "unpack",
    "view_rows",
    "view_totals",
    "write_golden",
    "write_new",
    "write_whole",
]
_PLACES = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    home = _PLACES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
