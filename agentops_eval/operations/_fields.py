"""The fields of a file of objectives. Errors, the JSON Schema and the reference page are made of these."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

Maybe: TypeAlias = UnsetType
Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
Window: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9]{1,4}(\.[0-9]{1,3})?[hdw]$")]
Share: TypeAlias = Annotated[float, Meta(gt=0, lt=1)]
Dollars: TypeAlias = Annotated[float, Meta(gt=0, le=1e9)]
Count: TypeAlias = Annotated[int, Meta(ge=1, le=10_000_000)]
ErrorNames: TypeAlias = Annotated[
    list[Literal["transient", "permanent", "infrastructure", "policy"]], Meta(min_length=1)
]
Seconds: TypeAlias = Annotated[float, Meta(gt=0, le=31_536_000)]
Role: TypeAlias = Annotated[str, Meta(pattern=r"^role:[a-z0-9][a-z0-9-]*$(?!\n)", max_length=200)]
FORMS = {
    r"^[0-9]{1,4}(\.[0-9]{1,3})?[hdw]$": "a number with its unit: 36h, 28d or 4w",
    r"^role:[a-z0-9][a-z0-9-]*$(?!\n)": "a role, never a person: role:on-call",
}


class ObjectiveFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """One promise."""

    name: Annotated[Text, Meta(description="What reports call it; no two are called the same.")]
    indicator: Annotated[
        Literal[
            "task-success", "degraded-share", "latency", "tool-reliability", "human-wait",
            "cost-per-success", "reviewer-agreement",
        ],
        Meta(description="What is measured."),
    ]  # fmt: skip
    target: Annotated[
        Share | Maybe,
        Meta(
            description="The least share of good events, above 0 and below 1; of agreement the least kappa."
        ),
    ] = UNSET
    at_most: Annotated[
        Share | Maybe, Meta(description="Of degraded-share: the largest share of runs that may be degraded.")
    ] = UNSET
    at_most_usd: Annotated[
        Dollars | Maybe, Meta(description="Of cost-per-success: the most US dollars for each success.")
    ] = UNSET
    below_s: Annotated[
        Seconds | Maybe, Meta(description="Of latency and human-wait: a step that takes longer is bad.")
    ] = UNSET
    step: Annotated[
        Literal["run", "agent", "llm", "tool", "human", "http", "step"] | Maybe,
        Meta(description="Of latency: which steps. `run` by default."),
    ] = UNSET
    tool: Annotated[
        Text | Maybe, Meta(description="Of tool-reliability: a glob over tools. All of them by default.")
    ] = UNSET
    errors: Annotated[
        ErrorNames | Maybe,
        Meta(description="Of tool-reliability: which errors count. `[transient, permanent]` by default."),
    ] = UNSET
    window: Annotated[
        Window | Maybe, Meta(description="Over how long: `36h`, `28d`, `4w`. That of the file by default.")
    ] = UNSET
    min_events: Annotated[
        Count | Maybe,
        Meta(
            description="So many events are needed before anything is said. By default so many that one of "
            "them is the error budget; 30 where there is none."
        ),
    ] = UNSET


Rates: TypeAlias = dict[Literal["assisted", "supervised", "full-auto"], Share]


class EscalationFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """Where a question about an action goes that nobody answers."""

    after_s: Annotated[Seconds, Meta(description="So long a person may take.")]
    to: Annotated[Role, Meta(description="The role that is asked then: `role:approvals-lead`.")]


class AutonomyFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """How much the agent may do alone, by class of actions, and when that changes."""

    tiers: Annotated[
        dict[Text, Literal["manual", "assisted", "supervised", "full-auto"]],
        Meta(description="In which tier each class of actions begins."),
    ]
    escalation: Annotated[
        dict[Text, EscalationFields] | Maybe,
        Meta(description="For each class of actions, how long a person may take, and who is asked then."),
    ] = UNSET
    up: Annotated[
        Rates | Maybe,
        Meta(
            description="The success rate that has to be shown before a tier is entered. By default 0.8, "
            "0.95 and 0.99."
        ),
    ] = UNSET
    keep: Annotated[
        Rates | Maybe,
        Meta(description="The success rate below which a tier is left. By default 0.7, 0.9 and 0.97."),
    ] = UNSET
    alpha: Annotated[
        Share | Maybe, Meta(description="The chance of a move that is not called for, for each stay: 0.05.")
    ] = UNSET
    least: Annotated[
        Count | Maybe, Meta(description="So many actions before a tier is left upwards: 30.")
    ] = UNSET


class ObjectivesFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A file of objectives."""

    objectives: Annotated[list[ObjectiveFields], Meta(min_length=1, description="The promises.")]
    autonomy: Annotated[AutonomyFields | Maybe, Meta(description="Tiers of autonomy.")] = UNSET
    agent: Annotated[Text | Maybe, Meta(description="Whose they are.")] = UNSET
    window: Annotated[Window | Maybe, Meta(description="Over how long, where they do not say: `30d`.")] = (
        UNSET
    )
