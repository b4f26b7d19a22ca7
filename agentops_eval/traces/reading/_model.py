"""What is read from traces that were made elsewhere, and what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agentops_eval.domain import Attribute, Span
from agentops_eval.traces.redaction import Redactor

MOST_KEPT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who emitted a span: the resource, and the instrumentation scope with its version.

    ``where`` is the file that it was read from, with its line; it does not tell two origins apart.
    """

    resource: Mapping[str, Attribute] = field(default_factory=dict)
    scope: str = ""
    scope_version: str = ""
    schema_url: str = ""
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpan:
    """A span as it was emitted, with its origin. Log records that belong to it are events of it."""

    span: Span
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTrace:
    """All spans of one trace id, in order of their start; ``spans`` is never empty.

    ``repeated`` holds ids that a second, different span had as well; that span was left out.
    """

    trace_id: str
    spans: tuple[SourceSpan, ...]
    repeated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was passed over: where it stands, and what is wrong with it."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class Problems:
    """The problems met so far; the first thousand are kept, all are counted.

    ``redact`` takes secrets out of what a file holds before it is repeated; well-known ones by default.
    """

    def __init__(self, redact: Callable[[str], str] | None = None) -> None:
        self._redact = Redactor().text if redact is None else redact
        self.kept: list[Problem] = []
        self.count = 0

    def add(self, where: str, what: str) -> None:
        """Take a note."""
        self.count += 1
        if len(self.kept) < MOST_KEPT:
            self.kept.append(Problem(where, self._redact(what)))
