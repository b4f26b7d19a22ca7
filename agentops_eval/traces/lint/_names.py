"""Span names over all runs: those that hold ids are found by the many that differ in a number only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from agentops_eval.domain import Span
from agentops_eval.traces.reading import SourceSpan

MOST_NAMES = 10
"""So many names of one form are still taken for names."""

_MOST_FORMS = 10_000
_LONGEST = 200
_VARIES = re.compile(r"(?=[0-9a-f-]*\d)[0-9a-f]{8}(?:-?[0-9a-f]{4,})*|\d+", re.IGNORECASE)


@dataclass(slots=True)
class _Form:
    first: tuple[Span, str]
    names: set[str] = field(default_factory=set)


class Names:
    """The names met so far, by their form. Memory is bounded, whatever the number of spans."""

    def __init__(self) -> None:
        self._forms: dict[str, _Form] = {}
        self._plain: set[str] = set()

    def add(self, sources: Iterable[SourceSpan]) -> None:
        """Take the names of a run."""
        for source in sources:
            name = source.span.name[:_LONGEST]
            if name in self._plain:
                continue
            form = _VARIES.sub("#", name)
            if form == name:
                if len(self._plain) < _MOST_FORMS:
                    self._plain.add(name)
                continue
            found = self._forms.get(form)
            if found is None:
                if len(self._forms) >= _MOST_FORMS:
                    continue
                found = self._forms[form] = _Form(first=(source.span, source.origin.where))
            if len(found.names) < MOST_NAMES:
                found.names.add(name)

    def unbounded(self) -> Iterator[tuple[Span, str, str]]:
        """The forms with too many names: a span that has one, where it stands, and what is wrong."""
        for form, found in sorted(self._forms.items()):
            if len(found.names) >= MOST_NAMES:
                span, where = found.first
                yield (
                    span,
                    where,
                    f"{MOST_NAMES} span names and more of the form {form}, such as {span.name[:_LONGEST]}",
                )
