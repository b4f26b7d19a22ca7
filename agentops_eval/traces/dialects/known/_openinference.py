"""OpenInference: ``llm.*``, ``input.value`` and ``output.value``, kinds of spans of its own."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import Json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import _values as v
from agentops_eval.traces.dialects._common import done, executed
from agentops_eval.traces.dialects._model import Reading
from agentops_eval.traces.dialects._operations import STEP
from agentops_eval.traces.dialects._reader import Reader
from agentops_eval.traces.llm import _openai_chat
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.reading import SourceSpan

NAME = "openinference"

_KIND = "openinference.span.kind"
_KINDS = {
    "LLM": sc.CHAT,
    "AGENT": sc.INVOKE_AGENT,
    "TOOL": sc.EXECUTE_TOOL,
    "EMBEDDING": sc.EMBEDDINGS,
    "RETRIEVER": sc.RETRIEVAL,
}
_ROOT = "Agent workflow"
"""How OpenAI Agents names its root, which is no agent."""


def recognises(source: SourceSpan) -> bool:
    """A kind, a scope or the counts of OpenInference."""
    given = source.span.attributes
    return (
        _KIND in given
        or source.origin.scope.startswith("openinference.")
        or "llm.token_count.prompt" in given
        or "llm.model_name" in given
    )


def read(source: SourceSpan) -> Reading:
    """Read the span by its kind."""
    reader = Reader(source)
    kind = (reader.text(_KIND) or ("LLM" if "llm.model_name" in reader.given else "")).upper()
    about = reader.obj("metadata")
    reader.put(sc.CONVERSATION_ID, about.get("thread_id"))
    reader.ignore("input.mime_type", "output.mime_type", "tool.parameters", "user.id", "tag.tags")
    reader.ignore("llm.token_count.prompt_details.audio", "llm.token_count.completion_details.audio")
    operation = _KINDS.get(kind, STEP)
    if operation == sc.CHAT:
        _llm(reader)
    elif operation == sc.EMBEDDINGS:
        reader.put(sc.REQUEST_MODEL, reader.text("embedding.model_name", "llm.model_name"))
        reader.ignore("input.value", "output.value", prefixes=("embedding.embeddings.",))
    elif operation == sc.EXECUTE_TOOL:
        _tool(reader)
    elif operation == sc.RETRIEVAL:
        reader.put(sc.RETRIEVAL_QUERY_TEXT, reader.text("input.value"))
        reader.ignore("output.value", prefixes=("retrieval.documents.",))
    else:
        reader.ignore("input.value", "output.value", prefixes=("llm.input_messages.", "llm.output_messages."))
    if operation == sc.INVOKE_AGENT:
        return _agent(reader, about)
    reader.ignore("graph.node.id", "graph.node.parent_id")
    return done(reader, operation, step=kind.lower())


def _agent(reader: Reader, about: Mapping[str, Json]) -> Reading:
    node = reader.text("graph.node.id")
    named = reader.text("agent.name") or v.text(about.get("lc_agent_name")) or node
    name = named or reader.source.span.name.removesuffix(".run").removesuffix("._execute_core")
    if name == _ROOT:
        reader.put(sc.WORKFLOW_NAME, name)
        return done(reader, sc.INVOKE_WORKFLOW)
    reader.put(sc.AGENT_NAME, name)
    reader.put(sc.AGENTOPS_HANDOFF_SENDER, reader.text("graph.node.parent_id"))
    return done(reader, sc.INVOKE_AGENT)


def _llm(reader: Reader) -> None:
    asked, reply = reader.obj("llm.invocation_parameters"), _reply(reader.json("output.value"))
    for key, name in _openai_chat.PARAMETERS.items():
        if name in v.KINDS and asked.get(key) is not None:
            reader.put(name, asked[key])
    reader.put(sc.REQUEST_STREAM, asked.get("stream"))
    told = reader.text("llm.model_name")
    reader.put(sc.REQUEST_MODEL, v.text(asked.get("model")) or v.text(asked.get("model_name")) or told)
    reader.put(sc.RESPONSE_MODEL, v.text(reply.get("model_name")) or v.text(reply.get("model")) or told)
    reader.put(sc.RESPONSE_ID, reply.get("id"))
    reader.put(sc.RESPONSE_FINISH_REASONS, reader.raw("llm.finish_reason") or reply.get("finish_reason"))
    given, said = reader.tree("llm.input_messages."), reader.tree("llm.output_messages.")
    reader.ask(given or reader.tree("llm.prompts.") or reader.json("input.value"))
    reader.answer(said or reader.json("output.value"))
    reader.ignore("input.value", prefixes=("llm.prompts.", "llm.cost."))
    reader.define(reader.tree("llm.tools.") or asked.get("tools") or asked.get("functions"))


def _reply(value: Json) -> Mapping[str, Json]:
    """What the answer says beside its message: LangChain's metadata, or the provider's own reply."""
    whole = p.obj(value)
    about: dict[str, Json] = {
        key: whole[key] for key in ("id", "model") if "choices" in whole and key in whole
    }
    about.update(p.obj(whole.get("llm_output")))
    rows = p.arr(whole.get("generations"))
    first = p.arr(rows[0]) if rows else ()
    generation = p.obj(first[0]) if first else {}
    message = p.obj(p.obj(generation.get("message")).get("kwargs"))
    for held in (generation.get("generation_info"), message.get("response_metadata")):
        about.update(p.obj(held))
    return about


def _tool(reader: Reader) -> None:
    """Arguments may be one bare value, and the result LangChain's message around it."""
    reader.put(sc.TOOL_CALL_ID, reader.text("tool.id", "tool_call.id"))
    reader.put(sc.TOOL_NAME, reader.text("tool.name", "tool_call.function.name") or reader.source.span.name)
    executed(reader, given=reader.json("input.value"), answered=reader.raw("output.value"))
    reader.put(sc.TOOL_CALL_ARGUMENTS, reader.json("tool_call.function.arguments"))
