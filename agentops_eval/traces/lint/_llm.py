"""Group 1: calls of an llm, and embeddings."""

from __future__ import annotations

import re

from agentops_eval.domain import Level, Rule, Span, StatusCode
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import failed, number_of, text_of
from agentops_eval.traces.lint._model import Group
from agentops_eval.traces.lint._sheet import Sheet
from agentops_eval.traces.lint._view import View

_MISSING = "genai_expected_attribute_missing"

RULES = (
    Rule(
        id="AL101",
        slug="llm-unknown",
        level=Level.ERROR,
        group=Group.LLM,
        title="a call names no llm",
        explanation="Neither the llm that was asked nor the one that answered is told. Such a call can be "
        "neither priced nor compared, and nobody can say which version misbehaved.",
        fix=f"set {sc.REQUEST_MODEL} and {sc.RESPONSE_MODEL} on the span",
        upstream=_MISSING,
    ),
    Rule(
        id="AL102",
        slug="provider-missing",
        level=Level.WARN,
        group=Group.LLM,
        title="a call names no provider",
        explanation="The same llm is sold by several providers, at different prices and with different "
        "filters. A framework's own name does not count as a provider.",
        fix=f"set {sc.PROVIDER_NAME}, such as openai, anthropic or aws.bedrock",
        upstream=_MISSING,
    ),
    Rule(
        id="AL103",
        slug="requested-llm-missing",
        level=Level.WARN,
        group=Group.LLM,
        title="a call does not tell which llm it asked for",
        explanation="What answered is known, what was asked for is not: a silent change by a gateway or an "
        "alias cannot be seen.",
        fix=f"set {sc.REQUEST_MODEL}",
        upstream=_MISSING,
    ),
    Rule(
        id="AL104",
        slug="answering-llm-missing",
        level=Level.WARN,
        group=Group.LLM,
        title="a call does not tell which llm answered",
        explanation="What is asked for is often an alias. The answer names the version behind it, without "
        "which a change of behaviour cannot be traced to a change of the llm.",
        fix=f"set {sc.RESPONSE_MODEL} from the answer",
        upstream=_MISSING,
    ),
    Rule(
        id="AL105",
        slug="llm-not-pinned",
        level=Level.INFO,
        group=Group.LLM,
        title="the llm that answered is named without a version",
        explanation="The name holds no date and no version number, so that another llm may stand behind it "
        "tomorrow.",
        fix="ask for a dated name, where the provider has one",
    ),
    Rule(
        id="AL106",
        slug="input-tokens-missing",
        level=Level.WARN,
        group=Group.LLM,
        title="a call does not tell its input tokens",
        explanation="Without them cost and load are unknown; unknown is not 0. Streams often lack them "
        "because the request did not ask for them.",
        fix=f"set {sc.USAGE_INPUT_TOKENS}; with OpenAI streams ask for stream_options.include_usage",
        upstream=_MISSING,
    ),
    Rule(
        id="AL107",
        slug="output-tokens-missing",
        level=Level.WARN,
        group=Group.LLM,
        title="a call does not tell its output tokens",
        explanation="As with input tokens; output is the dearer half. Embeddings have none.",
        fix=f"set {sc.USAGE_OUTPUT_TOKENS}",
        upstream=_MISSING,
    ),
    Rule(
        id="AL108",
        slug="tokens-impossible",
        level=Level.WARN,
        group=Group.LLM,
        title="the token counts of a call contradict each other",
        explanation="Input includes cached tokens and output includes reasoning, so that a part cannot be "
        "larger than its whole.",
        fix="report totals that include their parts",
    ),
    Rule(
        id="AL109",
        slug="finish-reason-missing",
        level=Level.WARN,
        group=Group.LLM,
        title="a call does not tell why the llm stopped",
        explanation="An answer that was cut off or filtered looks like any other without it.",
        fix=f"set {sc.RESPONSE_FINISH_REASONS}, a list of strings",
        upstream=_MISSING,
    ),
    Rule(
        id="AL110",
        slug="finish-reason-unknown",
        level=Level.INFO,
        group=Group.LLM,
        title="the finish reason is none of the conventions'",
        explanation="The conventions know stop, length, content_filter, tool_call, compaction and error. "
        "Spellings of the usual providers are understood; this one is not.",
        fix="map it to one of them",
    ),
    Rule(
        id="AL111",
        slug="response-id-missing",
        level=Level.INFO,
        group=Group.LLM,
        title="a call does not tell the id of its answer",
        explanation="The provider's support asks for it, and two spans of one call are recognised by it. "
        "Goldens leave it out on purpose.",
        fix=f"set {sc.RESPONSE_ID}",
        upstream=_MISSING,
    ),
    Rule(
        id="AL112",
        slug="first-chunk-missing",
        level=Level.INFO,
        group=Group.LLM,
        title="a streamed call does not tell when its first chunk came",
        explanation="With streams this is the latency that people feel. Goldens have no durations.",
        fix=f"set {sc.RESPONSE_TIME_TO_FIRST_CHUNK}, in seconds",
        upstream=_MISSING,
    ),
    Rule(
        id="AL113",
        slug="error-type-missing",
        level=Level.WARN,
        group=Group.LLM,
        title="a call failed without an error type",
        explanation="Without it a rate limit cannot be told from a refusal, nor retries judged.",
        fix=f"set {sc.ERROR_TYPE}: the status code or the exception's class",
        upstream=_MISSING,
    ),
    Rule(
        id="AL114",
        slug="error-status-missing",
        level=Level.WARN,
        group=Group.LLM,
        title="a call has an error type, and its status is no error",
        explanation="Dashboards count the status. A failure that only an attribute tells is overlooked.",
        fix="set the span's status to ERROR",
    ),
    Rule(
        id="AL115",
        slug="content-missing",
        level=Level.INFO,
        group=Group.LLM,
        title="a call does not tell what was asked and answered",
        explanation="Content capture is off, which may be meant: prompts hold personal data. Without it a "
        "run cannot be replayed, nor can its tool calls be matched with what the llm asked for.",
        fix="switch content capture on where the data may be kept",
    ),
)

