"""Made-up runs in real time, for what is counted over many of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agentops_eval.domain import SpanEvent, SpanKind, StatusCode
from agentops_eval.traces.dialects import NormalTrace, normalise
from agentops_eval.traces.reading import SourceSpan
from tests.traces.dialects._kit import Run

T0 = 1_790_000_000 * 10**9
MS = 10**6


def said(text: str) -> str:
    """A conversation of one message."""
    return json.dumps([{"role": "user", "parts": [{"type": "text", "content": text}]}])


class Live:
    """Builds one run in the conventions' words; times are milliseconds from its beginning."""

    def __init__(self, resource: Mapping[str, Any] | None = None) -> None:
        self._run = Run("made", resource=resource)

    def span(
        self,
        name: str,
        parent: SourceSpan | None = None,
        *,
        at: float = 0,
        took: float = 1,
        error: str = "",
        events: tuple[SpanEvent, ...] = (),
        kind: SpanKind = SpanKind.INTERNAL,
        **attributes: Any,
    ) -> SourceSpan:
        """A span; in the names of its attributes two underscores stand for a dot."""
        given = {key.replace("__", "."): value for key, value in attributes.items()}
        if error:
            given["error.type"] = error
        start = T0 + round(at * MS)
        return self._run.add(
            name,
            given,
            parent=parent,
            events=events,
            kind=kind,
            status=StatusCode.ERROR if error else StatusCode.UNSET,
            times=(start, start + round(took * MS)),
        )

    def agent(self, name: str = "desk", parent: SourceSpan | None = None, **more: Any) -> SourceSpan:
        """An agent's work."""
        more = {"took": 1000, **more}
        named = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": name}
        return self.span(f"invoke_agent {name}", parent, **{**named, **more})

    def llm(
        self,
        parent: SourceSpan | None = None,
        *,
        llm: str | None = "acme-1",
        tokens: tuple[Any, Any] = (100, 10),
        asks: str | None = None,
        answer: Any = None,
        **more: Any,
    ) -> SourceSpan:
        """An llm call."""
        told = {
            "gen_ai__operation__name": "chat",
            "gen_ai__provider__name": "acme",
            "gen_ai__request__model": llm,
            "gen_ai__usage__input_tokens": tokens[0],
            "gen_ai__usage__output_tokens": tokens[1],
            "gen_ai__input__messages": None if asks is None else said(asks),
            "gen_ai__output__messages": None if answer is None else json.dumps(answer),
        }
        return self.span(f"chat {llm}", parent, **{**told, **more})

    def tool(
        self, name: str, parent: SourceSpan | None = None, *, arguments: Any = None, **more: Any
    ) -> SourceSpan:
        """A tool call."""
        told = {
            "gen_ai__operation__name": "execute_tool",
            "gen_ai__tool__name": name,
            "gen_ai__tool__call__arguments": None if arguments is None else json.dumps(arguments),
        }
        return self.span(f"execute_tool {name}", parent, **{**told, **more})

    @property
    def normal(self) -> NormalTrace:
        """The run, normalised."""
        return normalise(self._run.trace)


def calls(*names: tuple[str, str], text: str = "") -> list[Any]:
    """What an llm answers that asks for tools: pairs of call id and name."""
    parts: list[Any] = [{"type": "text", "content": text}] if text else []
    parts += [{"type": "tool_call", "id": i, "name": name, "arguments": {}} for i, name in names]
    return [{"role": "assistant", "parts": parts}]
