"""The fields of a degradation file. Errors, the JSON Schema and the reference page are made of these."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=1_000)]
Texts: TypeAlias = Text | list[Text]
Maybe: TypeAlias = UnsetType
Accepted: TypeAlias = Literal["full", "degraded-as-declared", "failed-safe"]
Weight: TypeAlias = Annotated[float, Meta(ge=0, le=1_000)]


class DegradationFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """One way in which the agent may get through faults."""

    dependency: Annotated[
        Text | Maybe,
        Meta(
            description="What fails: a glob over tools, agents, actions of approvals, hosts or `METHOD URL`; "
            "`llm` means every call of an llm. Everything by default."
        ),
    ] = UNSET
    faults: Annotated[
        Texts | Maybe, Meta(description="Kinds or classes of faults. All of them by default.")
    ] = UNSET
    accept: Annotated[
        Accepted | list[Accepted] | Maybe,
        Meta(description="The modes that are in order. `degraded-as-declared` by default."),
    ] = UNSET
    message: Annotated[
        Text | Maybe,
        Meta(
            description="A pattern that a degraded answer holds, whatever the case. Needed where "
            "`degraded-as-declared` is accepted: a degradation of which nobody is told is none."
        ),
    ] = UNSET
    effects: Annotated[
        Literal["none", "same", "prefix"] | list[Text] | Maybe,
        Meta(
            description="Which effects may stand: `none` (the default), the `same` as without the fault, a "
            "`prefix` of these in their order, or a list of tools, of which any may be and no other."
        ),
    ] = UNSET
    reach: Annotated[
        Texts | Maybe,
        Meta(description="Globs over tools that may be touched: within them the fault counts as contained."),
    ] = UNSET


class CompensationFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a compensation takes back."""

    tool: Annotated[Text, Meta(description="The tool whose effect is taken back.")]
    by: Annotated[
        Text | Maybe,
        Meta(
            description="The argument that both calls have in common. By default any value of the first "
            "call, or of its answer, that is an argument of the compensation."
        ),
    ] = UNSET


Count: TypeAlias = Annotated[int, Meta(ge=1, le=1_000_000)]
Amount: TypeAlias = Annotated[float, Meta(ge=0, le=1e9)]


class BreakerFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A circuit breaker around a dependency, as it is meant to work."""

    failures: Annotated[Count | Maybe, Meta(description="It opens after so many failures: 5.")] = UNSET
    window_s: Annotated[Amount | Maybe, Meta(description="Within so many seconds; by default in a row.")] = (
        UNSET
    )
    cooldown_s: Annotated[Amount | Maybe, Meta(description="How long it then lets nothing through: 30.")] = (
        UNSET
    )
    probes: Annotated[Count | Maybe, Meta(description="How many calls then try the dependency: 1.")] = UNSET


class FallbackFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """What stands in for what."""

    order: Annotated[
        list[Text],
        Meta(
            description="Dependencies in the order in which they are tried; the last may be "
            "what the agent keeps itself, such as `cached`.",
            min_length=2,
        ),
    ]
    says: Annotated[Text | Maybe, Meta(description="A pattern that the answer holds once one stands in.")] = (
        UNSET
    )


class BudgetFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """Where a run is cut off."""

    calls: Annotated[Count | Maybe, Meta(description="After so many calls.")] = UNSET
    cost_usd: Annotated[Amount | Maybe, Meta(description="After so many US dollars.")] = UNSET
    elapsed_s: Annotated[Amount | Maybe, Meta(description="After so many seconds.")] = UNSET


class SheddingFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is left out under load."""

    optional: Annotated[Texts, Meta(description="The dependencies that are left out.")]
    flag: Annotated[
        dict[Text, str] | Maybe, Meta(description="The environment variables that say so, with their values.")
    ] = UNSET


class ChecksFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """What conformance checks hold the agent against."""

    breakers: Annotated[
        dict[Text, BreakerFields] | Maybe, Meta(description="Circuit breakers, by glob over dependencies.")
    ] = UNSET
    fallbacks: Annotated[list[FallbackFields] | Maybe, Meta(description="Chains of fallbacks.")] = UNSET
    budget: Annotated[BudgetFields | Maybe, Meta(description="Where a run is cut off.")] = UNSET
    in_flight: Annotated[
        dict[Text, Count] | Maybe,
        Meta(description="How many calls of a dependency may be on their way at once."),
    ] = UNSET
    shedding: Annotated[SheddingFields | Maybe, Meta(description="What is left out under load.")] = UNSET


class ContractFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A degradation file."""

    agent: Annotated[Text | Maybe, Meta(description="What reports call the agent.")] = UNSET
    success: Annotated[
        Texts | Maybe,
        Meta(
            description="Patterns by which an answer says that the task was done. An answer that holds one "
            "is as good as the fault-free one where the effects are the same. By default common words, "
            "which count as a claim and no more."
        ),
    ] = UNSET
    failure: Annotated[
        Texts | Maybe,
        Meta(description="Patterns by which an answer says that it was not. By default common words."),
    ] = UNSET
    degradations: Annotated[
        list[DegradationFields] | Maybe, Meta(description="The declared ways to get through faults.")
    ] = UNSET
    writes: Annotated[
        Texts | Maybe,
        Meta(
            description="Tools that change the world and do not say so, as those of many MCP servers. A tool "
            "of which neither is said only reads."
        ),
    ] = UNSET
    idempotent: Annotated[
        Texts | Maybe,
        Meta(description="Tools whose repeats with the same key or arguments change nothing."),
    ] = UNSET
    not_idempotent: Annotated[
        Texts | Maybe,
        Meta(description="Tools that take an idempotency key and do not heed it: every repeat counts."),
    ] = UNSET
    harmless: Annotated[
        Texts | Maybe, Meta(description="Tools whose effects are not looked at, such as logs.")
    ] = UNSET
    volatile: Annotated[
        Texts | Maybe,
        Meta(description="Arguments that differ from run to run and are no part of what an effect is."),
    ] = UNSET
    compensates: Annotated[
        dict[Text, Text | CompensationFields] | Maybe,
        Meta(description="Which tool takes back the effects of which."),
    ] = UNSET
    approval: Annotated[
        Texts | dict[Text, Text] | Maybe,
        Meta(
            description="Tools that a person has to approve before; a mapping says under which action, where "
            "that is not the tool's name."
        ),
    ] = UNSET
    tenant: Annotated[
        Texts | Maybe,
        Meta(description="Arguments that say whose a call is. `tenant` and `tenant_id` by default."),
    ] = UNSET
    tenants: Annotated[
        dict[Text, Texts] | Maybe,
        Meta(description="Texts, letter by letter, that only this tenant's data holds."),
    ] = UNSET
    secrets: Annotated[
        Texts | Maybe,
        Meta(description="Patterns of what must not get into effects, hand-offs, questions and answers."),
    ] = UNSET
    invariants: Annotated[
        Texts | Maybe,
        Meta(
            description="`module:callable` that is given the run and returns False, or why, where something "
            "does not hold that must hold of every run."
        ),
    ] = UNSET
    checks: Annotated[
        ChecksFields | Maybe, Meta(description="What conformance checks hold the agent against.")
    ] = UNSET
    severity: Annotated[
        dict[Text, Weight] | Maybe,
        Meta(description="What a fault at a dependency weighs in the score, by glob."),
    ] = UNSET
    likelihood: Annotated[
        dict[Text, Weight] | Maybe,
        Meta(description="How likely a kind or class of faults is, relative to others, in the score."),
    ] = UNSET
