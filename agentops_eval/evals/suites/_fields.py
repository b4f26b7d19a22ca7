"""The fields of a scenario file. Errors, the JSON Schema and the reference page are made of these."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

# In Python alone, $ also fits before a line break at the end; the lookahead means the same everywhere.
_END = r"$(?!\n)"
_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.\-]*"
_DOTTED = r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*"
ID = f"^{_NAME}{_END}"
SUITE = f"^{_NAME}(/{_NAME})*{_END}"
TARGET = f"^{_DOTTED}:{_DOTTED}{_END}"
FORMS = {
    ID: "a name of letters from a to z, digits, _, . and - (no . or - first)",
    SUITE: "a path of names of letters from a to z, digits, _, . and - (orders/late)",
    TARGET: "module:callable",
}
"""Patterns in words."""

Scalar: TypeAlias = str | int | float | bool
MayBe: TypeAlias = UnsetType | None


class RuleFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """One scripted answer of a simulated user."""

    when: Annotated[str, Meta(description="A regular expression, searched for in what the agent said.")]
    say: Annotated[
        str, Meta(description="What the user says then; `{name}` stands for a hidden fact.", min_length=1)
    ]
    times: Annotated[
        Annotated[int, Meta(ge=0)] | UnsetType,
        Meta(description="The rule is used so often at most. By default 0, for always."),
    ] = UNSET


class UserFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """Who talks to the agent where the turns are not written down."""

    persona: Annotated[str | UnsetType, Meta(description="Who the user is, and how they talk.")] = UNSET
    goal: Annotated[str | UnsetType, Meta(description="What the user wants; the talk ends with it.")] = UNSET
    opening: Annotated[str | UnsetType, Meta(description="What the user says first.")] = UNSET
    hidden: Annotated[
        dict[str, Any] | UnsetType,
        Meta(
            description="Facts that are told only when asked for, by name: a value, or "
            "`{value: ..., asked: pattern}`."
        ),
    ] = UNSET
    rules: Annotated[
        list[RuleFields] | UnsetType,
        Meta(description="Scripted answers, the first that fits. Without any, an llm plays the user."),
    ] = UNSET
    llm: Annotated[str | UnsetType, Meta(description="The llm that plays the user.")] = UNSET
    stop: Annotated[
        str | UnsetType,
        Meta(description="A regular expression: the talk ends when the agent says something that it fits."),
    ] = UNSET
    max_turns: Annotated[
        Annotated[int, Meta(ge=1, le=100)] | UnsetType,
        Meta(description="After so many turns of the user the talk ends. By default 10."),
    ] = UNSET


class ApproverFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """How one kind of approval request is answered."""

    answer: Annotated[
        Literal["approve", "reject", "modify", "silent"], Meta(description="What the person does.")
    ]
    action: Annotated[
        str | UnsetType,
        Meta(description="A pattern of the action's name; * fits anything, and is the default."),
    ] = UNSET
    details: Annotated[Any, Meta(description="What a modified approval says instead.")] = UNSET
    after_s: Annotated[
        Annotated[float, Meta(ge=0)] | UnsetType,
        Meta(description="How many seconds the person takes. By default 0."),
    ] = UNSET


class SharedFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a scenario may say, and ``defaults`` for all of them. Null takes a default back."""

    agent: Annotated[
        Annotated[str, Meta(pattern=TARGET)] | MayBe,
        Meta(description="The agent that is asked, as `module:callable`. By default the suite's."),
    ] = UNSET
    input: Annotated[
        Any,
        Meta(
            description="What the user says: a text, a list of turns, or any other JSON value as the one "
            "turn."
        ),
    ] = UNSET
    user: Annotated[
        UserFields | MayBe, Meta(description="A simulated user, who talks to the agent instead of `input`.")
    ] = UNSET
    world: Annotated[
        Annotated[dict[str, Any], Meta(min_length=1, max_length=2)] | MayBe,
        Meta(
            description="What the agent works on: one kind (`sqlite`, `files` or your own `module:callable`) "
            "with its set-up. `as` names the agent's parameter for it, `world` by default."
        ),
    ] = UNSET
    expect: Annotated[
        dict[str, Any] | list[str | Annotated[dict[str, Any], Meta(min_length=1, max_length=1)]] | MayBe,
        Meta(
            description="What has to be so: evaluators with their arguments. A list of single ones where one "
            "is wanted twice."
        ),
    ] = UNSET
    state: Annotated[
        Any, Meta(description="What the world holds at the end: short for the evaluator `state` in `expect`.")
    ] = UNSET
    budget: Annotated[
        Any, Meta(description="What the run may spend: short for the evaluator `budget` in `expect`.")
    ] = UNSET
    approver: Annotated[
        Literal["approve", "reject", "silent"] | list[ApproverFields] | MayBe,
        Meta(description="Who answers approval requests: one word for all of them, or a script each."),
    ] = UNSET
    tags: Annotated[
        str | list[str | int] | MayBe,
        Meta(description="Words to choose and to compare scenarios by. Those of `defaults` come first."),
    ] = UNSET
    segments: Annotated[
        dict[str, Scalar] | MayBe,
        Meta(
            description="Where the case belongs (`language: de`), so that no segment's loss hides in a mean."
        ),
    ] = UNSET
    variables: Annotated[
        dict[str, Any] | MayBe, Meta(description="What stands for `{{name}}` in the texts of the scenario.")
    ] = UNSET
    parameters: Annotated[
        dict[str, Any] | MayBe,
        Meta(description="Keyword arguments of the agent, besides those of the matrix."),
    ] = UNSET
    repeat: Annotated[
        Annotated[int, Meta(ge=1, le=1000)] | MayBe,
        Meta(description="So many independent trials, all of which have to pass. By default 1."),
    ] = UNSET
    timeout_s: Annotated[
        Annotated[float, Meta(gt=0)] | MayBe,
        Meta(description="After so many seconds a trial is broken off."),
    ] = UNSET
    skip: Annotated[
        str | MayBe,
        Meta(description="Why the scenario is not run, for the time being. Never without a reason."),
    ] = UNSET


