"""Which fields of a metric go together, as far as JSON Schema can say it."""

from __future__ import annotations

from agentops_eval.documents import Schema
from agentops_eval.gate._bounds import ALMOST_ALL, MANIFOLD, MANY_TIMES, RAREST
from agentops_eval.gate._gate import Direction, Kind, Metric, Role, RollbackNull

_PLAIN = Metric(name="plain")
_NOTHING: Schema = {"type": "null"}
_POINTS: Schema = {"exclusiveMinimum": -1, "exclusiveMaximum": 1}


def metric_rules() -> list[Schema]:
    """What holds of a metric beside what holds of each of its fields; for ``allOf``.

    A field that says what it is by default says nothing, and may stand anywhere: so does the reader see it.
    """
    return [*_by_kind(), *_margins(), *_by_role()]


def _by_kind() -> list[Schema]:
    """Which fields each kind has, and between which ends its margin lies."""
    no_range: Schema = {"range": {"const": [*_PLAIN.range]}}
    no_limit: Schema = {"limit": {"const": _PLAIN.limit}}
    ended: Schema = {"most": {"const": _PLAIN.most}, "quantile": _NOTHING}
    no_harm: Schema = {
        "direction": _NOTHING,
        "role": {"const": Role.GUARDRAIL.value},
        "rollback": {"const": RollbackNull.BASELINE.value},
    }
    # null is no margin, and a limit may do without: these ends are for numbers alone
    rate: Schema = {"minimum": RAREST, "exclusiveMaximum": 1}
    fields: dict[Kind, Schema] = {
        Kind.BINARY: {"margin": _POINTS, **no_range, **no_limit, **ended},
        Kind.BOUNDED: {**no_limit, **ended},
        Kind.UNBOUNDED: {"margin": {"maximum": MANIFOLD}, **no_range, **no_limit},
        Kind.COUNT: {"margin": {"maximum": MANIFOLD}, **no_range, **no_limit, "quantile": _NOTHING},
        Kind.LIMIT: {"margin": rate, **no_range, **no_harm, "quantile": _NOTHING},
    }
    return [_rule(_is("kind", kind), told) for kind, told in fields.items()]


def _margins() -> list[Schema]:
    """Which margins there may be beside the other fields."""
    relative: Schema = {"properties": {"kind": {"enum": [Kind.UNBOUNDED, Kind.COUNT]}}, "required": ["kind"]}
    grows: Schema = {"properties": {"direction": {"enum": [Direction.HIGHER, Direction.SAME]}}}
    grows["required"] = ["direction"]
    plain: Schema = {"not": {"required": ["range"]}, **_is("kind", Kind.BOUNDED)}
    return [
        {
            "if": _is("kind", Kind.LIMIT),
            "else": {"required": ["margin"], "properties": {"margin": {"type": "number"}}},
        },
        _rule(plain, {"margin": _POINTS}),
        {
            "if": {"allOf": [relative, grows]},
            "then": _properties({"margin": {"minimum": -MANY_TIMES, "maximum": ALMOST_ALL}}),
            "else": _rule(relative, {"margin": {"minimum": -ALMOST_ALL}}),
        },
        _rule(grows, {"quantile": _NOTHING}),
        _rule(_is("direction", Direction.SAME), {"margin": {"exclusiveMinimum": 0}}),
        _rule(_is("rollback", RollbackNull.MARGIN), {"margin": {"exclusiveMinimum": 0}}),
    ]


def _by_role() -> list[Schema]:
    """A guardrail's margin is a loss; a goal has no weight, and rolls nothing back."""
    goal: Schema = {"weight": {"const": _PLAIN.weight}, "rollback": {"const": RollbackNull.BASELINE.value}}
    return [
        _rule(_is("role", Role.GUARDRAIL), {"margin": {"minimum": 0}}),
        _rule(_is("role", Role.GOAL), goal),
    ]


def _is(field: str, value: Kind | Direction | Role | RollbackNull) -> Schema:
    """Whether a field has a value; one that is left out has that which it is by default."""
    condition: Schema = {"properties": {field: {"const": value.value}}}
    if getattr(_PLAIN, field) is not value:
        condition["required"] = [field]
    return condition


def _rule(condition: Schema, told: Schema) -> Schema:
    return {"if": condition, "then": _properties(told)}


def _properties(told: Schema) -> Schema:
    return {"properties": told}
