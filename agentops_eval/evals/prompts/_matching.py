"""Which versions of prompts and tools a trace is about: what its llm calls were told is recognised."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agentops_eval.domain import Attribute, Span, Trace
from agentops_eval.evals.prompts._book import Prompts
from agentops_eval.evals.prompts._digest import short
from agentops_eval.evals.prompts._prompt import Prompt, digest_of, normalised
from agentops_eval.evals.prompts._template import Template
from agentops_eval.evals.prompts._told import Told, differences, told_by
from agentops_eval.traces import PLACEHOLDER
from agentops_eval.traces import semconv as sc

TOOLS = "tools"
UNVERSIONED = "unversioned"

LEAST_GIVEN = 8
"""Characters that a text with variables has to give for it to be recognised by them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptIndex:
    """The prompts of a project, made ready for recognising them in many traces."""

    prompts: Prompts = field(default_factory=Prompts)
    exact: Mapping[str, tuple[Prompt, ...]] = field(default_factory=dict)
    templates: tuple[tuple[Template, Prompt], ...] = ()

    @classmethod
    def of(cls, prompts: Prompts, *, redact: Callable[[str], str] | None = None) -> PromptIndex:
        """Make it. ``redact`` is what recordings were redacted by: a placeholder may stand for any text."""
        exact: dict[str, tuple[Prompt, ...]] = {}
        templates: list[tuple[Template, Prompt]] = []
        for prompt in prompts.prompts:
            whole = Template.of(prompt.text)
            kept = whole if redact is None else _redacted(whole, redact)
            if not whole.names:
                text = whole.literals[0]
                exact[text] = (*exact.get(text, ()), prompt)
            if kept.names and kept.weight >= LEAST_GIVEN:
                templates.append((kept, prompt))
        templates.sort(key=lambda one: -one[0].weight)
        return cls(prompts=prompts, exact=exact, templates=tuple(templates))

    def candidates(self, text: str) -> tuple[Prompt, ...]:
        """The versions that this text may be: those with just this text, else the closest templates."""
        text = normalised(text)
        if found := self.exact.get(text):
            return found
        best: list[Prompt] = []
        weight = 0
        for template, prompt in self.templates:
            if best and template.weight < weight:
                break
            if template.fits(text):
                best.append(prompt)
                weight = template.weight
        return tuple(best)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptUse:
    """A prompt that an llm call used. ``prompts`` are several where nothing tells versions apart.

    ``differs`` names what the call did otherwise than the file says: ``llm``, ``tools``, a parameter.
    """

    prompts: tuple[Prompt, ...]
    differs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The prompt's name."""
        return self.prompts[0].name

    def __str__(self) -> str:
        versions = " or ".join(str(prompt.version) for prompt in self.prompts)
        digests = " or ".join(dict.fromkeys(short(prompt.digest) for prompt in self.prompts))
        other = f" (other {', '.join(self.differs)})" if self.differs else ""
        return f"{versions} {digests}{other}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallVersions:
    """What one llm call used. ``unversioned`` is the digest of instructions that are no known prompt's.

    It is that of a file with the same text and nothing else. ``tools`` is the digest of the tools that
    the llm was told of, empty where it was told of none.
    """

    uses: tuple[PromptUse, ...] = ()
    unversioned: str = ""
    tools: str = ""


def call_versions(span: Span, index: PromptIndex) -> CallVersions:
    """What an llm call used, as its span in the conventions' words tells it.

    Instructions are looked up whole and part by part; the first message of the user only counts where it
    is a known prompt.
    """
    told = told_by(span)
    found, unknown = _looked_up(told.instructions, index)
    if unknown and len(told.instructions) > 1:
        whole = (index.candidates(glue.join(told.instructions)) for glue in ("\n", "\n\n", ""))
        match = next(filter(None, whole), ())
        found, unknown = ([match], []) if match else (found, unknown)
    asked, _ = _looked_up(told.asked, index)
    uses = {(use.name, str(use)): use for candidates in (*found, *asked) for use in _uses(candidates, told)}
    return CallVersions(
        uses=tuple(uses.values()),
        unversioned=digest_of("\n".join(unknown)) if unknown else "",
        tools=told.tools_digest,
    )


