"""One document in one of the formats, as the spans of its runs."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

from agentops_eval.domain import Json, canonical_json, to_json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.reading._model import Problems, SourceSpan
from agentops_eval.traces.reading.formats import _adk, _inspect, _messages
from agentops_eval.traces.reading.formats._kinds import Kind, format_of
from agentops_eval.traces.reading.formats._script import Complain, Script

CONVERTED = f"{sc.SCOPE}.import."
"""How the scopes of spans begin that were made here."""


class Converter:
    """Reads the documents of one file. A run's id follows from what the run holds, not from where it lies.

    Two runs that hold exactly the same are told apart by their order in the file.
    """

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._met: Counter[str] = Counter()

    def spans(self, document: Json, where: str) -> Iterator[SourceSpan]:
        """The spans of every run in a document of which ``format_of`` knows the format."""
        kind = format_of(document)
        if kind is Kind.INSPECT:
            yield from self._inspect(document, where)
        elif kind is Kind.ADK:
            yield from self._adk(document, where)
        elif kind is Kind.MESSAGES:
            bounded = to_json(document)
            script = self._script(Kind.MESSAGES, bounded, where, case=_messages.case_of(bounded))
            _messages.play_messages(bounded, script)
            yield from script.spans()

    def _inspect(self, document: Json, where: str) -> Iterator[SourceSpan]:
        log = p.obj(document)
        around = p.obj(to_json({key: value for key, value in log.items() if key != "samples"}))
        for number, value in enumerate(_inspect.samples_of(log, self._complain(where))):
            sample = p.obj(to_json(value))
            at = f"samples[{number}]"
            if not any(key in sample for key in ("messages", "events", "transcript")):
                self._complain(where)(f"{at}: passed over: no messages and no events")
                continue
            script = self._script(Kind.INSPECT, sample, where, case=_inspect.case_of(sample), at=at)
            script.agent_name = _inspect.task_of(around)
            _inspect.play_sample(around, sample, script)
            yield from self._said(script, where, at)

    def _adk(self, document: Json, where: str) -> Iterator[SourceSpan]:
        for case in _adk.cases_of(to_json(document), self._complain(where)):
            script = self._script(Kind.ADK, case.content, where, case=case.name)
            script.agent_name = _adk.agent_of(case)
            _adk.play_case(case, script)
            yield from self._said(script, where, case.at)

    def _said(self, script: Script, where: str, at: str) -> list[SourceSpan]:
        found = script.spans()
        if not found:
            self._complain(where)(f"{at}: nothing happens in it: no llm call and no tool call".lstrip(": "))
        return found

    def _script(self, kind: Kind, content: Json, where: str, *, case: str, at: str = "") -> Script:
        text = canonical_json([kind, case, content])
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        self._met[digest] += 1
        identity = hashlib.sha256(f"{digest}/{self._met[digest]}".encode()).hexdigest()[:32]
        return Script(
            scope=f"{CONVERTED}{kind}",
            trace_id=identity,
            complain=self._complain(where, at),
            case=case,
        )

    def _complain(self, where: str, at: str = "") -> Complain:
        def complain(what: str) -> None:
            self._problems.add(where, f"{at}: {what}" if at else what)

        return complain