class ScenarioFields(SharedFields, forbid_unknown_fields=True, kw_only=True):
    """One task, and what has to be so afterwards."""

    id: Annotated[
        Annotated[str, Meta(pattern=ID, max_length=120)] | int | UnsetType,
        Meta(
            description="Names the scenario for ever: recordings and results are kept under it. Letters from "
            "a to z, digits, `_`, `.` and `-`. Without it, the title in small letters."
        ),
    ] = UNSET
    title: Annotated[
        Annotated[str, Meta(min_length=1)] | UnsetType,
        Meta(description="The scenario in a few words, for people."),
    ] = UNSET
    foreach: Annotated[
        list[dict[str, Any]] | str | UnsetType,
        Meta(
            description="Makes a scenario of every row, `id[row]`: rows of variables, or a CSV, JSON or "
            "JSONL file beside this one."
        ),
    ] = UNSET
    source: Annotated[
        str | UnsetType, Meta(description="Where the scenario comes from. Kept for people, used for nothing.")
    ] = UNSET


class MatrixFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """Candidates: every combination of the axes, and single ones by name."""

    axes: Annotated[
        dict[str, list[Scalar] | dict[str, Any]] | UnsetType,
        Meta(
            description="Parameters of the agent with the values to try (`llm: [small, large]`); a mapping "
            "names values that are no texts or numbers."
        ),
    ] = UNSET
    exclude: Annotated[
        list[dict[str, Scalar]] | UnsetType,
        Meta(description="Combinations that are left out, each as the values that have to come together."),
    ] = UNSET
    baseline: Annotated[
        dict[str, Any] | UnsetType,
        Meta(
            description="The combination that the recordings are of, and that candidates are compared with. "
            "By default the first value of each axis."
        ),
    ] = UNSET
    variants: Annotated[
        dict[str, dict[str, Any]] | UnsetType,
        Meta(description="Further candidates: a name, and the parameters of the agent."),
    ] = UNSET


class SuiteFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A scenario file."""

    scenarios: Annotated[
        list[ScenarioFields], Meta(min_length=1, description="The scenarios, in their order.")
    ]
    suite: Annotated[
        Annotated[str, Meta(pattern=SUITE, max_length=200)] | UnsetType,
        Meta(
            description="The suite's name. By default the file's path from the project's root, without "
            "suffix."
        ),
    ] = UNSET
    agent: Annotated[
        Annotated[str, Meta(pattern=TARGET)] | UnsetType,
        Meta(description="The agent that all scenarios ask, as `module:callable`."),
    ] = UNSET
    variables: Annotated[
        dict[str, Any] | UnsetType,
        Meta(description="What stands for `{{name}}` in the texts of all scenarios."),
    ] = UNSET
    defaults: Annotated[
        SharedFields | UnsetType,
        Meta(description="What holds for every scenario that does not say otherwise."),
    ] = UNSET
    matrix: Annotated[
        MatrixFields | UnsetType, Meta(description="Candidates to compare with the baseline.")
    ] = UNSET