def versions_of(trace: Trace, index: PromptIndex) -> Mapping[str, str]:
    """The versions that a trace is about, by name: ``{"desk": "1.4.0 sha256:4c1f..."}``.

    Several of one prompt are separated by commas, in the order of their first use. ``unversioned`` has the
    digests of instructions that are no known prompt's, ``tools`` those of the tools. A trace without llm
    calls gives nothing. Raises PromptEdited where it used a version that is not as it was approved.
    """
    found: dict[str, dict[str, None]] = {}
    for span in llm_spans(trace):
        versions = call_versions(span, index)
        for use in versions.uses:
            for prompt in use.prompts:
                index.prompts.refuse_edited(prompt)
            found.setdefault(use.name, {})[str(use)] = None
        for name, digest in ((UNVERSIONED, versions.unversioned), (TOOLS, versions.tools)):
            if digest:
                found.setdefault(name, {})[short(digest)] = None
    return {name: ", ".join(found[name]) for name in sorted(found)}


def annotate(trace: Trace, index: PromptIndex) -> Trace:
    """The same trace, whose llm calls say name, version and digest of their prompts, and the tools' digest.

    Where a call used several prompts, or versions cannot be told apart, commas separate them. Goldens
    leave these attributes out: a version number alone is no change of behaviour.
    """
    calls = {span.span_id: _attributes(call_versions(span, index)) for span in llm_spans(trace)}
    spans = tuple(
        replace(span, attributes={**span.attributes, **calls[span.span_id]})
        if calls.get(span.span_id)
        else span
        for span in trace
    )
    return replace(trace, spans=spans)


def llm_spans(trace: Trace) -> Iterator[Span]:
    """The spans that ask an llm for text."""
    return (span for span in trace if span.attributes.get(sc.OPERATION_NAME) in sc.LLM_OPERATIONS)


def _looked_up(texts: Iterable[str], index: PromptIndex) -> tuple[list[tuple[Prompt, ...]], list[str]]:
    found, unknown = list[tuple[Prompt, ...]](), list[str]()
    for text in texts:
        candidates = index.candidates(text)
        if candidates:
            found.append(candidates)
        else:
            unknown.append(text)
    return found, unknown


def _uses(candidates: Sequence[Prompt], told: Told) -> Iterator[PromptUse]:
    """Of versions with one text, those that fit the rest of the call best; one use for each prompt."""
    for name in dict.fromkeys(prompt.name for prompt in candidates):
        fits = [(differences(prompt, told), prompt) for prompt in candidates if prompt.name == name]
        best = min((len(one.differs), -one.agrees) for one, _ in fits)
        kept = [(one, prompt) for one, prompt in fits if (len(one.differs), -one.agrees) == best]
        yield PromptUse(prompts=tuple(prompt for _, prompt in kept), differs=kept[0][0].differs)


def _attributes(versions: CallVersions) -> Mapping[str, Attribute]:
    prompts = [prompt for use in versions.uses for prompt in use.prompts]
    digests = [prompt.digest for prompt in prompts] + ([versions.unversioned] if versions.unversioned else [])
    texts = {
        sc.AGENTOPS_PROMPT_NAME: ", ".join(dict.fromkeys(prompt.name for prompt in prompts)),
        sc.AGENTOPS_PROMPT_VERSION: ", ".join(str(prompt.version) for prompt in prompts),
        sc.AGENTOPS_PROMPT_DIGEST: ", ".join(dict.fromkeys(digests)),
        sc.AGENTOPS_TOOLS_DIGEST: versions.tools,
    }
    return {key: text for key, text in texts.items() if text}


def _redacted(template: Template, redact: Callable[[str], str]) -> Template:
    """The template as a recording shows it: what was a secret may be anything."""
    literals, names = list[str](), list[str]()
    for number, literal in enumerate(template.literals):
        kept, start = redact(literal), 0
        for hidden in PLACEHOLDER.finditer(kept):
            literals.append(kept[start : hidden.start()])
            names.append("")
            start = hidden.end()
        literals.append(kept[start:])
        names += [template.names[number]] if number < len(template.names) else []
    return Template(literals=tuple(literals), names=tuple(names))
