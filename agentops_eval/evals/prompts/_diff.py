"""Two versions of a prompt: what changed in words, variables, parameters and tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from agentops_eval.domain import Json
from agentops_eval.evals.prompts._prompt import Prompt
from agentops_eval.evals.prompts._schema import ToolChange, compare_tools
from agentops_eval.evals.prompts._strict import canonical
from agentops_eval.evals.prompts._words import Piece, PieceKind, compare_words


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A named value on both sides. One side is missing where ``has_before`` or ``has_after`` says no."""

    name: str
    before: Json = None
    after: Json = None
    has_before: bool = True
    has_after: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptDiff:
    """What changed from ``before`` to ``after``. Everything is empty where their digests are equal.

    ``words`` are the pieces of both texts. ``tools_told`` says whether each side tells of tools at all:
    where only one does, the tools of the other are not known, and are not compared.
    """

    before: Prompt
    after: Prompt
    words: tuple[Piece, ...] = ()
    fields: tuple[FieldChange, ...] = ()
    variables: tuple[FieldChange, ...] = ()
    tools: tuple[ToolChange, ...] = ()

    @property
    def tools_told(self) -> tuple[bool, bool]:
        """Whether the heads tell of tools."""
        return self.before.tools is not None, self.after.tools is not None

    @property
    def equal(self) -> bool:
        """Whether nothing changed that an llm could see."""
        return self.before.digest == self.after.digest

    @property
    def removed_words(self) -> int:
        """How many words of the text are gone."""
        return sum(piece.words for piece in self.words if piece.kind is PieceKind.REMOVED)

    @property
    def added_words(self) -> int:
        """How many words of the text are new."""
        return sum(piece.words for piece in self.words if piece.kind is PieceKind.ADDED)

    @property
    def changed(self) -> tuple[str, ...]:
        """What changed besides the text, by name: ``llm``, ``temperature``, ``variables``, ``tools``."""
        tools = bool(self.tools) or self.tools_told[0] != self.tools_told[1]
        found = {"variables": bool(self.variables), "tools": tools}
        names = (change.name for change in self.fields)
        return (*names, *(name for name, changed in found.items() if changed))

    @property
    def breaking(self) -> tuple[ToolChange, ...]:
        """The changes of tools because of which a call that was right before may be refused."""
        return tuple(change for change in self.tools if change.breaking)


def diff_prompts(before: Prompt, after: Prompt, *, redact: Callable[[str], str] | None = None) -> PromptDiff:
    """Compare two versions; ``redact`` takes out of their texts what is not to be shown."""
    hide = redact or str
    both = before.tools is not None and after.tools is not None
    return PromptDiff(
        before=before,
        after=after,
        words=compare_words(hide(before.text), hide(after.text)),
        fields=tuple(_fields(_request(before), _request(after))),
        variables=tuple(_fields(before.variables, after.variables)),
        tools=compare_tools(before.tools or (), after.tools or ()) if both else (),
    )


def _request(prompt: Prompt) -> Mapping[str, Json]:
    """What goes with the text: the llm, and each parameter."""
    return {**({"llm": prompt.llm} if prompt.llm else {}), **prompt.parameters}


def _fields(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[FieldChange]:
    for name in dict.fromkeys((*before, *after)):
        had, has = name in before, name in after
        if had and has and canonical(before[name]) == canonical(after[name]):
            continue
        yield FieldChange(
            name=name, before=before.get(name), after=after.get(name), has_before=had, has_after=has
        )
