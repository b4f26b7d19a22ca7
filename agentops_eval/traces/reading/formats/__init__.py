"""Runs out of formats that hold no spans: ADK's eval sets, inspect_ai's logs, lists of messages."""

from agentops_eval.traces.reading.formats._convert import CONVERTED, Converter
from agentops_eval.traces.reading.formats._kinds import ZIP_MAGIC, format_of, is_message, recognised

__all__ = ["CONVERTED", "ZIP_MAGIC", "Converter", "format_of", "is_message", "recognised"]
