"""A version of a prompt: its text with variables, its parameters and tools, and its digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agentops_eval.domain import Json, PromptInvalid, nearest
from agentops_eval.evals.prompts._digest import sha256
from agentops_eval.evals.prompts._strict import canonical
from agentops_eval.evals.prompts._template import Template
from agentops_eval.evals.prompts._tools import ToolSchema, tools_json
from agentops_eval.evals.prompts._version import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One version of one prompt, as its file says it.

    ``text`` has LF between lines and no blank space around it. ``tools`` is None where the file says
    nothing of tools. ``variables`` are those of the text, in the order of their first use, each with its
    default, None where it has to be given. ``parameters`` are those of requests (``temperature``).
    ``line`` is the line of the file on which the text begins.
    """

    name: str
    version: Version
    text: str
    llm: str = ""
    parameters: Mapping[str, Json] = field(default_factory=dict)
    tools: tuple[ToolSchema, ...] | None = None
    variables: Mapping[str, str | None] = field(default_factory=dict)
    description: str = ""
    where: str = ""
    line: int = 1

    @property
    def digest(self) -> str:
        """SHA-256 of text, llm, parameters, tools and defaults: of all that an llm is sent because of it.

        Name, version, description, and how the file spells the rest, are not in it.
        """
        return digest_of(
            self.text,
            llm=self.llm,
            parameters=self.parameters,
            tools=self.tools,
            defaults={name: value for name, value in self.variables.items() if value is not None},
        )

    @property
    def title(self) -> str:
        """Name and version, such as ``desk 1.4.0``."""
        return f"{self.name} {self.version}"

    def fill(self, /, **values: str | float) -> str:
        """The text with its variables replaced by these values, and by the defaults of the others.

        Raises PromptInvalid for a variable that is missing or not known, with the nearest name, and for
        a value that is neither text nor a number.
        """
        for name, value in values.items():
            if name not in self.variables:
                what = f"{self.title} has no variable {name!r}"
                remedy = nearest(name, self.variables) or "its text has no variables"
                raise PromptInvalid(what, where=self.where, remedy=remedy)
            if isinstance(value, bool) or not isinstance(value, (str, int, float)):
                what = f"the variable {name!r} of {self.title} was given {type(value).__name__}, not text"
                raise PromptInvalid(
                    what, where=self.where, remedy="give it the text that the llm should read"
                )
        missing = [name for name, default in self.variables.items() if default is None and name not in values]
        if missing:
            what = f"{self.title} needs {', '.join(missing)}"
            remedy = f"fill({', '.join(f'{name}=...' for name in self.variables)})"
            raise PromptInvalid(what, where=self.where, remedy=remedy)
        defaults = {name: default for name, default in self.variables.items() if default is not None}
        return Template.of(self.text).filled({**defaults, **{name: str(one) for name, one in values.items()}})


def digest_of(
    text: str,
    *,
    llm: str = "",
    parameters: Mapping[str, Json] | None = None,
    tools: tuple[ToolSchema, ...] | None = None,
    defaults: Mapping[str, str] | None = None,
) -> str:
    """The digest of a prompt. What is empty is left out, so that a text alone has one digest everywhere."""
    parts: dict[str, Json] = {
        "text": normalised(text),
        "llm": llm,
        "parameters": dict(parameters or {}),
        "tools": None if tools is None else tools_json(tools),
        "defaults": dict(defaults or {}),
    }
    kept = {key: value for key, value in parts.items() if key == "text" or value not in ("", None, {})}
    return sha256(canonical(kept))


def normalised(text: str) -> str:
    """A text with LF between its lines and no blank space around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