_VERSION = re.compile(r"\d{4}-?\d{2}-?\d{2}|-\d{3,4}\b|@\d|:\d|-v\d|\b\d{2}-20\d{2}")
_REASONS = frozenset({"stop", "length", "content_filter", "tool_call", "compaction", "error"})


def check(view: View, sheet: Sheet) -> None:
    """Check every call."""
    for span in view.llms:
        _identity(span, sheet)
        broken = failed(span)
        if not broken:
            _answered(span, sheet, view=view, chat=view.operations[span.span_id] != sc.EMBEDDINGS)
        else:
            sheet.check("AL113", sc.ERROR_TYPE in span.attributes, span)
            sheet.check("AL114", span.status is StatusCode.ERROR, span)


def _identity(span: Span, sheet: Sheet) -> None:
    asked, answered = text_of(span, sc.REQUEST_MODEL), text_of(span, sc.RESPONSE_MODEL)
    sheet.check("AL101", asked or answered, span)
    sheet.check("AL102", text_of(span, sc.PROVIDER_NAME), span)
    if answered:
        sheet.check("AL103", asked, span)
        pinned = _VERSION.search(answered[:200]) is not None
        sheet.check("AL105", pinned, span, f"{answered} is a name without a version")


def _answered(span: Span, sheet: Sheet, *, view: View, chat: bool) -> None:
    given = span.attributes
    if sc.REQUEST_MODEL in given:
        sheet.check("AL104", sc.RESPONSE_MODEL in given, span)
    sheet.check("AL106", sc.USAGE_INPUT_TOKENS in given, span)
    _counts(span, sheet)
    if not chat:
        return
    sheet.check("AL107", sc.USAGE_OUTPUT_TOKENS in given, span)
    reasons = given.get(sc.RESPONSE_FINISH_REASONS)
    sheet.check("AL109", reasons, span)
    if isinstance(reasons, tuple):
        strange = [str(one) for one in reasons if one not in _REASONS]
        sheet.check(
            "AL110", not strange, span, f"finish reason {', '.join(strange)} is none of the conventions'"
        )
    sheet.check("AL115", sc.INPUT_MESSAGES in given and sc.OUTPUT_MESSAGES in given, span)
    if not view.logical:
        sheet.check("AL111", sc.RESPONSE_ID in given, span)
        if given.get(sc.REQUEST_STREAM) is True:
            sheet.check("AL112", sc.RESPONSE_TIME_TO_FIRST_CHUNK in given, span)


def _counts(span: Span, sheet: Sheet) -> None:
    for part, whole in (
        (sc.USAGE_CACHE_READ, sc.USAGE_INPUT_TOKENS),
        (sc.USAGE_CACHE_CREATION, sc.USAGE_INPUT_TOKENS),
        (sc.USAGE_REASONING, sc.USAGE_OUTPUT_TOKENS),
    ):
        some, all_of_it = number_of(span, part), number_of(span, whole)
        if some is not None and all_of_it is not None:
            sheet.check("AL108", some <= all_of_it, span, f"{part} is {some}, {whole} only {all_of_it}")
